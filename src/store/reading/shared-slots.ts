/** Memory for one file, seen by this thread and by one that reads files into it. */
export interface Slot {
  readonly id: number;
  readonly memory: SharedArrayBuffer;
}

/** Capacities are multiples of this, so that objects of about one length use each other's memory. */
const STEP = 64 * 1024;
/** So much is kept for what comes next. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** Memory of one reading thread, used over and over: new memory for each object costs its first touch, and sets off the collector. */
export class SharedSlots {
  readonly #free: Slot[] = [];
  #freeBytes = 0;
  #made = 0;

  /** A slot of at least so many bytes; `isNew`: the other thread does not know it. */
  take(bytes: number): { readonly slot: Slot; readonly isNew: boolean } {
    const at = this.#free.findLastIndex(({ memory }) => memory.byteLength >= bytes);
    if (at >= 0) {
      const [slot] = this.#free.splice(at, 1);
      this.#freeBytes -= slot!.memory.byteLength;
      return { slot: slot!, isNew: false };
    }
    const memory = new SharedArrayBuffer(Math.ceil(bytes / STEP) * STEP);
    return { slot: { id: this.#made++, memory }, isNew: true };
  }

  /** Nobody looks at it any more. @returns ids of slots that are given up, which the other thread must forget */
  give(slot: Slot): number[] {
    this.#free.push(slot);
    this.#freeBytes += slot.memory.byteLength;
    const given: number[] = [];
    while (this.#freeBytes > KEPT_BYTES) {
      const oldest = this.#free.shift()!;
      this.#freeBytes -= oldest.memory.byteLength;
      given.push(oldest.id);
    }
    return given;
  }
}
