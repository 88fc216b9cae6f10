import { errorCode } from '../core/errors.ts';
import { UID } from '../dicom/uids.ts';
import { statusText } from '../dimse/status-table.ts';
import type { JobEffect, QueueJob } from '../index/egress/egress-types.ts';
import type { JobState } from '../index/egress/job-state-table.ts';
import { commitmentEffects, planRequests, sendRequests } from './commitment/ask-commitment.ts';
import type { CommitmentPolicy, PlannedRequest, RequestRefusal } from './commitment/ask-commitment.ts';
import { refusalAnswer } from './commitment/judge-report.ts';
import type { ReportTaker } from './commitment/report-taker.ts';
import { prepareManifest, storeManifest } from './manifest/deliver-manifest.ts';
import type { ManifestDeps } from './manifest/deliver-manifest.ts';
import { noteWait, stillWaitsForObjects } from './queue/note-wait.ts';
import { ArchiveSession } from './send/archive-session.ts';
import { backOff } from './send/back-off.ts';
import type { BackOffStep } from './send/back-off.ts';
import type { DestinationLink } from './send/destination-link.ts';
import type { TroubleCode } from './send/peer-trouble.ts';
import { SendRecords } from './send/send-records.ts';
import { firstContexts, sendStudy } from './send/send-study.ts';
import type { SendDeps, SendResult } from './send/send-study.ts';

export interface ForwarderOptions extends SendDeps, ManifestDeps {
  /** by the names of the destinations */
  readonly links: ReadonlyMap<string, DestinationLink>;
  readonly reports: ReportTaker;
  readonly commitment: CommitmentPolicy;
  readonly retry: readonly BackOffStep[];
  /** gives [0, 1) */
  readonly random: () => number;
}

/** One job while it is forwarded. */
interface Work {
  readonly session: ArchiveSession;
  readonly link: DestinationLink;
  readonly signal: AbortSignal;
}

/** Where a job goes on after a failure in a state. */
const RESUME: Readonly<Partial<Record<JobState, JobState>>> = {
  SENDING: 'QUEUED',
  SENT: 'SENT',
  COMMIT_PENDING: 'SENT',
  COMMITTED: 'COMMITTED',
  // The manifest goes once more, which does no harm, and commitment is asked for anew.
  MANIFEST_SENT: 'COMMITTED',
};

/**
 * Takes one study to the archive, step by step as far as it goes now: its objects, the request for commitment, the manifest, the
 * commitment of the manifest. Each step is on the disk before the next one begins, so that a process that is killed anywhere goes on where it was.
 */
export class Forwarder {
  readonly #o: ForwarderOptions;

  constructor(options: ForwarderOptions) {
    this.#o = options;
  }

  /** Resolves when the job has ended, waits for something, or has been given up for now; its row says which. */
  async run(job: QueueJob, signal: AbortSignal): Promise<void> {
    const link = this.#o.links.get(job.destination);
    if (link === undefined || (NEEDS_ARCHIVE.has(job.state) && !(await link.isReady(job.callingAet, signal)))) return;
    await using session = new ArchiveSession(link, job.callingAet, signal);
    const work = { session, link, signal };
    let current: QueueJob | undefined = job;
    while (current !== undefined) {
      const at: QueueJob = current;
      try {
        current = await this.#step(at, work);
      } catch (error) {
        if (errorCode(error) === 'QUEUE_MOVE_REFUSED') return;
        return await this.#failed((await this.#o.store.job(at.id)) ?? at, error, work);
      }
    }
  }

