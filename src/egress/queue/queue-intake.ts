import { errorCode, toError } from '../../core/errors.ts';
import type { QueueJob } from '../../index/egress/egress-types.ts';
import type { JoblessStudies } from '../../index/egress/queue-reads.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { Logger } from '../../observability/loggers.ts';
import type { Readiness, Verdict } from './readiness.ts';

export interface IntakeParts {
  readonly index: Pick<IndexService, 'read' | 'write'>;
  readonly destinations: readonly string[];
  readonly readiness: Readiness;
  readonly quietMs: number;
  readonly deadlineMs: number | null;
  readonly log: Logger;
  readonly now: () => number;
}

/** So many studies share a commit: short enough not to hold up the writer of objects. */
const STUDIES_AT_ONCE = 100;
const JUDGED_AT_ONCE = 50;
/** A fault of the rules, not of the study: it is looked at again with another profile. */
const RULES_FAILED = {
  code: 'RULES_FAILED',
  severity: 'error',
  remedy: 'see the log of the egress process, then: kuva queue release STUDY',
  subject: 'profile',
} as const;

/** Brings studies from reception into the queue: received, complete, judged. */
export class QueueIntake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Everything that can be taken in now; ends early when `signal` fires. */
  async takeIn(signal: AbortSignal): Promise<void> {
    const { index, now, quietMs, destinations, deadlineMs } = this.#parts;
    let work = await index.read('queueWork', now(), quietMs);
    while (!signal.aborted && (work.changed || work.quiet || work.toJudge)) {
      const opening = { destinations, quietMs, deadlineMs, limit: STUDIES_AT_ONCE };
      if (work.changed) await index.write('queueOpen', { ...opening, at: now() });
      if (work.quiet) await index.write('queueComplete', { ...opening, at: now() });
      for (const job of await index.read('queueToJudge', JUDGED_AT_ONCE)) {
        if (signal.aborted) return;
        await this.#judge(job);
      }
      work = await index.read('queueWork', now(), quietMs);
    }
  }

  /** Studies that were received before there was this destination; ends early when `signal` fires. */
  async backfill(signal: AbortSignal): Promise<void> {
    const { index, destinations, now } = this.#parts;
    let after: number | null = 0;
    while (after !== null && !signal.aborted) {
      const { lacking, last }: JoblessStudies = await index.read('queueJobless', after, STUDIES_AT_ONCE, destinations);
      if (lacking) await index.write('queueBackfill', after, { destinations, at: now(), limit: STUDIES_AT_ONCE });
      after = last;
    }
  }

  async #judge(job: QueueJob): Promise<void> {
    const { index, now } = this.#parts;
    const { emergency, ...verdict } = await this.#verdict(job);
    const priority = emergency && job.priority === 1 ? 0 : job.priority;
    try {
      await index.write('queueJudge', { jobId: job.id, at: now(), actor: 'egress', ...verdict, priority });
    } catch (error) {
      // The study has had new objects since, or somebody was first.
      if (errorCode(error) !== 'QUEUE_MOVE_REFUSED') throw error;
    }
  }

  async #verdict(job: QueueJob): Promise<Verdict> {
    const { readiness, log } = this.#parts;
    try {
      return await readiness.judge(job);
    } catch (error) {
      if (errorCode(error).startsWith('INDEX_')) throw error;
      log.error('the rules failed on a study', { job: job.id, cause: toError(error).stack ?? '' });
      const { controller, contentType, callingAet } = job;
      const finding = { ...RULES_FAILED, cause: `the rules could not be run (${errorCode(error)})` };
      return { controller, contentType, callingAet, findings: [finding], emergency: false };
    }
  }
}
