import { nextMidnight, zonedDay } from '../core/zoned-day.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Profile } from '../profile/profile.ts';
import { dayChanges } from './day-changes.ts';
import type { Affected } from './day-changes.ts';

export interface DayWatchParts {
  readonly index: Pick<IndexService, 'read' | 'write'>;
  readonly profile: Profile;
  /** SHA-256 of the profile's content: after a change of it everything is looked at again. */
  readonly profileDigest: string;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  /** Told after each look at a new day, and after the first one: what ends soon may be said then. */
  readonly onDay: (day: string) => Promise<void>;
  readonly onLookedAgain: (studies: number) => void;
  readonly onError: (error: unknown) => void;
}

/** A machine may sleep, and its clock may be set: the wait is never longer than this. */
const LONGEST_WAIT_MS = 15 * 60_000;
const ACTOR = 'egress:day';

/** Notices midnight in the archive's time zone, and midnights and a change of profile while the process did not run. */
export class DayWatch {
  readonly #parts: DayWatchParts;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #told = '';
  #closed = false;

  constructor(parts: DayWatchParts) {
    this.#parts = parts;
  }

  /** Looks, and goes on looking until `close`. */
  async start(): Promise<void> {
    await this.look();
    this.#wait();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** Has looked at again what a new day or a new profile may judge otherwise. */
  async look(): Promise<void> {
    const { index, profile, profileDigest, now, onDay, onLookedAgain } = this.#parts;
    const at = now();
    const day = zonedDay(profile.egress.timeZone, at);
    const state = await index.read('readinessState');
    if (state?.day !== day || state.profile !== profileDigest) {
      if (state !== undefined) {
        const studies =
          state.profile === profileDigest
            ? await this.#again(await this.#affected(state.day, day), at)
            : await this.#all(at);
        if (studies > 0) onLookedAgain(studies);
      }
      // Last: what is interrupted before it is done again.
      await index.write('readinessStatePut', { day, profile: profileDigest });
    }
    if (this.#told !== day) {
      this.#told = day;
      await onDay(day);
    }
  }

  #wait(): void {
    if (this.#closed) return;
    const { profile, now } = this.#parts;
    const left = nextMidnight(profile.egress.timeZone, now()) - now();
    this.#timer = setTimeout(
      () => {
        this.#looking = this.look()
          .catch(this.#parts.onError)
          .finally(() => this.#wait());
      },
      Math.min(LONGEST_WAIT_MS, Math.max(left, 1)),
    );
  }

  async #affected(after: string, upTo: string): Promise<Affected> {
    const { index, profile } = this.#parts;
    const [certifications, enablements] = await Promise.all([
      index.read('certificationList'),
      index.read('enablementList', null),
    ]);
    return dayChanges({ after, upTo }, certifications, enablements, profile);
  }

  async #again({ subjects, contentTypes, controllers }: Affected, at: number): Promise<number> {
    if (subjects.length === 0) return 0;
    const { index } = this.#parts;
    const held = await index.write('queueReevaluate', subjects, at, ACTOR);
    return held + (await index.write('readinessRecheckQueued', { kind: 'some', contentTypes, controllers }, at, ACTOR));
  }

  async #all(at: number): Promise<number> {
    const { index } = this.#parts;
    const held = await index.write('queueReevaluate', ['*'], at, ACTOR);
    return held + (await index.write('readinessRecheckQueued', { kind: 'all' }, at, ACTOR));
  }
}
