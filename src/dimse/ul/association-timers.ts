import type { TimerName } from '../association-errors.ts';
import { Countdown } from './countdown.ts';

/**
 * The timers of one upper layer. ARTIM bounds establishment and the end (PS3.8 9.1.5), `wait` the one answer that is due
 * (connect, associate, release), idle an established association on which nothing moves.
 */
export class AssociationTimers {
  readonly #artim: Countdown;
  readonly #wait: Countdown;
  readonly #idle: Countdown;
  readonly #idleMs: number;
  #waitName: TimerName = 'associate';
  #busy = 0;
  #established = false;

  constructor(idleMs: number, artimExpired: () => void, expired: (timer: TimerName, milliseconds: number) => void) {
    this.#idleMs = idleMs;
    this.#artim = new Countdown(artimExpired);
    this.#wait = new Countdown(() => expired(this.#waitName, this.#wait.milliseconds));
    this.#idle = new Countdown(() => expired('idle', this.#idleMs));
  }

  startArtim(milliseconds: number): void {
    this.#wait.stop();
    this.#idle.stop();
    this.#established = false;
    this.#artim.start(milliseconds);
  }

  stopArtim(): void {
    this.#artim.stop();
  }

  await(name: TimerName, milliseconds: number): void {
    this.#idle.stop();
    this.#established = false;
    this.#waitName = name;
    this.#wait.start(milliseconds);
  }

  established(): void {
    this.#wait.stop();
    this.#established = true;
    if (this.#busy === 0) this.#idle.start(this.#idleMs);
  }

  /** A byte came in, or the send buffer drained. */
  moved(): void {
    this.#idle.refresh();
  }

  /** A local operation runs: idle stands still until as many `quiet` calls. */
  busy(): void {
    this.#busy++;
    this.#idle.stop();
  }

  quiet(): void {
    if (--this.#busy === 0 && this.#established) this.#idle.start(this.#idleMs);
  }

  /** The association is over; ARTIM goes on until the transport is closed. */
  over(): void {
    this.#established = false;
    this.#wait.stop();
    this.#idle.stop();
  }

  stop(): void {
    this.over();
    this.#artim.stop();
  }
}
