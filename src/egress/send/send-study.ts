import type { Association } from '../../dimse/association.ts';
import { statusText } from '../../dimse/status-table.ts';
import type { EgressInstance, QueueJob } from '../../index/egress/egress-types.ts';
import type { KeptInstance } from '../../retrieve/digest-check.ts';
import { openObject } from '../../retrieve/opened-object.ts';
import type { ObjectReading } from '../../retrieve/opened-object.ts';
import { proposeContexts } from '../../retrieve/presentation-contexts.ts';
import { ReadAhead } from '../../retrieve/read-ahead.ts';
import type { Ahead } from '../../retrieve/read-ahead.ts';
import type { JobStore } from '../queue/job-store.ts';
import { MAX_OBJECT_CONTEXTS } from './archive-session.ts';
import type { ArchiveSession } from './archive-session.ts';
import type { DestinationLink } from './destination-link.ts';
import type { ForwardEvents } from './forward-events.ts';
import { Problems } from './problems.ts';
import { sendObject } from './send-object.ts';
import type { SendAnswer } from './send-object.ts';
import { SendRecords } from './send-records.ts';
import type { StatusVerdict, StatusVerdicts } from './status-verdict.ts';

/** Port: is told of objects before the first of them leaves, and of what became of them. */
export interface OutgoingRecord {
  /** @throws when it cannot be written down: they may not leave */
  begin(
    job: QueueJob,
    instances: readonly EgressInstance[],
  ): Promise<(failed: number, reason: string) => Promise<unknown>>;
}

export interface SendDeps extends ObjectReading {
  /** undefined when nobody audits */
  readonly outgoing?: OutgoingRecord | undefined;
  readonly store: JobStore;
  readonly verdicts: StatusVerdicts;
  readonly events: ForwardEvents;
  readonly now: () => number;
}

/** How sending one study ended. An association that was lost rejects instead. */
export type SendResult =
  | { readonly kind: 'sent'; readonly objects: number; readonly warnings: number }
  | { readonly kind: 'held'; readonly problems: Problems }
  /** the archive wants to be asked again later */
  | { readonly kind: 'later'; readonly verdict: StatusVerdict }
  | { readonly kind: 'window-closed' };

/** So many objects that the archive refuses for good show what is wrong with a study. */
const ENOUGH_PROBLEMS = 20;

/** Sends what the archive has not taken yet, over as many associations one after the other as the presentation contexts need. */
export async function sendStudy(
  job: QueueJob,
  session: ArchiveSession,
  link: DestinationLink,
  deps: SendDeps,
  signal: AbortSignal,
): Promise<SendResult> {
  const all = await deps.store.instances(job);
  const sending = new StudySending(job, session, link, deps, signal);
  const waiting = all.filter(({ state }) => state === 'PENDING' || state === 'FAILED');
  const ended = waiting.length === 0 ? undefined : await deps.outgoing?.begin(job, waiting);
  let outcome = 'the association was lost or the job taken back';
  try {
    const result = await sendParts(waiting, sending);
    outcome = result.kind === 'sent' ? '' : REASONS[result.kind];
    return result;
  } finally {
    await ended?.(waiting.length - sending.taken, outcome);
  }
}

const REASONS = {
  held: 'the archive or a file refused',
  later: 'the archive wants to be asked again later',
  'window-closed': 'the schedule has closed the window',
} as const;

async function sendParts(waiting: readonly EgressInstance[], sending: StudySending): Promise<SendResult> {
  // What has failed most often goes last: an object that an archive cannot bear must not keep the others here.
  const [notes, objects] = partition(
    waiting.toSorted((a, b) => a.sends - b.sends),
    (instance) => instance.isRejectionNote,
  );
  // A rejection note must never come before what it rejects.
  for (const part of [objects, notes]) {
    const result = await sending.part(part);
    if (result !== undefined) return result;
  }
  return { kind: 'sent', objects: waiting.length, warnings: sending.warnings };
}

class StudySending {
  readonly #job: QueueJob;
  readonly #session: ArchiveSession;
  readonly #link: DestinationLink;
  readonly #deps: SendDeps;
  readonly #signal: AbortSignal;
  readonly #problems = new Problems();
  readonly #records: SendRecords;
  #later: StatusVerdict | undefined;
  warnings = 0;
  taken = 0;

