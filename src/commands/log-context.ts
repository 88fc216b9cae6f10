import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { LOGS } from '../access-log/access-log.ts';
import { openLogKey, readPublicKey } from '../access-log/log-key.ts';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import type { AccessLogName } from '../index/access-log/access-log-types.ts';
import { UsageError } from './exit-codes.ts';

/** The key that signs the logs of this node; made at its first use. */
export function signingKey(config: Config): KeyObject {
  return openLogKey(config.accessLog.signingKey ?? storagePaths(config).logKey);
}

/** The key that heads are checked with: the one given, or that of this node. */
export function publicKeyOf(config: Config, file: string | undefined): KeyObject {
  return file === undefined ? createPublicKey(signingKey(config)) : readPublicKey(file);
}

/** The log that an option names. @throws UsageError */
export function logNamed(text: string): AccessLogName {
  const log = LOGS.find((name) => name === text);
  if (log === undefined) throw new UsageError(`log ${text}: write one of ${LOGS.join(', ')}`);
  return log;
}

/** Number of an entry. @throws UsageError */
export function sequence(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`entry ${text}: write its number, as kuva log list shows it`);
  return Number(text);
}

/** A day as 2026-01-31, at its first moment in UTC. @throws UsageError */
export function dayOption(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms)) throw new UsageError(`${option} ${text}: write a day as 2026-01-31`);
  return ms;
}
