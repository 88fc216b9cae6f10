import type { QueueJob } from '../../index/egress/egress-types.ts';
import type { JobState } from '../../index/egress/job-state-table.ts';
import type { JobRunner } from '../queue/job-runner.ts';
import type { JobStore } from '../queue/job-store.ts';

export type Outcome = 'well' | 'transient' | 'permanent' | 'crash' | 'refuse-one';

/** Moves jobs as a forwarder would, with the next outcome of a list; `crash` leaves the job where it is. */
export class ScriptedRunner implements JobRunner {
  outcomes: Outcome[] = [];
  readonly sentTwiceAtOnce: string[] = [];
  readonly #store: JobStore;
  readonly #busy = new Set<string>();
  #asked = 0;
  readonly #now: () => number;

  constructor(store: JobStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  async run(job: QueueJob): Promise<void> {
    if (this.#busy.has(job.studyInstanceUid)) this.sentTwiceAtOnce.push(job.studyInstanceUid);
    this.#busy.add(job.studyInstanceUid);
    try {
      await this.#advance(job, this.outcomes.shift() ?? 'well');
    } finally {
      this.#busy.delete(job.studyInstanceUid);
    }
  }

  async #advance(job: QueueJob, outcome: Outcome): Promise<void> {
    const step = (at: QueueJob, to: JobState) => this.#store.move(at, { to, code: 'TEST', reason: outcome });
    if (job.state === 'COMMIT_PENDING') return this.#report(job, outcome);
    let at = job.state === 'QUEUED' ? await step(job, 'SENDING') : job;
    if (at.state === 'SENDING') await this.#send(at, outcome);
    if (outcome === 'crash') throw new Error('ended');
    if (outcome === 'transient' || outcome === 'permanent') return this.#fail(at, outcome);
    // The archive does not take what is left.
    if (outcome === 'refuse-one' && at.state === 'SENDING') return this.#fail(at, 'permanent');
    if (at.state === 'SENDING') at = await step(at, 'SENT');
    if (at.state === 'SENT') return this.#ask(at);
    if (at.state === 'COMMITTED') at = await step(at, 'MANIFEST_SENT');
    await step(at, 'ARCHIVED');
  }

  async #send(job: QueueJob, outcome: Outcome): Promise<void> {
    const waiting = (await this.#store.instances(job)).filter(({ state }) => state === 'PENDING' || state === 'FAILED');
    const take = outcome === 'well' ? waiting.length : Math.floor(waiting.length / 2);
    const sends = waiting.slice(0, take).map(({ sopInstanceUid }) => ({
      sopInstanceUid,
      state: 'SENT' as const,
      sentAt: this.#now(),
      status: 0,
      errorComment: '',
    }));
    await this.#store.recordSends(job, sends);
  }

  async #ask(job: QueueJob): Promise<void> {
    this.#asked += 1;
    const now = this.#now();
    const commitment = { transactionUid: `2.25.${this.#asked}`, requestedAt: now, instances: 1, answerBy: now };
    await this.#store.move(job, { to: 'COMMIT_PENDING', code: 'TEST', reason: '' }, [
      { kind: 'commitment', commitment },
    ]);
  }

  /** The archive commits itself to everything, or to everything but one. */
  async #report(job: QueueJob, outcome: Outcome): Promise<void> {
    if (outcome === 'crash') throw new Error('ended');
    const [request] = (await this.#store.commitments(job)).filter(({ state }) => state === 'REQUESTED');
    const sent = (await this.#store.instances(job)).filter(({ state }) => state === 'SENT');
    const refused = outcome === 'refuse-one' ? sent[0]?.sopInstanceUid : undefined;
    const instances = sent.map(({ sopInstanceUid }) => {
      const committed = sopInstanceUid !== refused;
      return { sopInstanceUid, committed, failureReason: committed ? null : 0x0112 };
    });
    const answer = {
      transactionUid: request?.transactionUid ?? '',
      state: 'ANSWERED' as const,
      answeredAt: this.#now(),
      answeredOn: 'same',
      report: null,
      reportTransferSyntax: '',
      eventType: 1,
      instances,
    };
    const to = refused === undefined ? 'COMMITTED' : 'SENDING';
    await this.#store.move(job, { to, code: 'TEST', reason: outcome }, [{ kind: 'commitment-answer', answer }]);
  }

  async #fail(job: QueueJob, outcome: 'transient' | 'permanent'): Promise<void> {
    if (outcome === 'permanent') return void (await this.#store.move(job, { to: 'HELD', code: 'A777', reason: '' }));
    const resumeState = job.state === 'SENDING' ? 'QUEUED' : job.state;
    const nextAttemptAt = this.#now() + 60_000;
    await this.#store.move(job, { to: 'RETRY_WAIT', code: 'A700', reason: '', resumeState, nextAttemptAt });
  }
}
