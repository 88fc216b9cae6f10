import { createPublicKey } from 'node:crypto';
import type { Command } from 'commander';
import { decodeEntry } from '../access-log/access-entry.ts';
import { AccessLog, LOGS, originOf } from '../access-log/access-log.ts';
import { indexLogStore } from '../access-log/index-log-store.ts';
import { verifierKey } from '../access-log/signed-head.ts';
import { registeredId } from '../index/disclosure/registered-id.ts';
import { auditState } from './audit-state.ts';
import { addCommand, addGroup, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { dayOption, logNamed, sequence, signingKey } from './log-context.ts';
import { addLogProofCommands } from './log-proof.ts';
import { addLogReportCommands } from './log-report.ts';
import { noteLogUse } from './note-audit.ts';
import { withIndex, withReading } from './open-index.ts';
import { humanTime } from './output.ts';
import { humanDuration } from './queue/queue-text.ts';

interface ListOptions {
  readonly log?: string;
  readonly person?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
}

export function addLogCommands(program: Command, environment: CliEnvironment): void {
  const log = addGroup(
    program,
    'log',
    'use log (käyttöloki) and disclosure log (luovutusloki): who saw or got what, on what ground; nobody can change them unseen',
    ['kuva log list --person 010181-900C', 'kuva log verify'],
  );
  addListCommands(log, environment);
  addLogProofCommands(log, environment);
  addLogReportCommands(log, environment);
  addKeyCommands(log, environment);
  addAuditCommand(log, environment);
}

function addAuditCommand(log: Command, environment: CliEnvironment): void {
  addCommand(log, {
    usage: 'audit',
    summary:
      'DICOM audit messages that wait for the repository, and since when; exit code 1 when more wait than audit.warnMessages and audit.warnAge have it',
    examples: ['kuva log audit', 'kuva log audit --json'],
  }).action(async (_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const now = Date.now();
    const state = await withReading(config, (index) => auditState(index, config, now));
    out.record(state, {
      repository: state.repository ?? 'none: audit.repository is null',
      waiting: state.waiting,
      oldest:
        state.oldestAt === null ? null : `${humanTime(state.oldestAt)}, ${humanDuration(now - state.oldestAt)} ago`,
      'receptions not yet told': state.untold,
    });
    if (state.warning !== '') throw new CommandFailedError(state.warning);
  });
}

function addListCommands(log: Command, environment: CliEnvironment): void {
  addCommand(log, {
    usage: 'list',
    summary: 'entries, newest first',
    examples: ['kuva log list', 'kuva log list --log disclosure --from 2026-01-01 --json'],
  })
    .option('--log <name>', `one log only: ${LOGS.join(' or ')}`)
    .option('--person <id>', 'about one patient')
    .option('--from <day>', 'from this day on, UTC')
    .option('--to <day>', 'before this day, UTC')
    .option('--limit <number>', 'at most so many', '100')
    .action(async (options: ListOptions, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const limit = Number(options.limit);
      if (!Number.isInteger(limit) || limit < 1)
        throw new UsageError(`--limit ${options.limit}: write a whole number from 1`);
      const [from, to] = [dayOption('--from', options.from), dayOption('--to', options.to)];
      const query = {
        limit,
        ...(options.log === undefined ? {} : { log: logNamed(options.log) }),
        ...(options.person === undefined ? {} : { person: registeredId(options.person) }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      };
      const rows = await withIndex(config, async (index) => {
        await noteLogUse(index, config, query.log === undefined ? LOGS : [query.log]);
        return index.read('accessLogEntries', query);
      });
      out.list(
        rows.map(({ log: name, seq, at, record }) => ({
          seq,
          ...(record === null ? { log: name, at, pruned: true } : decodeEntry(name, record)),
        })),
        [
          { title: 'log', value: (row) => row.log },
          { title: 'entry', value: (row) => row.seq, align: 'right' },
          { title: 'time', value: (row) => humanTime(row.at) },
          { title: 'event', value: (row) => ('eventType' in row ? row.eventType : '(taken out)') },
          { title: 'person', value: (row) => ('person' in row ? row.person : '') },
          { title: 'by', value: (row) => ('application' in row ? `${row.organisation} ${row.user}`.trim() : '') },
          { title: 'item', value: (row) => ('itemId' in row ? row.itemId : '') },
          { title: 'outcome', value: (row) => ('outcome' in row ? row.outcome : '') },
          { title: 'basis', value: (row) => ('basis' in row ? row.basis : '') },
        ],
        'the logs have no such entry',
      );
    });

  addCommand(log, {
    usage: 'show <log> <entry>',
    summary: 'one entry with all its fields',
    examples: ['kuva log show disclosure 1041'],
  }).action(async (name: string, entry: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const [of, seq] = [logNamed(name), sequence(entry)];
    const row = await withIndex(config, async (index) => {
      await noteLogUse(index, config, [of]);
      return index.read('accessLogEntry', of, seq);
    });
    if (row === undefined) throw new CommandFailedError(`the ${of} log has no entry ${seq}; kuva log list shows them`);
    if (row.record === null)
      throw new CommandFailedError(`the record of entry ${seq} has been taken out after its time; its hash is kept`);
    const fields = decodeEntry(of, row.record);
    out.record({ seq, ...fields }, { ...fields, at: humanTime(fields.at) });
  });
}

function addKeyCommands(log: Command, environment: CliEnvironment): void {
  addCommand(log, {
    usage: 'head',
    summary: 'sign how far the logs have come and print it: keep it where nobody who can write here can reach it',
    examples: [
      'kuva log head > /mnt/elsewhere/log-heads-2026-11',
      'kuva log verify --head /mnt/elsewhere/log-heads-2026-11',
    ],
  }).action(async (_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const heads = await withIndex(config, async (index) => {
      const store = indexLogStore(index);
      const key = signingKey(config);
      const { aeTitle } = config.node;
      await new AccessLog({ store, key, node: aeTitle, now: Date.now, publish: () => undefined }).signHeads();
      return (await Promise.all(LOGS.map((name) => store.lastHead(name)))).filter((head) => head !== undefined);
    });
    if (heads.length === 0) throw new CommandFailedError('both logs are empty: there is nothing to sign');
    if (out.json) for (const head of heads) out.record(head, {});
    else out.raw(heads.map(({ note }) => note).join('\n'));
  });

  addCommand(log, {
    usage: 'key',
    summary: 'the public key that heads are checked with, in PEM; --json has it as verifiers of signed notes want it',
    examples: ['kuva log key > kuva-log-key.pem'],
  }).action((_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const key = createPublicKey(signingKey(config));
    const pem = key.export({ type: 'spki', format: 'pem' }).toString();
    const verifiers = LOGS.map((name) => verifierKey(originOf(config.node.aeTitle, name), key));
    if (out.json) out.record({ pem, verifiers }, {});
    else out.raw(pem);
  });
}
