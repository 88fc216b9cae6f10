import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import { STATUS } from '../dimse/status-table.ts';
import type { CommitmentTask } from '../index/index-types.ts';
import type { Logger } from '../observability/loggers.ts';
import { checkCommitment } from './commitment/commitment-check.ts';
import type { CommitmentCheckDeps, CommitmentIndex } from './commitment/commitment-check.ts';
import { deliverReport } from './commitment/commitment-delivery.ts';
import type { CommitmentDeliveryDeps } from './commitment/commitment-delivery.ts';
import type { CommitmentOutcome } from './commitment/commitment-outcome.ts';
import { CommitmentRefusedError, parseCommitmentRequest } from './commitment/commitment-request.ts';
import type { CommitmentStore } from './commitment/commitment-store.ts';
import { CommitmentWorker } from './commitment/commitment-worker.ts';
import type { CommitmentEvents } from './commitment/commitment-worker.ts';
import type { RetryPolicy } from './commitment/retry-policy.ts';

export interface StorageCommitmentOptions extends CommitmentCheckDeps, CommitmentDeliveryDeps {
  readonly store: CommitmentStore;
  /** The index as a requester may be told of it; left out: as it is. */
  readonly indexFor?: (callingAET: string) => CommitmentIndex;
  readonly policy: RetryPolicy;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

/** Storage Commitment SCP: `action` is the handler, `start()` takes up what an earlier run left, disposal stops it. */
export interface StorageCommitment extends AsyncDisposable {
  readonly action: NonNullable<ServiceHandlers['action']>;
  start(): Promise<void>;
}

/**
 * Storage Commitment Push Model (PS3.4 J.3): a request is on disk before it is answered; the report follows when every
 * instance has been looked at, and is tried until it is delivered or the policy's last time has passed.
 */
export function createStorageCommitment(options: StorageCommitmentOptions): StorageCommitment {
  const worker = new CommitmentWorker({
    store: options.store,
    check: (task, signal) => {
      const index = options.indexFor?.(task.callingAET) ?? options.index;
      return checkCommitment(task.references, { ...options, index }, signal);
    },
    deliver: (task, outcome, assoc, signal) => deliverReport(task, outcome, assoc, options, signal),
    policy: options.policy,
    events: commitmentLog(options.log),
    now: options.now,
    random: options.random,
  });
  return {
    action: async (assoc, pc, command, dataSet) => {
      try {
        const request = parseCommitmentRequest(command, dataSet, pc.transferSyntax);
        const { callingAET, calledAET } = assoc;
        const now = options.now();
        const commitment = { ...request, callingAET, calledAET, requestedAt: now };
        const id = await options.store.addCommitment(commitment);
        const task = { ...commitment, id, attempts: 0, nextAttemptAt: now, lastError: '' };
        // Not before the response: the requester must know the transaction when the report comes.
        return {
          status: { code: STATUS.Success },
          afterResponse: onceAnsweredOrGone(assoc.signal, () => worker.accept(task, assoc)),
        };
      } catch (error) {
        if (error instanceof CommitmentRefusedError) return { status: error.status };
        throw error;
      }
    },
    start: () => worker.start(),
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

/** Runs `begin` once: by calling what is returned, or when the association ends without that. */
function onceAnsweredOrGone(gone: AbortSignal, begin: () => void): () => void {
  let begun = false;
  const once = (): void => {
    if (begun) return;
    begun = true;
    gone.removeEventListener('abort', once);
    begin();
  };
  if (gone.aborted) once();
  else gone.addEventListener('abort', once);
  return once;
}

function commitmentLog(log: Logger): CommitmentEvents {
  const facts = (task: CommitmentTask) => ({
    transactionUid: task.transactionUid,
    callingAET: task.callingAET,
    instances: task.references.length,
    attempts: task.attempts,
  });
  return {
    delivered: (task: CommitmentTask, outcome: CommitmentOutcome) => {
      const { length: failed } = outcome.failed;
      log[failed === 0 ? 'info' : 'warn']('storage commitment reported', {
        ...facts(task),
        committed: outcome.committed.length,
        failed,
      });
    },
    postponed: (task, error, nextAttemptAt) =>
      log.warn('storage commitment report not delivered, will be tried again', {
        ...facts(task),
        next: new Date(nextAttemptAt).toISOString(),
        error,
      }),
    gaveUp: (task, error) =>
      log.error(`storage commitment report given up: ${task.callingAET} does not know whether its objects are safe`, {
        ...facts(task),
        error,
      }),
    broken: (task, error) => log.error('storage commitment task cannot be updated', { ...facts(task), error }),
  };
}
