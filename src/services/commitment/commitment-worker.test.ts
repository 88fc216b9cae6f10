import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CommitmentTask } from '../../index/index-types.ts';
import type { CommitmentOutcome } from './commitment-outcome.ts';
import { CommitmentWorker } from './commitment-worker.ts';
import type { CommitmentWorkerDeps } from './commitment-worker.ts';

const OUTCOME: CommitmentOutcome = { committed: [{ sopClassUid: '1.2', sopInstanceUid: '1.2.3' }], failed: [] };
const MINUTE = 60_000;

function task(id: number, callingAET = 'CT1', change: Partial<CommitmentTask> = {}): CommitmentTask {
  return {
    id,
    callingAET,
    calledAET: 'KUVA',
    transactionUid: `2.25.${id}`,
    references: OUTCOME.committed,
    requestedAt: Date.now(),
    attempts: 0,
    nextAttemptAt: Date.now(),
    lastError: '',
    ...change,
  };
}

/** Deps that keep what happened as one line each. */
function recorder(deliver: (task: CommitmentTask, assoc: unknown) => Promise<void>, pending: CommitmentTask[] = []) {
  const log: string[] = [];
  const deps: CommitmentWorkerDeps = {
    store: {
      addCommitment: () => Promise.reject(new Error('not used')),
      pendingCommitments: () => Promise.resolve(pending),
      commitmentDone: async (id) => void log.push(`done ${id}`),
      commitmentFailed: async (id, _error, next) => void log.push(`${next === null ? 'given up' : 'failed'} ${id}`),
    },
    check: () => Promise.resolve(OUTCOME),
    deliver: (t, _outcome, assoc) => deliver(t, assoc),
    policy: { first: MINUTE, max: 10 * MINUTE, giveUpAfter: 60 * MINUTE },
    events: {
      delivered: (t) => log.push(`delivered ${t.id}`),
      postponed: (t) => log.push(`postponed ${t.id}`),
      gaveUp: (t) => log.push(`gave up ${t.id}`),
      broken: (t) => log.push(`broken ${t.id}`),
    },
    now: () => Date.now(),
    random: () => 0,
  };
  return { log, deps };
}

describe('CommitmentWorker', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test('delivers on the association of the request', async () => {
    const assoc = { id: 'request' } as never;
    const seen: unknown[] = [];
    const { log, deps } = recorder(async (_task, a) => void seen.push(a));
    await using worker = new CommitmentWorker(deps);
    worker.accept(task(1), assoc);
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual([assoc]);
    expect(log).toEqual(['done 1', 'delivered 1']);
  });

  test('reports nothing when it was stopped while it looked', async () => {
    const { log, deps } = recorder(async (t) => void log.push(`report ${t.id}`));
    const looking = Promise.withResolvers<CommitmentOutcome>();
    const worker = new CommitmentWorker({ ...deps, check: () => looking.promise });
    worker.accept(task(1), undefined);
    await vi.advanceTimersByTimeAsync(0);
    const stopped = worker[Symbol.asyncDispose]();
    looking.resolve(OUTCOME);
    await stopped;
    expect(log).toEqual([]);
  });

  test('tries again until delivered, on disk each time, without the old association', async () => {
    const seen: unknown[] = [];
    const { log, deps } = recorder(async (_task, a) => {
      seen.push(a);
      if (seen.length < 4) throw new Error('refused');
    });
    await using worker = new CommitmentWorker(deps);
    worker.accept(task(1), {} as never);
    await vi.advanceTimersByTimeAsync(1 * MINUTE);
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(seen.length).toBe(3);
    await vi.advanceTimersByTimeAsync(4 * MINUTE);
    expect(log).toEqual([
      'postponed 1',
      'failed 1',
      'postponed 1',
      'failed 1',
      'postponed 1',
      'failed 1',
      'done 1',
      'delivered 1',
    ]);
    expect(seen.slice(1)).toEqual([undefined, undefined, undefined]);
  });

  test("gives up after the policy's last time, and says so", async () => {
    const { log, deps } = recorder(() => Promise.reject(new Error('refused')));
    await using worker = new CommitmentWorker(deps);
    worker.accept(task(1), undefined);
    await vi.advanceTimersByTimeAsync(120 * MINUTE);
    expect(log.slice(-2)).toEqual(['given up 1', 'gave up 1']);
    const tries = log.length;
    await vi.advanceTimersByTimeAsync(120 * MINUTE);
    expect(log.length).toBe(tries);
  });

  test('takes up what an earlier run left, the overdue at once and the others in their time', async () => {
    const { log, deps } = recorder(
      async () => undefined,
      [task(1, 'CT1', { attempts: 2 }), task(2, 'CT2', { nextAttemptAt: Date.now() + 5 * MINUTE })],
    );
    await using worker = new CommitmentWorker(deps);
    await worker.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['done 1', 'delivered 1']);
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    expect(log).toContain('delivered 2');
  });

  test('a transaction asked again takes the place of its earlier try', async () => {
    let fails = true;
    const { log, deps } = recorder(() => (fails ? Promise.reject(new Error('refused')) : Promise.resolve()));
    await using worker = new CommitmentWorker(deps);
    worker.accept(task(1), undefined);
    await vi.advanceTimersByTimeAsync(0);
    fails = false;
    worker.accept(task(1), undefined);
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(log).toEqual(['postponed 1', 'failed 1', 'done 1', 'delivered 1']);
  });

  test('a requester that hangs holds up nobody else, and its own tasks keep their order', async () => {
    const { log, deps } = recorder((t) => (t.callingAET === 'DEAD' ? new Promise(() => undefined) : Promise.resolve()));
    const worker = new CommitmentWorker(deps);
    worker.accept(task(1, 'DEAD'), undefined);
    worker.accept(task(2, 'DEAD'), undefined);
    worker.accept(task(3, 'CT1'), undefined);
    worker.accept(task(4, 'CT1'), undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['done 3', 'delivered 3', 'done 4', 'delivered 4']);
  });

  test('a stop leaves the task on disk as it was', async () => {
    const { log, deps } = recorder(() => Promise.reject(new Error('aborted')));
    const worker = new CommitmentWorker({
      ...deps,
      check: (_task, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
    });
    worker.accept(task(1), undefined);
    await vi.advanceTimersByTimeAsync(0);
    await worker[Symbol.asyncDispose]();
    expect(log).toEqual([]);
  });
});
