import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { AccessLogName, LogHead, NewLogEntry } from '../index/access-log/access-log-types.ts';
import { encodeEntry } from './access-entry.ts';
import type { AccessEntry } from './access-entry.ts';
import { signHead } from './signed-head.ts';

export const LOGS: readonly AccessLogName[] = ['use', 'disclosure'];

/** Resolves when the entries are on the disk: what they tell of may leave then, and not before. */
export async function recordEntries(store: Pick<LogStore, 'append'>, entries: readonly AccessEntry[]): Promise<void> {
  const appends = LOGS.map((log) => ({ log, own: entries.filter((entry) => entry.log === log).map(encodeEntry) }));
  await Promise.all(appends.filter(({ own }) => own.length > 0).map(({ log, own }) => store.append(log, own)));
}

/** Port: the database. */
export interface LogStore {
  append(log: AccessLogName, entries: readonly NewLogEntry[]): Promise<number>;
  size(log: AccessLogName): Promise<number>;
  /** In hex. */
  root(log: AccessLogName, size: number): Promise<string>;
  /** Over the largest tree; undefined before the first. */
  lastHead(log: AccessLogName): Promise<LogHead | undefined>;
  putHead(head: LogHead): Promise<void>;
}

export interface AccessLogOptions {
  readonly store: LogStore;
  readonly key: KeyObject;
  /** Which node: what stands before the log's name in a head's origin. */
  readonly node: string;
  readonly now: () => number;
  /** Takes each new head off the machine. */
  readonly publish: (head: LogHead) => void;
}

/** Signs what use log and disclosure log of this node have grown to. */
export class AccessLog {
  readonly #o: AccessLogOptions;
  readonly #publicKey: KeyObject;

  constructor(options: AccessLogOptions) {
    this.#o = options;
    this.#publicKey = createPublicKey(options.key);
  }

  /** Signs what each log has grown to since its last head; empty when neither has. */
  async signHeads(): Promise<LogHead[]> {
    const signed: LogHead[] = [];
    for (const log of LOGS) {
      const size = await this.#o.store.size(log);
      const last = await this.#o.store.lastHead(log);
      if (size === 0 || size === last?.size) continue;
      const head = { origin: originOf(this.#o.node, log), size, root: await this.#o.store.root(log, size) };
      const signedAt = this.#o.now();
      const note = signHead({ ...head, signedAt }, this.#o.key, this.#publicKey);
      const row: LogHead = { log, size, root: head.root, signedAt, note };
      await this.#o.store.putHead(row);
      this.#o.publish(row);
      signed.push(row);
    }
    return signed;
  }
}

/** Name of a log in its heads. Spaces are not allowed there. */
export function originOf(node: string, log: AccessLogName): string {
  return `kuva/${node.replaceAll(/[\s+]/g, '_')}/${log}`;
}

/** Whether a head of that origin is of this log, whatever the node was called then. */
export function isOriginOf(origin: string, log: AccessLogName): boolean {
  return origin.startsWith('kuva/') && origin.endsWith(`/${log}`);
}
