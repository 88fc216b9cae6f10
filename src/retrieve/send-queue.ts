import type { InstanceRef } from '../index/index-types.ts';
import type { OpenedObject } from './opened-object.ts';
import { ReadAhead } from './read-ahead.ts';
import type { Ahead } from './read-ahead.ts';

/** The instances of one C-MOVE that still wait, shared by its associations, and read ahead for whichever comes first. */
export class SendQueue implements AsyncDisposable {
  readonly #ahead: ReadAhead<InstanceRef>;
  readonly #open: (instance: InstanceRef) => OpenedObject;
  readonly #again: InstanceRef[] = [];
  readonly #triedTwice = new Set<InstanceRef>();

  constructor(instances: readonly InstanceRef[], open: (instance: InstanceRef) => OpenedObject) {
    this.#ahead = new ReadAhead(instances, open);
    this.#open = open;
  }

  get isEmpty(): boolean {
    return this.#ahead.isEmpty && this.#again.length === 0;
  }

  /** The next instance; whoever takes it closes it. */
  take(): Ahead<InstanceRef> | undefined {
    const next = this.#ahead.take();
    if (next !== undefined) return next;
    const item = this.#again.shift();
    return item === undefined ? undefined : { item, opened: this.#open(item) };
  }

  /** For one whose association was lost under it. False when that has happened to it before. */
  putBack(instance: InstanceRef): boolean {
    if (this.#triedTwice.has(instance)) return false;
    this.#triedTwice.add(instance);
    this.#again.push(instance);
    return true;
  }

  /** What nobody has taken, or somebody has put back. */
  rest(): InstanceRef[] {
    return [...this.#ahead.rest(), ...this.#again];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ahead[Symbol.asyncDispose]();
  }
}
