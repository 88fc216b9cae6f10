import { readFileSync, statfsSync } from 'node:fs';
import type { Command } from 'commander';
import { certificateEnds } from '../config/certificate-ends.ts';
import { ConfigError } from '../config/config-error.ts';
import { lockHolder } from '../config/storage-lock.ts';
import { storagePaths } from '../config/storage-paths.ts';
import type { Config } from '../config/schema.ts';
import { zonedDay } from '../core/zoned-day.ts';
import type { Totals } from '../index/index-types.ts';
import type { CertificationRow } from '../index/registers/register-types.ts';
import type { HealthReport } from '../observability/health.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { expiryWarnings } from '../registers/expiry-warnings.ts';
import { auditState, auditText } from './audit-state.ts';
import type { AuditState } from './audit-state.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, EXIT } from './exit-codes.ts';
import { existingStorage, hasDatabase, withReading } from './open-index.ts';
import { humanBytes } from './output.ts';

interface Readiness {
  readonly pid: number;
  readonly dicomPort: number;
  readonly httpPort: number | null;
}

export function addStatusCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'status',
    summary:
      'whether the node runs and is well, and what it holds; exit code 0 well, 1 not well or no archive, 3 not running',
    examples: [
      'kuva status',
      'kuva status --json',
      'echoscu -aec KUVA 127.0.0.1 11112        # from the side of a peer',
    ],
  }).action(async (_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const [paths, now] = [storagePaths(config), Date.now()];
    const holder = lockHolder(paths.lock);
    // A node that starts for the first time has the lock before it has a database.
    if (holder === undefined) existingStorage(config);
    const ready = holder?.purpose === 'node' ? readReadiness(paths.ready, holder.pid) : undefined;
    const health = ready === undefined || ready.httpPort === null ? undefined : await askHealth(config, ready.httpPort);
    const { totals, certifications, audit } = hasDatabase(config) ? await readKept(config, now) : NOTHING_KEPT;
    const warnings = [...warningsOf(config, certifications), ...(audit?.warning ? [audit.warning] : [])];
    const freeBytes = freeBytesOf(paths.root);
    const state = stateOf(holder, ready !== undefined, health);
    out.record(
      {
        state,
        running: ready !== undefined,
        ...ready,
        health: health ?? null,
        totals,
        audit,
        freeBytes,
        storage: paths.root,
        warnings,
      },
      {
        state,
        'AE title': config.node.aeTitle,
        DICOM: ready === undefined ? null : `${config.dicom.host}:${ready.dicomPort}`,
        HTTP:
          ready === undefined || ready.httpPort === null
            ? null
            : `http://${config.http.host}:${ready.httpPort}/healthz`,
        process: holder === undefined ? null : holder.pid,
        ...Object.fromEntries(
          Object.entries(health?.checks ?? {}).map(([name, check]) => [
            `check ${name}`,
            `${check.ok ? 'ok' : 'NOT OK'}: ${check.detail}`,
          ]),
        ),
        storage: paths.root,
        free: humanBytes(freeBytes),
        kept:
          totals === null
            ? null
            : `${totals.studies} studies, ${totals.instances} instances, ${humanBytes(totals.bytes)}`,
        conflicts: totals?.conflicts,
        'audit messages': audit === null ? null : auditText(audit, now),
      },
    );
    for (const warning of warnings) out.say(`warning: ${warning}`);
    if (ready === undefined) throw new CommandFailedError(`the node is ${state}`, EXIT.unreachable);
    if (health?.ok === false) throw new CommandFailedError('the node runs and is not well');
  });
}

interface Kept {
  readonly totals: Totals | null;
  readonly certifications: readonly CertificationRow[];
  readonly audit: AuditState | null;
}

const NOTHING_KEPT: Kept = { totals: null, certifications: [], audit: null };

function readKept(config: Config, now: number): Promise<Kept> {
  return withReading(config, async (index) => ({
    totals: await index.read('totals'),
    certifications: await index.read('certificationList'),
    audit: await auditState(index, config, now),
  }));
}

function stateOf(holder: ReturnType<typeof lockHolder>, isReady: boolean, health: HealthReport | undefined): string {
  if (holder === undefined) return 'not running';
  if (holder.purpose !== 'node') return `in use by kuva ${holder.purpose}`;
  if (!isReady) return 'starting or stopping';
  if (health === undefined) return 'running, health not known';
  return health.ok ? 'running' : 'running, not well';
}

/** What ends soon: certifications, versions of the specification and the node's own certificate. */
function warningsOf(config: Config, certifications: readonly CertificationRow[]): string[] {
  try {
    const profile = loadProfile(config.profile);
    const day = zonedDay(profile.egress.timeZone, Date.now());
    return expiryWarnings(profile, certifications, certificateEnds(config), day).map(({ text }) => text);
  } catch (error) {
    // The state of the node is worth knowing also while its profile is being edited.
    if (error instanceof ConfigError) return [...error.problems];
    throw error;
  }
}

function readReadiness(path: string, pid: number): Readiness | undefined {
  try {
    const ready = JSON.parse(readFileSync(path, 'utf8')) as Readiness;
    return ready.pid === pid ? ready : undefined;
  } catch {
    return undefined;
  }
}

/** 503 carries a report, too. */
async function askHealth(config: Config, port: number): Promise<HealthReport | undefined> {
  const host = ['0.0.0.0', '::'].includes(config.http.host) ? '127.0.0.1' : config.http.host;
  try {
    const response = await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${port}/healthz`, {
      signal: AbortSignal.timeout(5000),
    });
    return (await response.json()) as HealthReport;
  } catch {
    return undefined;
  }
}

function freeBytesOf(root: string): number {
  try {
    const { bavail, bsize } = statfsSync(root);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
