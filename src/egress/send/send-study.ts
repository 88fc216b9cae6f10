import type { Association } from '../../dimse/association.ts';
import { statusText } from '../../dimse/status-table.ts';
import type { EgressInstance, QueueJob, UnsentKind } from '../../index/egress/egress-types.ts';
import type { AwaitedObject } from '../../index/egress/note-reads.ts';
import type { KeptInstance } from '../../retrieve/digest-check.ts';
import { openObject } from '../../retrieve/opened-object.ts';
import type { ObjectReading } from '../../retrieve/opened-object.ts';
import { proposeContexts } from '../../retrieve/presentation-contexts.ts';
import type { ProposedContext } from '../../retrieve/presentation-contexts.ts';
import { ReadAhead } from '../../retrieve/read-ahead.ts';
import type { Ahead } from '../../retrieve/read-ahead.ts';
import type { JobStore } from '../queue/job-store.ts';
import { MAX_OBJECT_CONTEXTS } from './archive-session.ts';
import type { ArchiveSession } from './archive-session.ts';
import type { DestinationLink } from './destination-link.ts';
import type { ForwardEvents } from './forward-events.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import { Problems } from './problems.ts';
import { sendObject } from './send-object.ts';
import type { SendAnswer } from './send-object.ts';
import type { SendRecords } from './send-records.ts';
import type { StatusVerdict, StatusVerdicts } from './status-verdict.ts';

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
  | { readonly kind: 'window-closed' }
  /** all but the rejection notes: another job has yet to send what they name */
  | { readonly kind: 'note-waits'; readonly awaited: AwaitedObject };

/** So many objects that the archive refuses for good show what is wrong with a study. */
const ENOUGH_PROBLEMS = 20;

/** One study on its way. */
export interface StudyWay {
  readonly job: QueueJob;
  readonly session: ArchiveSession;
  readonly link: DestinationLink;
  /** The last answers are left in it, for the caller to write. */
  readonly records: SendRecords;
  readonly signal: AbortSignal;
}

/** Sends what the archive has not taken yet, over as many associations one after the other as the presentation contexts need. */
export async function sendStudy(way: StudyWay, deps: SendDeps): Promise<SendResult> {
  const { job } = way;
  const all = await deps.store.instances(job);
  const sending = new StudySending(way, deps);
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
  'note-waits': 'a rejection note waits for what it names',
} as const;

/** The presentation contexts of the first association that these need. */
export function firstContexts(unsent: readonly UnsentKind[]): readonly ProposedContext[] {
  const first = partsOf(unsent).find((part) => part.length > 0) ?? [];
  return proposeContexts(first, false, MAX_OBJECT_CONTEXTS)[0]?.contexts ?? [];
}

/** Objects, then notes: a rejection note must never come before what it rejects. */
function partsOf<T extends { readonly isRejectionNote: boolean }>(all: readonly T[]): [objects: T[], notes: T[]] {
  return [all.filter((each) => !each.isRejectionNote), all.filter((each) => each.isRejectionNote)];
}

async function sendParts(waiting: readonly EgressInstance[], sending: StudySending): Promise<SendResult> {
  // What has failed most often goes last: an object that an archive cannot bear must not keep the others here.
  const [objects, notes] = partsOf(waiting.toSorted((a, b) => a.sends - b.sends));
  const result = (await sending.part(objects)) ?? (await sending.notes(notes));
  if (result !== undefined) return result;
  return { kind: 'sent', objects: waiting.length, warnings: sending.warnings };
}

class StudySending {
  readonly #way: StudyWay;
  readonly #deps: SendDeps;
  readonly #problems = new Problems();
  #later: StatusVerdict | undefined;
  warnings = 0;
  taken = 0;

  constructor(way: StudyWay, deps: SendDeps) {
    this.#way = way;
    this.#deps = deps;
  }

