import type { Command } from 'commander';
import type { QueueJob } from '../../index/egress/egress-types.ts';
import { JOB_STATES } from '../../index/egress/job-state-table.ts';
import type { JobState } from '../../index/egress/job-state-table.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { withReading } from '../open-index.ts';
import { humanBytes, humanTime } from '../output.ts';
import type { Column } from '../output.ts';
import { humanDuration, priorityName, studyUid, wholeNumber } from './queue-text.ts';

interface ListOptions {
  readonly state?: string;
  readonly destination?: string;
  readonly source?: string;
  readonly code?: string;
  readonly all?: boolean;
  readonly limit: string;
}

export function addQueueListCommands(queue: Command, environment: CliEnvironment): void {
  addCommand(queue, {
    usage: 'list',
    summary: 'studies on their way to the archive, the oldest first',
    examples: ['kuva queue list', 'kuva queue list --state HELD --json', 'kuva queue list --code ARCHIVE_A777'],
  })
    .option('--state <state>', `only those in this state, of ${JOB_STATES.join(', ')}`)
    .option('--destination <name>', 'only those for this destination')
    .option('--source <organisation>', 'only those of this organisation')
    .option('--code <code>', 'only those whose last code, or one of whose findings, is this')
    .option('--all', 'also those that are archived or withdrawn')
    .option('--limit <number>', 'so many at most', '100')
    .action(async (options: ListOptions, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const { destination, source, code } = options;
      const query = {
        limit: wholeNumber('--limit', options.limit, 1, 1_000_000),
        ...(options.state === undefined ? {} : { state: stateOf(options.state) }),
        ...(destination === undefined ? {} : { destination }),
        ...(source === undefined ? {} : { source }),
        ...(code === undefined ? {} : { code }),
        ended: options.all === true,
      };
      const { jobs, depths, unseen } = await withReading(config, async (index) => ({
        jobs: await index.read('queueList', query),
        depths: await index.read('queueDepths'),
        unseen: await index.read('queueUnseen'),
      }));
      out.list(jobs, columns(Date.now()), 'no study is on its way');
      if (out.json) return;
      const counts = depths.map(({ destination: name, state, jobs: count }) => `${name} ${state} ${count}`);
      if (counts.length > 0) out.say(counts.join(', '));
      if (unseen > 0) out.say(`${unseen} studies have been added to and wait for kuva egress to look at them`);
    });

  addCommand(queue, {
    usage: 'show <study>',
    summary: 'the way of one study: versions, findings, what they carry, every step',
    examples: ['kuva queue show 1.2.246.10.2.3', 'kuva queue show 1.2.246.10.2.3 --json'],
  }).action(async (study: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const uid = studyUid(study);
    const shown = await withReading(config, async (index) => {
      const jobs = await index.read('queueJobsOfStudy', uid);
      const findings = await Promise.all(jobs.map(({ id }) => index.read('queueFindings', id)));
      return {
        jobs: jobs.map((job, at) => ({ ...job, findings: findings[at] ?? [] })),
        instances: await index.read('queueInstanceCounts', uid),
        history: await index.read('queueHistory', uid),
      };
    });
    if (shown.jobs.length === 0)
      throw new CommandFailedError(`study ${uid} has no job; kuva studies show ${uid} tells whether it is here`);
    if (out.json) {
      out.record(shown, {});
      return;
    }
    out.list(shown.jobs, columns(Date.now()), '');
    const versions = new Map(shown.jobs.map(({ id, destination, version }) => [id, `${destination} ${version}`]));
    const version = { title: 'version', value: ({ jobId }: { jobId: number }) => versions.get(jobId) };
    const findings = shown.jobs.flatMap((job) => job.findings.map((finding) => ({ ...finding, jobId: job.id })));
    if (findings.length > 0) {
      out.raw('');
      out.list(
        findings,
        [
          version,
          { title: 'finding', value: ({ code }) => code },
          { title: 'severity', value: ({ severity }) => severity },
          { title: 'cause', value: ({ cause }) => cause },
          { title: 'remedy', value: ({ remedy }) => remedy },
        ],
        '',
      );
    }
    if (shown.instances.length > 0) {
      out.raw('');
      out.list(
        shown.instances,
        [
          version,
          { title: 'instances are', value: ({ state }) => state },
          { title: 'number', value: ({ instances }) => instances, align: 'right' },
          { title: 'size', value: ({ bytes }) => humanBytes(bytes), align: 'right' },
        ],
        '',
      );
    }
    out.raw('');
    out.list(
      shown.history,
      [
        { title: 'at', value: ({ at }) => humanTime(at) },
        version,
        { title: 'from', value: ({ from }) => from },
        { title: 'to', value: ({ to }) => to },
        { title: 'by', value: ({ actor }) => actor },
        { title: 'code', value: ({ code }) => code },
        { title: 'reason', value: ({ reason }) => reason },
      ],
      'nothing has happened to it yet',
    );
  });
}

function columns(now: number): Column<QueueJob>[] {
  return [
    { title: 'study', value: ({ studyInstanceUid }) => studyInstanceUid },
    { title: 'version', value: ({ version }) => version, align: 'right' },
    { title: 'destination', value: ({ destination }) => destination },
    { title: 'state', value: ({ state }) => state },
    { title: 'priority', value: ({ priority }) => priorityName(priority) },
    { title: 'source', value: ({ source }) => source },
    { title: 'instances', value: ({ instances }) => (instances === 0 ? null : instances), align: 'right' },
    { title: 'size', value: ({ bytes }) => (bytes === 0 ? null : humanBytes(bytes)), align: 'right' },
    { title: 'age', value: ({ createdAt }) => humanDuration(now - createdAt), align: 'right' },
    { title: 'attempts', value: ({ attempts }) => attempts, align: 'right' },
    { title: 'next', value: (job) => (job.state === 'RETRY_WAIT' ? humanTime(job.nextAttemptAt) : null) },
    { title: 'last', value: ({ lastCode, lastReason }) => `${lastCode} ${lastReason}`.trim() },
  ];
}

function stateOf(text: string): JobState {
  const state = JOB_STATES.find((known) => known === text.toUpperCase());
  if (state === undefined) throw new UsageError(`--state ${text}: write one of ${JOB_STATES.join(', ')}`);
  return state;
}
