import { errorCode } from '../../core/errors.ts';
import type { EgressReport, JobEffect, QueueJob } from '../../index/egress/egress-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { Profile } from '../../profile/profile.ts';
import { parseCommitmentReport } from '../../services/commitment/parse-report.ts';
import type { CommitmentReport } from '../../services/commitment/parse-report.ts';
import type { JobStore, Step } from '../queue/job-store.ts';
import type { ForwardEvents } from '../send/forward-events.ts';
import { answerOf, judgeReport, RESENT } from './judge-report.ts';
import type { ReportJudgement } from './judge-report.ts';

export interface ReportTakerOptions {
  readonly index: Pick<IndexService, 'read' | 'write'>;
  readonly store: JobStore;
  /** AE titles of the archives by the names of their destinations */
  readonly archives: ReadonlyMap<string, string>;
  readonly policy: Profile['egress']['commitment'];
  readonly events: Pick<ForwardEvents, 'report'>;
  /** ms since 1970 at which what the archive did not commit goes out again */
  readonly resendAt: (job: QueueJob) => number;
  /** A job has moved: there is something to do. */
  readonly moved: () => void;
}

/** Reports on requests that are about to be made. */
export interface ExpectedReports extends Disposable {
  /** Resolves when all of them have been taken, or after so many milliseconds, or when `gone` fires. */
  taken(milliseconds: number, gone: AbortSignal): Promise<void>;
}

const BATCH = 50;

/**
 * Takes storage commitment reports in the order of their receipt, whether they came on the association of the request or on one of the
 * archive's, and moves the jobs that waited for them. Each is on the disk before it is looked at, and is taken once.
 */
export class ReportTaker {
  readonly #o: ReportTakerOptions;
  #taking: Promise<void> = Promise.resolve();
  readonly #waiting = new Map<string, () => void>();

  constructor(options: ReportTakerOptions) {
    this.#o = options;
  }

  /** Takes all that is there. Rejects when one could not be taken; it stays and comes first the next time. */
  take(): Promise<void> {
    const taken = this.#taking.catch(() => undefined).then(() => this.#takeAll());
    this.#taking = taken;
    return taken;
  }

  async #takeAll(): Promise<void> {
    for (;;) {
      const reports = await this.#o.index.read('egressNewReports', BATCH);
      for (const report of reports) {
        await this.#takeOne(report);
        this.#waiting.get(report.transactionUid)?.();
      }
      if (reports.length < BATCH) return;
    }
  }

  /** Called before they are asked for: a report may be faster than the response to its request. */
  expect(transactionUids: readonly string[]): ExpectedReports {
    const { promise, resolve } = Promise.withResolvers<void>();
    const left = new Set(transactionUids);
    for (const uid of transactionUids) {
      this.#waiting.set(uid, () => {
        left.delete(uid);
        if (left.size === 0) resolve();
      });
    }
    return {
      taken: (milliseconds, gone) => orAfter(promise, milliseconds, gone),
      [Symbol.dispose]: () => {
        for (const uid of transactionUids) this.#waiting.delete(uid);
      },
    };
  }

  async #takeOne(report: EgressReport): Promise<void> {
    const { index, store, archives } = this.#o;
    const commitment = await index.read('egressCommitment', report.transactionUid);
    const job = commitment === undefined ? undefined : await store.job(commitment.jobId);
    if (commitment === undefined || job === undefined) return this.#aside(report, 'unknown');
    if (archives.get(job.destination) !== report.callingAet) return this.#aside(report, 'foreign');
    // The receiver has read it before; a report that cannot be read never comes here.
    const content = parseCommitmentReport(Buffer.from(report.report), report.transferSyntax);
    const others = (await store.commitments(job)).filter(
      ({ id, state }) => id !== commitment.id && state === 'REQUESTED',
    );
    const judgement = judgeReport(
      content,
      {
        job,
        commitment,
        instances: await store.instances(job),
        outstanding: others.length,
        manifest: await store.manifest(job),
        resends: await store.timesMoved(job, RESENT[job.state === 'MANIFEST_SENT' ? 'manifest' : 'objects']),
      },
      this.#o.policy,
    );
    await this.#apply(job, report, judgement);
    this.#tell(report, judgement.outcome, content);
    if (judgement.next.kind !== 'none') this.#o.moved();
  }

  async #apply(job: QueueJob, report: EgressReport, judgement: ReportJudgement): Promise<void> {
    const { store } = this.#o;
    const taken: JobEffect = { kind: 'report-taken', reportId: report.id, outcome: judgement.outcome };
    const effects: JobEffect[] =
      judgement.outcome === 'duplicate'
        ? [taken]
        : [{ kind: 'commitment-answer', answer: answerOf(report, judgement.instances) }, taken];
    const step = this.#step(job, judgement.next);
    if (step === undefined) return store.record(job, effects);
    try {
      await store.move(job, step, judgement.next.kind === 'hold' ? [...effects, findingsOf(judgement.next)] : effects);
    } catch (error) {
      // Somebody has moved it meanwhile, an operator perhaps: what the archive said is kept all the same.
      if (errorCode(error) !== 'QUEUE_MOVE_REFUSED') throw error;
      await store.record(job, effects);
    }
  }

  #step(job: QueueJob, next: ReportJudgement['next']): Step | undefined {
    switch (next.kind) {
      case 'none':
        return undefined;
      case 'committed':
        return { to: 'COMMITTED', code: 'COMMITTED', reason: 'the archive has committed itself to keep every object' };
      case 'manifest-committed':
        return { to: 'ARCHIVED', code: 'ARCHIVED', reason: 'objects and manifest are committed' };
      case 'manifest-again': {
        const reason = 'the archive did not commit itself to keep the manifest: it goes again';
        return {
          to: 'RETRY_WAIT',
          code: RESENT.manifest,
          reason,
          resumeState: 'COMMITTED',
          nextAttemptAt: this.#o.resendAt(job),
        };
      }
      case 'resend': {
        const reason = `the archive did not commit itself to keep ${next.objects} objects: they go again`;
        return {
          to: 'RETRY_WAIT',
          code: RESENT.objects,
          reason,
          resumeState: 'QUEUED',
          nextAttemptAt: this.#o.resendAt(job),
        };
      }
      case 'hold': {
        const [first] = next.findings;
        return { to: 'HELD', code: first?.code ?? 'NOT_COMMITTED', reason: first?.cause ?? '' };
      }
    }
  }

  async #aside(report: EgressReport, outcome: 'unknown' | 'foreign'): Promise<void> {
    await this.#o.index.write('egressReportTaken', report.id, outcome);
    this.#tell(report, outcome, { committed: [], failed: [] });
  }

  #tell(report: EgressReport, outcome: string, content: Pick<CommitmentReport, 'committed' | 'failed'>): void {
    const { transactionUid, callingAet: archiveAET } = report;
    const { committed, failed } = content;
    this.#o.events.report({ transactionUid, archiveAET, outcome, committed: committed.length, failed: failed.length });
  }
}

async function orAfter(done: Promise<void>, milliseconds: number, gone: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  const timer = setTimeout(end, milliseconds);
  gone.addEventListener('abort', end, { once: true });
  if (gone.aborted) end();
  try {
    await Promise.race([done, promise]);
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', end);
  }
}

function findingsOf({ findings }: Extract<ReportJudgement['next'], { kind: 'hold' }>): JobEffect {
  return { kind: 'findings', findings };
}
