import type { Command } from 'commander';
import { localUser } from '../audit/audit-actors.ts';
import type { AuditMessage } from '../audit/audit-message.ts';
import { studyDeleted } from '../audit/events/transfer-events.ts';
import { StudyTally } from '../audit/study-tally.ts';
import { claimForEviction } from '../config/storage-claim.ts';
import { duration } from '../config/fields.ts';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { isUid } from '../dicom/uid-syntax.ts';
import { Archives } from '../egress/archive/archives.ts';
import { Evictor } from '../egress/evict/evictor.ts';
import type { EvictionOutcome, FreedStudy } from '../egress/evict/evictor.ts';
import type { EvictionFacts } from '../index/eviction/eviction-types.ts';
import type { IndexService } from '../index/index-service.ts';
import { createPeerConnector } from '../services/peer-connector.ts';
import { tlsMaterial } from './peer-target.ts';
import { evictedObjects } from '../transfer/evicted-objects.ts';
import { StoredObjects } from '../transfer/stored-objects.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { spooledMessages } from './note-audit.ts';
import { existingStorage, withIndex } from './open-index.ts';
import { humanBytes } from './output.ts';
import { stopSignal } from './stop-signal.ts';

interface EvictOptions {
  readonly yes?: boolean;
  readonly study?: string;
  readonly olderThan?: string;
  readonly limit?: string;
}

export function addEvictCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'evict',
    summary:
      'free the files of studies that the archive has: ARCHIVED, every object committed, old enough, and every object shown by the archive now; without --yes it only says what would go and why the others stay',
    examples: [
      'kuva evict',
      'kuva evict --older-than 180d --yes',
      'kuva evict --study 1.2.840.113619.2.1 --json',
      'findscu -S -aec ARCHIVE archive.example.org 2762 -k QueryRetrieveLevel=IMAGE -k StudyInstanceUID=… -k SOPInstanceUID        # what it asks the archive',
    ],
  })
    .option('--yes', 'do it')
    .option('--study <uid>', 'one study only')
    .option('--older-than <duration>', 'in place of egress.evictAfter')
    .option('--limit <number>', 'stop after so many studies that may go')
    .action(async (options: EvictOptions, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const act = options.yes === true;
      const minimumAge = ageOf(options, config);
      const limit = limitOf(options);
      using stop = stopSignal((line) => out.say(line));
      const interrupted = new AbortController();
      void stop.asked.then(() => interrupted.abort(new CommandFailedError('interrupted before the end')));
      const outcomes: EvictionOutcome[] = [];
      // Two at once, or one beside a recall by hand, would remove what the other has just brought back.
      using _claim = act ? claimForEviction(existingStorage(config)) : null;
      await withIndex(config, async (index) => {
        await using evictor = new Evictor({
          index,
          objects: evictedObjects(new StoredObjects(storagePaths(config))),
          archives: new Archives(config, archiveConnector(config)),
          audited: async (study) => {
            const patientId = (await index.showStudy(study.studyInstanceUid))?.patientId ?? '';
            return spooledMessages(config, freed(study, patientId, Date.now()));
          },
        });
        const left = act ? await evictor.finish() : 0;
        if (left > 0) out.say(`${left} files that an interrupted run had left are gone now`);
        const policy = {
          now: Date.now(),
          minimumAge,
          destinations: config.egress.destinations.map(({ name }) => name),
        };
        let went = 0;
        for await (const facts of studies(index, options.study)) {
          const outcome = await evictor.evict(facts, policy, act, interrupted.signal);
          outcomes.push(outcome);
          if (outcome.result === 'evicted' || outcome.result === 'would-go') went += 1;
          if (went >= limit) break;
        }
      });
      out.list(
        outcomes,
        [
          { title: 'study', value: (row) => row.studyInstanceUid },
          { title: 'accession', value: (row) => row.accessionNumber },
          { title: 'date', value: (row) => row.studyDate },
          { title: 'objects', value: (row) => row.instances, align: 'right' },
          { title: 'size', value: (row) => humanBytes(row.bytes), align: 'right' },
          { title: 'result', value: (row) => RESULTS[row.result] },
          { title: 'why', value: (row) => row.reasons.map(({ text }) => text).join('; ') },
        ],
        'there are no studies',
      );
      out.say(summary(outcomes, act));
      if (options.study !== undefined && outcomes[0]?.result === 'stays')
        throw new CommandFailedError(`study ${options.study} stays`);
    });
}

/** Deleted here, and only here. */
function freed({ studyInstanceUid, destination, instances }: FreedStudy, patientId: string, at: number): AuditMessage {
  const tally = new StudyTally();
  for (const { sopClassUid } of instances) tally.add({ studyInstanceUid, patientId, sopClassUid });
  const study = tally.studies()[0] ?? { studyInstanceUid, patientId, sopClasses: [] };
  const why = `${instances.length} objects freed: ${destination} has them, and they can be recalled`;
  return studyDeleted({ at, by: localUser(), study, why });
}

const RESULTS: Readonly<Record<EvictionOutcome['result'], string>> = {
  evicted: 'freed',
  'would-go': 'may go',
  gone: 'in the archive alone',
  stays: 'stays',
};

function summary(outcomes: readonly EvictionOutcome[], act: boolean): string {
  const of = (result: EvictionOutcome['result']) => outcomes.filter((outcome) => outcome.result === result);
  const moved = of(act ? 'evicted' : 'would-go');
  const size = humanBytes(moved.reduce((sum, { bytes }) => sum + bytes, 0));
  const rest = `${of('stays').length} stay, ${of('gone').length} went before`;
  return act
    ? `${moved.length} studies freed, ${size}; ${rest}`
    : `${moved.length} studies may go, ${size}; ${rest}; nothing was done: kuva evict --yes does it`;
}

async function* studies(index: IndexService, studyUid: string | undefined): AsyncGenerator<EvictionFacts> {
  if (studyUid !== undefined) {
    const facts = await index.read('evictionFacts', studyUid);
    if (facts === undefined) throw new CommandFailedError(`there is no study ${studyUid}`);
    yield facts;
    return;
  }
  for (let after = 0; ;) {
    const page = await index.read('evictionPage', after, PAGE);
    yield* page;
    after = page.at(-1)?.row ?? 0;
    if (page.length < PAGE) return;
  }
}

const PAGE = 200;

/** Calls archives as the node would. */
export function archiveConnector(config: Config) {
  return createPeerConnector({
    maxPduLength: config.dicom.maxPduLength,
    timeouts: config.dicom.timeouts,
    tls:
      config.dicom.tls === null ? undefined : { ...tlsMaterial(config), requestCert: true, rejectUnauthorized: true },
    events: {},
  });
}

function ageOf({ study, olderThan }: EvictOptions, config: Config): number {
  if (study !== undefined && !isUid(study)) throw new UsageError(`--study ${study}: is not a UID`);
  if (config.egress.destinations.length === 0)
    throw new UsageError('egress.destination is not set: without an archive nothing can be given up');
  if (olderThan === undefined) return config.egress.evictAfter;
  const parsed = duration(0, 3650 * 86_400_000).safeParse(olderThan);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `--older-than ${olderThan}: ${parsed.error.issues[0]?.message ?? 'write a duration such as 90d'}`,
  );
}

function limitOf({ limit }: EvictOptions): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,8}$/.test(limit)) throw new UsageError(`--limit ${limit}: write a whole number from 1`);
  return Number(limit);
}
