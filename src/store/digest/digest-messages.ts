/** Bytes for one digest, and perhaps its end. */
export interface DigestOrder {
  /** Of this order; the answer names it. */
  readonly serial: number;
  readonly digest: number;
  /** Places in the shared memory, or bytes that lie elsewhere. */
  readonly blocks: readonly (SharedBlock | Uint8Array)[];
  readonly next: 'more' | 'tell' | 'forget';
}

export interface SharedBlock {
  readonly at: number;
  readonly length: number;
}

/** The order has been carried out: nobody looks at its bytes any more. `sha256` (hex) when it was to be told. */
export interface DigestAnswer {
  readonly serial: number;
  readonly sha256: string | undefined;
}
