import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorCode } from '../../core/errors.ts';
import type { EgressFinding } from '../../index/egress/egress-types.ts';
import { mayMove } from '../../index/egress/job-state-table.ts';
import type { JobState } from '../../index/egress/job-state-table.ts';
import { openQueuedIndex } from '../../index/test-support/queue-fixture.ts';
import { silentLoggers } from '../../observability/loggers.ts';
import { ScriptedRunner } from '../test-support/scripted-runner.ts';
import type { Outcome } from '../test-support/scripted-runner.ts';
import { Dispatcher } from './dispatcher.ts';
import { JobStore } from './job-store.ts';
import { QueueIntake } from './queue-intake.ts';

const HOUR = 3_600_000;
const DESTINATION = 'national';

function openModel() {
  const queue = openQueuedIndex();
  const store = new JobStore(queue.index, queue.now);
  const runner = new ScriptedRunner(store, queue.now);
  const common = { index: queue.index, log: silentLoggers().egress, now: queue.now };
  const held = new Set<string>();
  const finding: EgressFinding = { code: 'CODE', severity: 'error', cause: '', remedy: '', subject: 'code:X' };
  const intake = new QueueIntake({
    ...common,
    destinations: [DESTINATION],
    quietMs: HOUR,
    deadlineMs: null,
    readiness: {
      judge: (job) =>
        Promise.resolve({
          findings: held.has(job.studyInstanceUid) ? [finding] : [],
          controller: '',
          contentType: '',
          callingAet: 'KUVA',
          emergency: false,
        }),
    },
  });
  const dispatcher = new Dispatcher({
    ...common,
    destination: { name: DESTINATION, window: 2 },
    runner,
    gate: {
      mayBegin: () => true,
      refusedTitles: () => [],
      probeNow: () => undefined,
      report: () => ({ state: 'closed', failures: 0, probeAt: null, cause: '' }),
    },
  });
  return {
    queue,
    runner,
    intake,
    dispatcher,
    held,
    async reset(): Promise<void> {
      held.clear();
      const tables = ['finding', 'transition', 'instance', 'commitment', 'job', 'changed', 'depth', 'failure'];
      queue.db.exec(tables.map((table) => `DELETE FROM egress_${table}`).join('; '));
      await queue.index.clearIndex();
    },
  };
}

type Model = ReturnType<typeof openModel>;

/** Everything that must hold at any moment. */
function faults({ queue: { db }, runner }: Model): unknown[] {
  const rows = (sql: string): unknown[] => db.prepare(sql).raw().all();
  const twice = rows(
    `SELECT hex(e.sop_instance_uid), count(*) FROM egress_instance e JOIN egress_job j ON j.id = e.job_id GROUP BY 1, j.destination HAVING count(*) > 1`,
  );
  const lost = rows(
    `SELECT hex(i.sop_instance_uid) AS lost FROM instance i JOIN series s ON s.id = i.series_fk JOIN study t ON t.id = s.study_fk
     WHERE NOT EXISTS (SELECT 1 FROM egress_changed c WHERE c.study_instance_uid = t.study_instance_uid)
     AND NOT EXISTS (SELECT 1 FROM egress_instance e WHERE e.sop_instance_uid = i.sop_instance_uid)
     AND NOT EXISTS (SELECT 1 FROM egress_job j WHERE j.study_instance_uid = t.study_instance_uid AND j.state IN ('RECEIVING', 'COMPLETE', 'HELD'))`,
  );
  const counts = rows(
    `SELECT d.state, d.jobs FROM egress_depth d WHERE (d.jobs, d.instances, d.bytes) <> (SELECT count(*), COALESCE(sum(j.instances), 0),
     COALESCE(sum(j.bytes), 0) FROM egress_job j WHERE j.state = d.state AND j.destination = d.destination)`,
  );
  const versions = rows(
    `SELECT j.id FROM egress_job j WHERE j.version > 1 AND j.state NOT IN ('RECEIVING', 'COMPLETE', 'HELD', 'QUEUED', 'WITHDRAWN')
     AND EXISTS (SELECT 1 FROM egress_job b WHERE b.study_instance_uid = j.study_instance_uid AND b.version < j.version
     AND b.state IN ('QUEUED', 'SENDING', 'SENT', 'COMMIT_PENDING', 'COMMITTED', 'MANIFEST_SENT', 'RETRY_WAIT'))`,
  );
  const moves = rows('SELECT job_id, from_state, to_state FROM egress_transition ORDER BY job_id, id') as [
    number,
    JobState,
    JobState,
  ][];
  const illegal = moves.filter(([job, from, to], i) => {
    const [before, , state] = moves[i - 1] ?? [];
    return !mayMove(from, to) || from !== (before === job ? state : 'RECEIVING');
  });
  return [...twice, ...lost, ...counts, ...versions, ...illegal, ...runner.sentTwiceAtOnce];
}