  async #step(job: QueueJob, work: Work): Promise<QueueJob | undefined> {
    switch (job.state) {
      case 'QUEUED':
        if (await stillWaitsForObjects(job, this.#o.store, this.#o.now())) return undefined;
        // An association takes about as long as a commit.
        work.session.prepare(this.#o.store.unsentKinds(job).then(firstContexts));
        return this.#o.store.start(job);
      case 'SENDING':
        return this.#send(job, work);
      case 'SENT':
        return this.#ask(job, work);
      case 'COMMIT_PENDING':
        return this.#expire(job);
      case 'COMMITTED':
        return this.#deliverManifest(job, work);
      case 'MANIFEST_SENT':
        return this.#o.profile.commitment.ofManifest ? this.#expire(job) : this.#archive(job);
      default:
        return undefined;
    }
  }

  async #send(job: QueueJob, work: Work): Promise<QueueJob | undefined> {
    const { store, events, now } = this.#o;
    const records = new SendRecords(store, job);
    let result: SendResult;
    try {
      result = await sendStudy({ job, records, ...work }, this.#o);
    } catch (error) {
      await records.flush();
      throw error;
    }
    if (result.kind !== 'sent') await records.flush();
    switch (result.kind) {
      case 'sent':
        events.sent(job, result);
        return records.move({
          to: 'SENT',
          code: 'SENT',
          reason: `${result.objects} objects, ${result.warnings} with a warning`,
        });
      case 'held': {
        const findings = result.problems.findings(job.studyInstanceUid, job.instances);
        return this.#hold(job, [{ kind: 'findings', findings }], findings[0]?.code ?? 'HELD', findings[0]?.cause ?? '');
      }
      case 'later': {
        const { code, cause } = result.verdict;
        return this.#wait(job, `ARCHIVE_${statusText(code)}`, cause);
      }
      case 'window-closed': {
        await store.move(job, { to: 'QUEUED', code: 'WINDOW_CLOSED', reason: 'the schedule lets only emergencies go' });
        return undefined;
      }
      case 'note-waits': {
        await store.move(job, noteWait(result.awaited, now()));
        return undefined;
      }
    }
  }

  async #ask(job: QueueJob, work: Work): Promise<QueueJob | undefined> {
    const { store, now } = this.#o;
    const uncommitted = (await store.instances(job)).filter(({ state }) => state === 'SENT');
    if (uncommitted.length === 0) {
      const reason = 'the archive has committed itself to every object before';
      const pending = await store.move(job, { to: 'COMMIT_PENDING', code: 'COMMITTED_BEFORE', reason });
      return store.move(pending, { to: 'COMMITTED', code: 'COMMITTED_BEFORE', reason });
    }
    // Had before anything is written down: without an association nothing is asked.
    await work.session.association();
    const requests = planRequests(uncommitted, this.#o.commitment, now());
    const pending = await store.move(
      job,
      {
        to: 'COMMIT_PENDING',
        code: 'ASKED',
        reason: `${requests.length} requests for ${uncommitted.length} objects`,
        nextAttemptAt: now() + UNSURE_MS,
      },
      commitmentEffects(requests),
    );
    return this.#request(pending, requests, work);
  }

  /** Asks, and waits a while for the reports. */
  async #request(job: QueueJob, requests: readonly PlannedRequest[], work: Work): Promise<QueueJob | undefined> {
    using expected = this.#o.reports.expect(requests.map(({ transactionUid }) => transactionUid));
    const refusal = await sendRequests(requests, work.session);
    if (refusal !== undefined) return await this.#refused(job, refusal);
    work.link.answered(job.callingAet);
    await this.#o.store.defer(job, deadline(requests));
    const { sameAssociationWait } = this.#o.commitment;
    const assoc = work.session.open;
    if (assoc !== undefined && sameAssociationWait > 0)
      await expected.taken(sameAssociationWait, AbortSignal.any([assoc.signal, work.signal]));
    const now = await this.#o.store.job(job.id);
    if (now?.state === 'ARCHIVED') this.#o.events.archived(now);
    return now === undefined || now.state === job.state || now.state === 'RETRY_WAIT' ? undefined : now;
  }

  async #refused(job: QueueJob, refusal: RequestRefusal): Promise<QueueJob | undefined> {
    const { code, cause, remedy, lasting, unasked } = refusal;
    const effects = unasked.map(({ transactionUid }): JobEffect => {
      return { kind: 'commitment-answer', answer: refusalAnswer(transactionUid, this.#o.now()) };
    });
    if (!lasting) return this.#wait(job, code, cause, effects);
    const subject = `study:${job.studyInstanceUid}`;
    const findings = [{ code, severity: 'error', cause, remedy, subject } as const];
    return this.#hold(job, [...effects, { kind: 'findings', findings }], code, cause);
  }

  /** Watches over reports that never come: after their time they are asked for anew, with a fresh Transaction UID. */
  async #expire(job: QueueJob): Promise<QueueJob | undefined> {
    const waiting = (await this.#o.store.commitments(job)).filter(({ state }) => state === 'REQUESTED');
    const due = deadline(waiting);
    if (job.nextAttemptAt < due) {
      const reason = 'the process ended before the archive had taken the request for commitment';
      return this.#wait(job, 'REQUEST_UNSURE', reason);
    }
    if (due > this.#o.now()) return undefined;
    return this.#wait(job, 'COMMITMENT_OVERDUE', 'no storage commitment report has come in time');
  }

  async #deliverManifest(job: QueueJob, work: Work): Promise<QueueJob | undefined> {
    const { store, profile, commitment, now } = this.#o;
    const manifest = await prepareManifest(job, work.link, this.#o);
    if (manifest === undefined) {
      const reason = 'the archive keeps no object of the study that a manifest could list';
      const sent = await store.move(job, { to: 'MANIFEST_SENT', code: 'NOTHING_TO_LIST', reason });
      return this.#archive(sent);
    }
    const verdict = await storeManifest(manifest, job, work.session, this.#o);
    if (verdict === undefined || verdict.reaction === 'hold') {
      const code = verdict === undefined ? 'CONTEXT_REFUSED' : `ARCHIVE_${statusText(verdict.code)}`;
      const cause = `the manifest: ${verdict?.cause ?? 'the archive takes no Key Object Selection Document'}`;
      const remedy = verdict?.remedy ?? 'ask the archive how it takes manifests, and correct the profile';
      const finding = { code, severity: 'error', cause, remedy, subject: `study:${job.studyInstanceUid}` } as const;
      return this.#hold(job, [{ kind: 'findings', findings: [finding] }], code, cause);
    }
    if (verdict.reaction === 'retry') {
      if (verdict.archiveInTrouble) work.link.refused(verdict.cause);
      return this.#wait(job, `ARCHIVE_${statusText(verdict.code)}`, `the manifest: ${verdict.cause}`);
    }
    const reference = { sopClassUid: UID.KeyObjectSelectionDocumentStorage, sopInstanceUid: manifest.sopInstanceUid };
    const requests = profile.commitment.ofManifest ? planRequests([reference], commitment, now()) : [];
    const transactionUid = requests[0]?.transactionUid ?? '';
    const delivered = { kind: 'manifest-delivered', deliveredAt: now(), status: verdict.code, transactionUid } as const;
    const sent = await store.move(
      job,
      {
        to: 'MANIFEST_SENT',
        code: statusText(verdict.code),
        reason: 'the manifest is delivered',
        nextAttemptAt: now() + (requests.length === 0 ? 0 : UNSURE_MS),
      },
      [delivered, ...commitmentEffects(requests)],
    );
    return requests.length === 0 ? this.#archive(sent) : this.#request(sent, requests, work);
  }

  async #archive(job: QueueJob): Promise<undefined> {
    const reason = 'objects are committed, the manifest is delivered';
    this.#o.events.archived(await this.#o.store.move(job, { to: 'ARCHIVED', code: 'ARCHIVED', reason }));
  }

  async #hold(job: QueueJob, effects: readonly JobEffect[], code: string, reason: string): Promise<undefined> {
    this.#o.events.held(await this.#o.store.move(job, { to: 'HELD', code, reason }, effects));
  }

  /** `endless`: it is not this study's fault, so that it never becomes a dead letter by it. */
  async #wait(
    job: QueueJob,
    code: string,
    reason: string,
    effects: readonly JobEffect[] = [],
    endless = false,
  ): Promise<undefined> {
    const { store, retry, random, now, events } = this.#o;
    const delay = backOff(retry, job.attempts + 1, random) ?? (endless ? retry.at(-1)?.delay : undefined);
    const resumeState = RESUME[job.state]!;
    const step = { to: 'RETRY_WAIT', code, reason, resumeState, nextAttemptAt: now() + (delay ?? 0) } as const;
    let waiting = await store.move(job, step, effects);
    if (delay === undefined)
      waiting = await store.move(waiting, { to: 'FAILED', code, reason: `${reason}; tried ${job.attempts + 1} times` });
    events.waits(waiting);
  }

  /** An association was lost or could not be had, or something failed on this side. */
  async #failed(job: QueueJob, error: unknown, { link, signal }: Work): Promise<void> {
    if (signal.aborted) {
      const reason = 'the process was stopped while it was sent';
      if (job.state === 'SENDING') await this.#o.store.move(job, { to: 'QUEUED', code: 'STOPPED', reason });
      return;
    }
    const trouble = link.lost(error, job.callingAet);
    this.#o.events.trouble(job, trouble);
    if (RESUME[job.state] === undefined) return;
    const remedy = trouble.remedy === '' ? '' : `; ${trouble.remedy}`;
    await this.#wait(job, trouble.code, `${trouble.cause}${remedy}`, [], NOT_REACHED.has(trouble.code));
  }
}

/** No association could be had: that says nothing of the study. */
const NOT_REACHED: ReadonlySet<TroubleCode> = new Set([
  'CONNECT_FAILED',
  'TLS_FAILED',
  'REJECTED_TRANSIENT',
  'REJECTED_PERMANENT',
  'REJECTED_CALLING_AET',
  'REJECTED_CALLED_AET',
]);

const NEEDS_ARCHIVE: ReadonlySet<JobState> = new Set(['QUEUED', 'SENDING', 'SENT', 'COMMITTED']);

/** Until the archive has taken a request, and its job waits for the answer, whoever finds the job asks anew after so long. */
const UNSURE_MS = 60_000;

/** When the last of them is to be answered, ms since 1970; 0 for none. */
function deadline(requests: readonly { readonly answerBy: number }[]): number {
  return Math.max(0, ...requests.map(({ answerBy }) => answerBy));
}
