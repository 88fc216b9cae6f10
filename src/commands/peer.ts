import type { Command } from 'commander';
import { statusCategory, statusName, statusText } from '../dimse/status-table.ts';
import { isUid } from '../dicom/uid-syntax.ts';
import { diagnosticEcho, diagnosticFind } from './diagnostic-scu.ts';
import { MOVE_CONTEXTS, requestMove } from '../transfer/request-move.ts';
import { sendFiles } from '../transfer/send-files.ts';
import { addCommand, addGroup, collect, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, EXIT, UsageError } from './exit-codes.ts';
import { parseFindKeys } from './find-keys.ts';
import { humanBytes } from './output.ts';
import { connectTo, peerTarget } from './peer-target.ts';
import type { PeerOptions } from './peer-target.ts';
import { startProgress } from './progress.ts';

interface FindOptions extends PeerOptions {
  readonly level: string;
  readonly key?: readonly string[];
}

interface MoveOptions extends PeerOptions {
  readonly to: string;
  readonly study: string;
  readonly series?: string;
}

const LEVELS = ['STUDY', 'SERIES', 'IMAGE'] as const;
const DEFAULT_KEYS = ['PatientID', 'PatientName', 'StudyDate', 'AccessionNumber', 'StudyInstanceUID'];

export function addPeerCommands(program: Command, environment: CliEnvironment): void {
  const peer = addGroup(
    program,
    'peer',
    'talk to another AE: echo and find through dcmjs-dimse, move and send through our own requestor',
    ['kuva peer echo PACS', 'kuva peer send PACS /data/studies'],
  );
  const add = (usage: string, summary: string, examples: readonly string[]): Command =>
    addCommand(peer, { usage, summary, examples })
      .option('--host <address>', 'address of an AE that is not in the register')
      .option('--port <number>', 'its port')
      .option('--tls', 'speak TLS with our certificate (dicom.tls); the register knows it for its AEs')
      .option('--calling <title>', 'calling AE title (default: node.aeTitle)');

  add('echo <aet>', 'C-ECHO: is the peer there, does it know us', [
    'kuva peer echo PACS',
    'kuva peer echo PACS --host 10.0.0.9 --port 104',
    'echoscu -aet KUVA -aec PACS 10.0.0.9 104        # the same with DCMTK',
  ]).action(async (aet: string, options: PeerOptions, command: Command) => {
    const context = contextOf(environment, command);
    const target = await peerTarget(context, aet, options);
    const { status, ms } = await diagnosticEcho(target);
    context.out.record(
      { aet, host: target.host, port: target.port, status: statusText(status), ms },
      { peer: `${aet} ${target.host}:${target.port}`, status: named(status), time: `${ms.toFixed(1)} ms` },
    );
    failUnlessGood(status);
  });

  add('find <aet>', 'C-FIND: what the peer has', [
    "kuva peer find PACS --key PatientName='VIRTANEN*' --key StudyDate=20260101-",
    'kuva peer find PACS --level SERIES --key StudyInstanceUID=1.2.3 --key SeriesInstanceUID --json',
    "findscu -S -aet KUVA -aec PACS 10.0.0.9 104 -k QueryRetrieveLevel=STUDY -k PatientName='VIRTANEN*'        # the same with DCMTK",
  ])
    .option('--level <level>', `${LEVELS.join(', ')}`, 'STUDY')
    .option(
      '--key <keyword[=value]>',
      'key to match, or to return when it has no value; may be repeated',
      collect,
      undefined,
    )
    .action(async (aet: string, options: FindOptions, command: Command) => {
      const context = contextOf(environment, command);
      const level = LEVELS.find((name) => name === options.level.toUpperCase());
      if (level === undefined) {
        throw new UsageError(`--level ${options.level}: write one of ${LEVELS.join(', ')}`);
      }
      const keys = parseFindKeys(options.key ?? DEFAULT_KEYS);
      const { status, matches } = await diagnosticFind(await peerTarget(context, aet, options), level, keys);
      const columns = Object.keys(keys).map((title) => ({
        title,
        value: (match: Readonly<Record<string, unknown>>) => shown(match[title]),
      }));
      context.out.list(matches, columns, 'no match');
      failUnlessGood(status);
    });

  add('move <aet>', 'C-MOVE: let the peer send a study or series to a third AE that it knows', [
    'kuva peer move PACS --to KUVA --study 1.2.3',
    'movescu -S -aet KUVA -aec PACS -aem KUVA 10.0.0.9 104 -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.3        # the same with DCMTK',
  ])
    .requiredOption('--to <aet>', 'move destination')
    .requiredOption('--study <uid>', 'Study Instance UID')
    .option('--series <uid>', 'Series Instance UID')
    .action(async (aet: string, options: MoveOptions, command: Command) => {
      for (const uid of [options.study, options.series]) {
        if (uid !== undefined && !isUid(uid)) throw new UsageError(`${uid} is not a UID`);
      }
      const context = contextOf(environment, command);
      const assoc = await connectTo(await peerTarget(context, aet, options), context.config, MOVE_CONTEXTS);
      const progress = startProgress(context.out, 'instances');
      const keys = { destination: options.to, studyUid: options.study, seriesUid: options.series };
      let last = { status: { code: -1 }, completed: 0, failed: 0, warning: 0 };
      try {
        for await (const {
          status,
          remaining = 0,
          completed = last.completed,
          failed = last.failed,
          warning = last.warning,
        } of requestMove(assoc, keys, assoc.signal)) {
          last = { status, completed, failed, warning };
          progress.update(completed + failed + warning, completed + failed + warning + remaining, '');
        }
        await assoc.release();
      } finally {
        progress.stop();
        if (assoc.isOpen) assoc.abort('C-MOVE ended early');
      }
      const { status, ...counts } = last;
      context.out.record(
        { aet, status: statusText(status.code), ...counts },
        { status: named(status.code), ...counts },
      );
      failUnlessGood(status.code);
    });

  add(
    'send <aet> <paths...>',
    'C-STORE: send files, folders or a DICOMDIR; stored bytes go out as they are where the peer takes them',
    [
      'kuva peer send PACS /data/studies',
      'storescu -aet KUVA -aec PACS 10.0.0.9 104 +sd +r /data/studies        # the same with DCMTK',
    ],
  ).action(async (aet: string, paths: readonly string[], options: PeerOptions, command: Command) => {
    const context = contextOf(environment, command);
    const target = await peerTarget(context, aet, options);
    const progress = startProgress(context.out, 'files');
    try {
      const counts = await sendFiles(
        paths,
        (contexts) => connectTo(target, context.config, contexts),
        (step) => {
          const done = step.counts.sent + step.counts.failed;
          progress.update(done, done, humanBytes(step.counts.bytes));
          if (step.reason !== undefined) context.out.say(`${step.file}: ${step.reason}`);
        },
      );
      context.out.record(
        { aet, ...counts },
        {
          sent: counts.sent,
          'with warnings': counts.warnings,
          failed: counts.failed,
          'not DICOM': counts.notDicom,
          bytes: humanBytes(counts.bytes),
        },
      );
      if (counts.failed > 0) throw new CommandFailedError(`${counts.failed} files were not sent`);
    } finally {
      progress.stop();
    }
  });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ');
  if (typeof value === 'object' && value !== null)
    return 'Alphabetic' in value ? String(value.Alphabetic) : JSON.stringify(value);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function named(status: number): string {
  return `${statusText(status)} ${statusName(status)}`;
}

function failUnlessGood(status: number): void {
  if (status < 0) throw new CommandFailedError('the peer gave no answer', EXIT.refused);
  if (!['success', 'warning'].includes(statusCategory(status)))
    throw new CommandFailedError(`the peer answered ${named(status)}`, EXIT.refused);
}
