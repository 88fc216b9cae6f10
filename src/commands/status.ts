import type { Command } from 'commander';
import { certificateEnds } from '../config/certificate-ends.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Config } from '../config/schema.ts';
import { zonedDay } from '../core/zoned-day.ts';
import type { Totals } from '../index/index-types.ts';
import type { CertificationRow } from '../index/registers/register-types.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { expiryWarnings } from '../registers/expiry-warnings.ts';
import { auditState, auditText } from './audit-state.ts';
import type { AuditState } from './audit-state.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, EXIT } from './exit-codes.ts';
import { nodeState } from './node-state.ts';
import { existingStorage, hasDatabase, withReading } from './open-index.ts';
import { humanBytes } from './output.ts';

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
    const now = Date.now();
    const { state, holder, ready, health, freeBytes } = await nodeState(config);
    // A node that starts for the first time has the lock before it has a database.
    if (holder === undefined) existingStorage(config);
    const { totals, certifications, audit } = hasDatabase(config) ? await readKept(config, now) : NOTHING_KEPT;
    const warnings = [...warningsOf(config, certifications), ...(audit?.warning ? [audit.warning] : [])];
    out.record(
      {
        state,
        running: ready !== undefined,
        ...ready,
        health: health ?? null,
        totals,
        audit,
        freeBytes,
        storage: config.storage.root,
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
        storage: config.storage.root,
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
