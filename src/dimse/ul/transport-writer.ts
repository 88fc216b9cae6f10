import type { Socket } from 'node:net';
import { Countdown } from './countdown.ts';

export interface TransportWriterOptions {
  readonly socket: Socket;
  readonly stallMs: number;
  /** The peer has not read for `stallMs`. */
  readonly stalled: () => void;
  /** The send buffer has emptied. */
  readonly drained: () => void;
}

/**
 * The way out. All that is written in one turn of the event loop leaves in one system call, so that a response and
 * its data set, or a row of pending responses, are one segment train. Memory stays flat when callers wait for `drained()`.
 */
export class TransportWriter {
  readonly #socket: Socket;
  readonly #stallMs: number;
  readonly #stall: Countdown;
  readonly #uncork = (): void => {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  };
  #corked = false;
  #closed = false;
  #waiting: { promise: Promise<void>; resolve: () => void } | undefined;
  bytes = 0;

  constructor(o: TransportWriterOptions) {
    this.#socket = o.socket;
    this.#stallMs = o.stallMs;
    this.#stall = new Countdown(o.stalled);
    o.socket.on('drain', () => {
      this.#stall.stop();
      this.#release();
      o.drained();
    });
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): void {
    if (this.#closed || !this.#socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(this.#uncork);
    }
    this.bytes += bytes.length;
    if (!this.#socket.write(bytes) && !this.#stall.running) this.#stall.start(this.#stallMs);
  }

  /** What has been written leaves now, not at the end of this turn. */
  flush(): void {
    this.#uncork();
  }

  /** Undefined when more can be written now; otherwise settles when the peer has read, or the transport is gone. */
  drained(): Promise<void> | undefined {
    if (this.#closed || !this.#socket.writableNeedDrain) return undefined;
    if (this.#waiting === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = { promise, resolve };
    }
    return this.#waiting.promise;
  }

  /** No more writes; those who wait are let go. */
  close(): void {
    this.#closed = true;
    this.#stall.stop();
    this.#release();
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }
}