const study = fc.integer({ min: 1, max: 2 }).map((n) => `1.2.${n}`);
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('add' as const), study, sop: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'take-in' as const }) },
  // Everything that has come so far is quiet and judged.
  { weight: 6, arbitrary: fc.constant({ kind: 'queue' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(60_000, HOUR) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('dispatch' as const),
      outcomes: fc.array(fc.constantFrom<Outcome>('well', 'transient', 'permanent', 'crash', 'refuse-one'), {
        maxLength: 4,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rule' as const), study }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'register' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('operator' as const),
      study,
      to: fc.constantFrom<JobState>('HELD', 'COMPLETE', 'QUEUED', 'WITHDRAWN'),
    }),
  },
);

async function perform(model: Model, op: typeof operation extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
  const { queue, runner, intake, dispatcher, held } = model;
  const { index, now } = queue;
  switch (op.kind) {
    case 'add':
      return void (await queue.add(op.study, String(op.sop)));
    case 'take-in':
      return intake.takeIn(new AbortController().signal);
    case 'queue':
      await intake.takeIn(new AbortController().signal);
      queue.pass(HOUR);
      return intake.takeIn(new AbortController().signal);
    case 'pass':
      return queue.pass(op.ms);
    case 'dispatch':
      runner.outcomes = [...op.outcomes];
      return settle(dispatcher);
    case 'restart':
      return void (await index.write('queueRecover', now()));
    case 'rule':
      return void (held.has(op.study) ? held.delete(op.study) : held.add(op.study));
    case 'register':
      return void (await index.write('queueReevaluate', ['code:X'], now(), 'cli:test'));
    case 'operator':
      for (const job of await queue.jobs(op.study)) {
        const code = op.to === 'HELD' ? 'OPERATOR_HOLD' : 'OPERATOR';
        const move = { jobId: job.id, from: job.state, to: op.to, at: now(), actor: 'cli:test', code, reason: '' };
        await index.write('queueMove', move).catch((error: unknown) => {
          if (errorCode(error) !== 'QUEUE_MOVE_REFUSED') throw error;
        });
      }
  }
}

/** Dispatches until nothing is due any more. */
async function settle(dispatcher: Dispatcher): Promise<void> {
  await dispatcher.tend();
  await dispatcher.fill();
  await dispatcher.idle();
}

test('whatever happens in whatever order: every move is legal, no instance is carried twice, none is lost, and in the end all are archived', async () => {
  const model = openModel();
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 40 }), async (operations) => {
      await model.reset();
      for (const op of operations) {
        await perform(model, op);
        expect(faults(model), JSON.stringify(op)).toEqual([]);
      }
      await archiveAll(model);
    }),
    { numRuns: Number(process.env['QUEUE_RUNS'] ?? 20) },
  );
}, 120_000);

/** Mends every cause; then every instance is in a job that has ended, once. */
async function archiveAll(model: Model): Promise<void> {
  const { queue, intake, dispatcher, held, runner } = model;
  held.clear();
  runner.outcomes = [];
  for (let round = 0; round < 6; round += 1) {
    for (const state of ['HELD', 'FAILED'] as const) {
      for (const job of await queue.index.read('queueList', { limit: 100, state })) {
        const move = {
          jobId: job.id,
          from: state,
          to: 'COMPLETE',
          at: queue.now(),
          actor: 'cli:test',
          code: 'OPERATOR',
          reason: '',
        } as const;
        await queue.index.write('queueMove', move);
      }
    }
    await intake.takeIn(new AbortController().signal);
    queue.pass(HOUR);
    await intake.takeIn(new AbortController().signal);
    await settle(dispatcher);
  }
  expect(faults(model)).toEqual([]);
  expect(await queue.index.read('queueList', { limit: 10 })).toEqual([]);
  const { db } = queue;
  // What an operator withdrew may have been sent in part: nobody asks the archive to commit to that any more.
  const unsent = `SELECT count(*) FROM instance i WHERE NOT EXISTS (SELECT 1 FROM egress_instance e JOIN egress_job j ON j.id = e.job_id
    WHERE e.sop_instance_uid = i.sop_instance_uid
    AND (e.state IN ('COMMITTED', 'WITHDRAWN') OR (e.state = 'SENT' AND j.state = 'WITHDRAWN')))`;
  expect(db.prepare(unsent).pluck().get()).toBe(0);
}
