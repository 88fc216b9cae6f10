/** What a reading thread is told at once. */
export interface ReadOrders {
  readonly reads: readonly ReadOrder[];
  /** Slots whose memory is not used any more. */
  readonly forget: readonly number[];
}

/** One file to be read into the memory of a slot. */
export interface ReadOrder {
  readonly id: number;
  readonly path: string;
  /** bytes that the file should have; one more is read, to see that it ends there */
  readonly size: number;
  /** whether its SHA-256 is wanted */
  readonly hashed: boolean;
  readonly slot: number;
  /** of a slot that the thread does not know yet */
  readonly memory: SharedArrayBuffer | undefined;
}

/** What became of some of them, in their order. */
export interface ReadReport {
  readonly results: readonly ReadResult[];
  /** whether this process has read from the disk meanwhile, and not from memory alone */
  readonly fromDisk: boolean;
}

export type ReadResult =
  | {
      readonly id: number;
      /** bytes read */
      readonly length: number;
      /** in hex; '' when none was wanted or the length is not what it should be */
      readonly sha256: string;
    }
  /** `code` is the operating system's */
  | { readonly id: number; readonly failure: { readonly code: string; readonly message: string } };
