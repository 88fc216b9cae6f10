import type { CommandSet } from './command-set.ts';
import type { UpperLayer } from './ul/upper-layer.ts';

/** One response as it came. */
export interface Response {
  readonly set: CommandSet;
  readonly dataSet: Buffer | undefined;
}

/** Responses that the caller has not taken yet; a slow caller stops the peer, not the memory. */
export class ResponseQueue {
  static readonly #LIMIT = 256;
  readonly #ul: UpperLayer;
  readonly #responses: Response[] = [];
  #finished = false;
  #failure: Error | undefined;
  #paused = false;
  #discarded = false;
  #wake: (() => void) | undefined;

  constructor(ul: UpperLayer) {
    this.#ul = ul;
  }

  push(response: Response, final: boolean): void {
    if (!this.#discarded) this.#responses.push(response);
    this.#finished = final;
    if (!this.#paused && !this.#discarded && this.#responses.length >= ResponseQueue.#LIMIT) {
      this.#paused = true;
      this.#ul.pause();
    }
    this.#wake?.();
  }

  fail(cause: Error): void {
    this.#failure = cause;
    this.#wake?.();
  }

  /** The caller left: responses that still come are of no interest. */
  discard(): void {
    this.#discarded = true;
    this.#responses.length = 0;
    this.#resume();
  }

  async take(): Promise<Response | undefined> {
    for (;;) {
      const response = this.#responses.shift();
      if (this.#responses.length === 0) this.#resume();
      if (response !== undefined) return response;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#finished) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#ul.resume();
  }
}
