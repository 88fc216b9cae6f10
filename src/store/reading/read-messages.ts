/** What a reading thread is given at its start. */
export interface ReadingThreadData {
  /** by how much its turn on a processor is less urgent than others'; 0: not at all, 19: most (nice(2)) */
  readonly nice: number;
}

/** What a reading thread is told at once. */
export interface ReadOrders {
  readonly orders: readonly ReadOrder[];
  /** Slots whose memory is not used any more. */
  readonly forget: readonly number[];
}

export type ReadOrder = WholeOrder | BlockOrder | EndOrder;

/** Memory that bytes are read into. */
export interface SlotOrder {
  /** of the order; its result has the same */
  readonly id: number;
  readonly slot: number;
  /** of a slot that the thread does not know yet */
  readonly memory: SharedArrayBuffer | undefined;
}

/** A file to be read as a whole. */
export interface WholeOrder extends SlotOrder {
  readonly kind: 'whole';
  readonly path: string;
  /** bytes that the file should have; one more is read, to see that it ends there */
  readonly size: number;
  /** whether its SHA-256 is wanted */
  readonly hashed: boolean;
}

/** The next block of a file. It is closed behind its last block, and where it fails or ends too early: nothing comes after that. */
export interface BlockOrder extends SlotOrder {
  readonly kind: 'block';
  /** number of the file, among those of the thread */
  readonly file: number;
  readonly path: string;
  readonly length: number;
  readonly hashed: boolean;
  /** Opens the file. */
  readonly first: boolean;
  /** Should end it. */
  readonly last: boolean;
}

/** Nobody wants more of a file. */
export interface EndOrder {
  readonly kind: 'end';
  readonly file: number;
}

/** What became of some of them, in their order. The first one, without results, says that the thread is ready. */
export interface ReadReport {
  readonly results: readonly ReadResult[];
  /** whether the thread has read from the disk meanwhile, and not from memory alone */
  readonly fromDisk: boolean;
}

export type ReadResult =
  | {
      readonly id: number;
      /** bytes read; one more than was asked for when the file does not end where it should */
      readonly length: number;
      /** of the whole file, in hex; '' when none was wanted, before its end, or when the length is not what it should be */
      readonly sha256: string;
    }
  /** `code` is the operating system's */
  | { readonly id: number; readonly failure: { readonly code: string; readonly message: string } };
