import type { Socket } from 'node:net';
import { Framer, type FramerHandler } from './framer.ts';
import { letGo } from './received-bytes.ts';

/**
 * The way in: socket to framer, with a brake. Views into a received chunk are good during the call that brings them.
 */
export class TransportReader {
  readonly #socket: Socket;
  readonly #framer: Framer;
  readonly #failed: (error: unknown) => void;
  #paused = 0;
  bytes = 0;

  /** `moved` is called for every chunk, `failed` with what a callback of the handler threw. */
  constructor(socket: Socket, handler: FramerHandler, moved: () => void, failed: (error: unknown) => void) {
    this.#socket = socket;
    this.#framer = new Framer(handler);
    this.#failed = failed;
    socket.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      moved();
      try {
        this.#framer.push(chunk);
      } catch (error) {
        failed(error);
      }
      letGo(chunk);
    });
  }

  get paused(): boolean {
    return this.#paused > 0;
  }

  /** Stops at once, in the middle of a chunk if need be, until every `pause` has had its `resume`. */
  pause(): void {
    this.#paused++;
    this.#framer.suspend();
    this.#socket.pause();
  }

  resume(): void {
    if (this.#paused > 0 && --this.#paused === 0) this.#flow();
  }

  /** Nothing is held back any more: what is still received is read past, and the end of the transport is seen. */
  release(): void {
    if (this.#paused === 0) return;
    this.#paused = 0;
    queueMicrotask(() => this.#flow());
  }

  stop(): void {
    this.#framer.stop();
  }

  #flow(): void {
    try {
      this.#framer.resume();
    } catch (error) {
      this.#failed(error);
    }
    if (this.#paused === 0) this.#socket.resume();
  }
}
