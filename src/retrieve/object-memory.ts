// A few associations, two objects each: one is sent, the next one is read.
const KEPT = 8;

/** Memory of objects that are read whole, used over and over: new memory for each costs its first touch, and sets off the collector. */
export class ObjectMemory {
  readonly #free: ArrayBuffer[] = [];

  take(length: number): Buffer<ArrayBuffer> {
    const free = this.#free.pop();
    // Objects of one series are about as long.
    return free !== undefined && free.byteLength >= length
      ? Buffer.from(free, 0, length)
      : Buffer.allocUnsafeSlow(length);
  }

  /** Nobody looks at it any more. */
  give(memory: ArrayBuffer): void {
    if (this.#free.length < KEPT) this.#free.push(memory);
  }
}