  /** Undefined when all of it was taken. */
  async part(instances: readonly EgressInstance[]): Promise<SendResult | undefined> {
    for (const group of proposeContexts(instances, false, MAX_OBJECT_CONTEXTS)) {
      // What was sent before is on the disk first: after a crash no object follows its rejection note.
      await this.#way.records.flush();
      if (!(await this.#group(group.instances, group.contexts))) return { kind: 'window-closed' };
      if (this.#stopped) break;
    }
    if (this.#problems.count > 0) return { kind: 'held', problems: this.#problems };
    return this.#later === undefined ? undefined : { kind: 'later', verdict: this.#later };
  }

  /** Undefined when there were none, or all were taken. */
  async notes(instances: readonly EgressInstance[]): Promise<SendResult | undefined> {
    if (instances.length === 0) return undefined;
    const awaited = await this.#deps.store.noteAwaits(this.#way.job);
    return awaited === undefined ? this.part(instances) : { kind: 'note-waits', awaited };
  }

  get #stopped(): boolean {
    return this.#problems.count >= ENOUGH_PROBLEMS || this.#later?.archiveInTrouble === true;
  }

  /** False when the window has closed meanwhile. */
  async #group(instances: readonly EgressInstance[], contexts: readonly ProposedContext[]): Promise<boolean> {
    const { studyInstanceUid } = this.#way.job;
    const kept = instances.map((instance) => ({ ...instance, studyInstanceUid }));
    await using ahead = new ReadAhead(kept, (instance) => openObject(instance, this.#deps));
    let assoc: Association | undefined;
    while (!ahead.isEmpty) {
      this.#way.signal.throwIfAborted();
      if (!this.#way.link.isOpenFor(this.#way.job)) return false;
      if (this.#stopped) return true;
      // Had before the object is taken: without an association nothing has to be let go here.
      if (assoc?.isOpen !== true) assoc = await this.#way.session.association(contexts);
      await this.#one(assoc, ahead.take()!);
    }
    return true;
  }

  async #one(assoc: Association, next: Ahead<EgressInstance & KeptInstance>): Promise<void> {
    const instance = next.item;
    let answer: SendAnswer;
    try {
      answer = await sendObject(assoc, next, this.#way.link, this.#way.job.priority, this.#way.signal);
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
    await this.#answered(instance, answer.status.code, answer.status.errorComment ?? '');
  }

  async #answered(instance: EgressInstance, status: number, errorComment: string): Promise<void> {
    const verdict = this.#deps.verdicts.of(status);
    this.#deps.events.answered(this.#way.job, verdict, instance.size);
    if (verdict.archiveInTrouble) this.#way.link.refused(`${verdict.cause} (${statusText(status)})`);
    else this.#way.link.answered(this.#way.job.callingAet);
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
        const tried = await this.#timesTried(instance, status, verdict);
        const tooOften = verdict.attempts !== undefined && tried >= verdict.attempts;
        if (tooOften) {
          const cause = `${verdict.cause}, ${tried} times in a row`;
          this.#problems.add(instance, `ARCHIVE_${statusText(status)}`, cause, verdict.remedy);
        } else this.#later = verdict.archiveInTrouble || this.#later === undefined ? verdict : this.#later;
        return this.#record(instance, tooOften ? 'FAILED' : 'PENDING', status, errorComment);
      }
    }
  }

  /** How often the archive has given this answer in a row, this time included, since somebody looked at the job. */
  async #timesTried({ sends }: EgressInstance, status: number, { attempts }: StatusVerdict): Promise<number> {
    if (attempts === undefined) return 1;
    // Both: of several objects each may have failed once.
    return Math.min(sends, await this.#deps.store.timesMoved(this.#way.job, `ARCHIVE_${statusText(status)}`)) + 1;
  }

  #record(
    instance: EgressInstance,
    state: 'SENT' | 'FAILED' | 'PENDING',
    status: number | null,
    comment: string,
  ): void {
    this.#way.records.add(instance, { state, sentAt: this.#deps.now(), status, errorComment: comment });
  }
}
