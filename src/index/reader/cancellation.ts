/** A flag that one thread sets and another one sees in the middle of its work. */
export type CancelCell = Int32Array<SharedArrayBuffer>;

export function cancelCell(): CancelCell {
  return new Int32Array(new SharedArrayBuffer(4));
}

export function cancel(cell: CancelCell): void {
  Atomics.store(cell, 0, 1);
}

export function isCancelled(cell: CancelCell): boolean {
  return Atomics.load(cell, 0) === 1;
}