  constructor(job: QueueJob, session: ArchiveSession, link: DestinationLink, deps: SendDeps, signal: AbortSignal) {
    this.#job = job;
    this.#session = session;
    this.#link = link;
    this.#deps = deps;
    this.#signal = signal;
    this.#records = new SendRecords(deps.store, job);
  }

  /** Undefined when all of it was taken. */
  async part(instances: readonly EgressInstance[]): Promise<SendResult | undefined> {
    for (const group of proposeContexts(instances, false, MAX_OBJECT_CONTEXTS)) {
      let open: boolean;
      try {
        open = await this.#group(group.instances, group.contexts);
      } finally {
        await this.#records.flush();
      }
      if (!open) return { kind: 'window-closed' };
      if (this.#stopped) break;
    }
    if (this.#problems.count > 0) return { kind: 'held', problems: this.#problems };
    return this.#later === undefined ? undefined : { kind: 'later', verdict: this.#later };
  }

  get #stopped(): boolean {
    return this.#problems.count >= ENOUGH_PROBLEMS || this.#later?.archiveInTrouble === true;
  }

  /** False when the window has closed meanwhile. */
  async #group(
    instances: readonly EgressInstance[],
    contexts: Parameters<ArchiveSession['association']>[0],
  ): Promise<boolean> {
    const { studyInstanceUid } = this.#job;
    const kept = instances.map((instance) => ({ ...instance, studyInstanceUid }));
    await using ahead = new ReadAhead(kept, (instance) => openObject(instance, this.#deps));
    let assoc: Association | undefined;
    while (!ahead.isEmpty) {
      this.#signal.throwIfAborted();
      if (!this.#link.isOpenFor(this.#job)) return false;
      if (this.#stopped) return true;
      // Had before the object is taken: without an association nothing has to be let go here.
      if (assoc?.isOpen !== true) assoc = await this.#session.association(contexts);
      await this.#one(assoc, ahead.take()!);
    }
    return true;
  }

  async #one(assoc: Association, next: Ahead<EgressInstance & KeptInstance>): Promise<void> {
    const instance = next.item;
    let answer: SendAnswer;
    try {
      answer = await sendObject(assoc, next, this.#link, this.#job.priority, this.#signal);
    } catch (error) {
      // Whether the archive has it is unknown: it goes again, which does no harm.
      this.#record(instance, 'PENDING', null, '');
      throw error;
    }
    if (answer.kind === 'unsendable') {
      this.#record(instance, 'FAILED', null, answer.cause);
      this.#problems.add(instance, answer.code, answer.cause, answer.remedy);
      return;
    }
    this.#answered(instance, answer.status.code, answer.status.errorComment ?? '');
  }

  #answered(instance: EgressInstance, status: number, errorComment: string): void {
    const verdict = this.#deps.verdicts.of(status);
    this.#deps.events.answered(this.#job, verdict, instance.size);
    if (verdict.archiveInTrouble) this.#link.refused(`${verdict.cause} (${statusText(status)})`);
    else this.#link.answered(this.#job.callingAet);
    switch (verdict.reaction) {
      case 'success':
      case 'warning':
        if (verdict.reaction === 'warning') this.warnings += 1;
        this.taken += 1;
        return this.#record(instance, 'SENT', status, errorComment);
      case 'hold':
        this.#problems.add(instance, `ARCHIVE_${statusText(status)}`, verdict.cause, verdict.remedy);
        return this.#record(instance, 'FAILED', status, errorComment);
      case 'retry': {
        const tooOften = verdict.attempts !== undefined && instance.sends + 1 >= verdict.attempts;
        if (tooOften) {
          const cause = `${verdict.cause}, ${instance.sends + 1} times in a row`;
          this.#problems.add(instance, `ARCHIVE_${statusText(status)}`, cause, verdict.remedy);
        } else this.#later = verdict.archiveInTrouble || this.#later === undefined ? verdict : this.#later;
        return this.#record(instance, tooOften ? 'FAILED' : 'PENDING', status, errorComment);
      }
    }
  }

  #record(
    instance: EgressInstance,
    state: 'SENT' | 'FAILED' | 'PENDING',
    status: number | null,
    comment: string,
  ): void {
    this.#records.add(instance, { state, sentAt: this.#deps.now(), status, errorComment: comment });
  }
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
