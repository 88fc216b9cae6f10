import type { Command } from 'commander';
import type { Config } from '../../config/schema.ts';
import { errorCode } from '../../core/errors.ts';
import type { JobMove, QueueJob } from '../../index/egress/egress-types.ts';
import type { JobState } from '../../index/egress/job-state-table.ts';
import type { IndexService } from '../../index/index-service.ts';
import { SUBJECT } from '../../readiness/finding.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { withIndex } from '../open-index.ts';
import type { Output } from '../output.ts';
import { actorOf, priorityName, priorityOf, studyUid } from './queue-text.ts';

/** What became of one job. */
interface Changed {
  readonly study: string;
  readonly version: number;
  readonly destination: string;
  readonly from: JobState;
  readonly to: JobState;
}

interface Selection {
  readonly reason: string;
  readonly code?: string;
  readonly all?: boolean;
}

/** More than any queue has: everything of one kind. */
const EVERY = 10_000_000;
const AT_ONCE = 500;

export function addQueueChangeCommands(queue: Command, environment: CliEnvironment): void {
  addCommand(queue, {
    usage: 'hold <study>',
    summary: 'keep a study back until it is released, whatever happens',
    examples: ['kuva queue hold 1.2.246.10.2.3 --reason "the ward asked for it"'],
  })
    .requiredOption('--reason <text>', 'why; kept in its history')
    .action(async (study: string, { reason }: { reason: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const jobs = (index: IndexService) => jobsOf(index, study);
      const step = { to: 'HELD', code: 'OPERATOR_HOLD', reason, actor: actorOf(environment) } as const;
      tell(out, await change(config, jobs, () => step), study, 'can be held');
    });

  addCommand(queue, {
    usage: 'release [study]',
    summary: 'look at a held study again; it goes on when nothing is against it any more',
    examples: [
      'kuva queue release 1.2.246.10.2.3',
      'kuva queue release --code ARCHIVE_A777 --reason "corrected in the archive"',
      'kuva queue release --all',
    ],
  })
    .option('--code <code>', 'every study that is held with this code')
    .option('--all', 'every held study')
    .option('--reason <text>', 'why; kept in its history', 'released by an operator')
    .action(async (study: string | undefined, options: Selection, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const jobs = select(study, options, ['HELD']);
      const step = { to: 'COMPLETE', code: 'RELEASED', reason: options.reason, actor: actorOf(environment) } as const;
      tell(out, await change(config, jobs, () => step), study, 'is held');
    });

  addCommand(queue, {
    usage: 'confirm [study]',
    summary:
      'say that a study which a reindex found, and the database did not know (REBUILT_INDEX), is our own and may be forwarded, or that an archive has nothing of it under another patient any more (IDENTITY_CORRECTED); copies of the archive must not be confirmed',
    examples: ['kuva queue confirm 1.2.246.10.2.3', 'kuva queue confirm --all'],
  })
    .option('--all', 'every study that a reindex found')
    .action(async (study: string | undefined, { all }: { all?: boolean }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      if ((all === true) === (study !== undefined)) throw new UsageError('name a study, or say --all');
      const uid = study === undefined ? null : studyUid(study);
      const confirmed = await withIndex(config, async (index) => {
        const waited = await index.write('rebuiltConfirm', uid);
        const subjects = [uid === null ? '*' : SUBJECT.study(uid)];
        if (waited > 0) await index.write('queueReevaluate', subjects, Date.now(), actorOf(environment));
        return waited;
      });
      if (confirmed === 0 && uid !== null) throw new CommandFailedError(`study ${uid} waits for no such word`);
      out.record({ confirmed }, { 'studies that are our own': confirmed });
    });

  addCommand(queue, {
    usage: 'retry [study]',
    summary: 'send again at once what has failed for good, or waits after a failure',
    examples: ['kuva queue retry 1.2.246.10.2.3', 'kuva queue retry --all --reason "the archive is repaired"'],
  })
    .option('--code <code>', 'every study that failed or waits with this code')
    .option('--all', 'every study that has failed or waits')
    .option('--reason <text>', 'why; kept in its history', 'asked for by an operator')
    .action(async (study: string | undefined, options: Selection, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const jobs = select(study, options, ['FAILED', 'RETRY_WAIT']);
      const step = { code: 'RETRY', reason: options.reason, actor: actorOf(environment) };
      const changed = await change(config, jobs, (job) => ({
        ...step,
        // A dead letter is judged again: what let it pass may have ended since.
        to: job.state === 'RETRY_WAIT' ? (job.resumeState ?? 'QUEUED') : 'COMPLETE',
      }));
      tell(out, changed, study, 'has failed or waits');
    });

  addCommand(queue, {
    usage: 'flush',
    summary:
      'make every study that waits after a failure due at once, and ask an archive that was in trouble whether it is back',
    examples: ['kuva queue flush', 'kuva queue flush --destination national'],
  })
    .option('--destination <name>', 'only those for this destination')
    .action(async ({ destination }: { destination?: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const due = await withIndex(config, (index) => index.write('queueFlush', destination ?? null, Date.now()));
      out.record({ due }, { 'studies that are due now': due });
    });

  addCommand(queue, {
    usage: 'prioritise <study> <priority>',
    summary: 'let a study go before others (emergency), in its turn (routine), or after everything else (migration)',
    examples: ['kuva queue prioritise 1.2.246.10.2.3 emergency'],
  }).action(async (study: string, text: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const [uid, priority] = [studyUid(study), priorityOf(text)];
    const jobs = await withIndex(config, (index) => index.write('queuePrioritise', uid, priority));
    if (jobs === 0) throw new CommandFailedError(`study ${uid} is not on its way: kuva queue show ${uid}`);
    out.record({ study: uid, priority: priorityName(priority) }, { study: uid, priority: priorityName(priority) });
  });
}

type Jobs = (index: IndexService) => Promise<readonly QueueJob[]>;

async function jobsOf(index: IndexService, study: string): Promise<QueueJob[]> {
  const uid = studyUid(study);
  const jobs = await index.read('queueJobsOfStudy', uid);
  if (jobs.length === 0) throw new CommandFailedError(`study ${uid} has no job; kuva queue list shows those that have`);
  return jobs;
}

/** One study, or all in some states. @throws UsageError when neither or both are asked for */
function select(study: string | undefined, { code, all }: Selection, states: readonly JobState[]): Jobs {
  const several = code !== undefined || all === true;
  if (several === (study !== undefined)) throw new UsageError('name a study, or say --code CODE or --all');
  return async (index) => {
    const ofStudy = study === undefined ? undefined : await jobsOf(index, study);
    if (ofStudy !== undefined) return ofStudy.filter(({ state }) => states.includes(state));
    const query = { limit: EVERY, ...(code === undefined ? {} : { code }) };
    const lists = await Promise.all(states.map((state) => index.read('queueList', { ...query, state })));
    return lists.flat();
  };
}

/** Moves the jobs that can be moved so; the others were elsewhere already. */
async function change(
  config: Config,
  jobs: Jobs,
  step: (job: QueueJob) => Pick<JobMove, 'to' | 'code' | 'reason' | 'actor'>,
): Promise<{ changed: Changed[]; left: readonly QueueJob[] }> {
  return withIndex(config, async (index) => {
    const changed: Changed[] = [];
    const left: QueueJob[] = [];
    const found = await jobs(index);
    for (let at = 0; at < found.length; at += AT_ONCE) {
      await Promise.all(
        found.slice(at, at + AT_ONCE).map(async (job) => {
          try {
            const { state: to } = await index.write('queueMove', {
              ...step(job),
              jobId: job.id,
              from: job.state,
              at: Date.now(),
            });
            const { studyInstanceUid: study, version, destination, state: from } = job;
            changed.push({ study, version, destination, from, to });
          } catch (error) {
            if (errorCode(error) !== 'QUEUE_MOVE_REFUSED') throw error;
            left.push(job);
          }
        }),
      );
    }
    return { changed, left };
  });
}

function tell(
  out: Output,
  { changed, left }: Awaited<ReturnType<typeof change>>,
  study: string | undefined,
  what: string,
): void {
  if (changed.length === 0 && study !== undefined) {
    const states = left.map(({ destination, version, state }) => `${destination} ${version} is ${state}`);
    const now = states.length === 0 ? '' : ` (${states.join(', ')})`;
    throw new CommandFailedError(`nothing of study ${study} ${what}${now}; kuva queue show ${study} tells more`);
  }
  out.list(
    changed,
    [
      { title: 'study', value: (job) => job.study },
      { title: 'version', value: (job) => job.version, align: 'right' },
      { title: 'destination', value: (job) => job.destination },
      { title: 'was', value: (job) => job.from },
      { title: 'is', value: (job) => job.to },
    ],
    `no study ${what}`,
  );
}
