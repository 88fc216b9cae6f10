/** One timer with an owner: restarted cheaply, stopped for good by `stop`, never keeps the process alive. */
export class Countdown {
  readonly #expired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #milliseconds = 0;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  get milliseconds(): number {
    return this.#milliseconds;
  }

  /** Starts, or starts again from the full time. */
  start(milliseconds: number): void {
    this.stop();
    this.#milliseconds = milliseconds;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#expired();
    }, milliseconds);
    this.#timer.unref();
  }

  /** Back to the full time when running. */
  refresh(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
