import type { InstanceRef } from '../index/index-types.ts';

/** The instances of one C-MOVE that still wait, shared by its associations. */
export class SendQueue {
  readonly #waiting: InstanceRef[];
  readonly #triedTwice = new Set<InstanceRef>();
  #next = 0;

  constructor(instances: readonly InstanceRef[]) {
    this.#waiting = [...instances];
  }

  get isEmpty(): boolean {
    return this.#next >= this.#waiting.length;
  }

  take(): InstanceRef | undefined {
    return this.#waiting[this.#next++];
  }

  /** What `take` would give; another association may be faster. */
  peek(): InstanceRef | undefined {
    return this.#waiting[this.#next];
  }

  /** For one whose association was lost under it. False when that has happened to it before. */
  putBack(instance: InstanceRef): boolean {
    if (this.#triedTwice.has(instance)) return false;
    this.#triedTwice.add(instance);
    this.#waiting.push(instance);
    return true;
  }

  /** Empties the queue. */
  *drain(): Generator<InstanceRef> {
    for (let instance = this.take(); instance !== undefined; instance = this.take()) yield instance;
  }
}
