/** An object opened for reading; whoever opened it closes it. */
export interface ReadableObject {
  readonly fd: number;
  readonly size: number;
  close(): void | Promise<void>;
}

/** An object read whole. */
export interface WholeObject {
  /** as many bytes as the file has, one more than asked for at most */
  readonly bytes: Buffer;
  /** in hex; '' when it was not asked for, or the file is of another size */
  readonly sha256: string;
  /** To be called once. `seen`: nobody looks at the bytes any more, their memory serves for another object. */
  release(seen: boolean): void;
}

/** Port: the object store. Rejects when the file is not there or cannot be opened or read. */
export interface ObjectSource {
  open(sha256: string): Promise<ReadableObject>;
  /** Of `size` bytes, for which there is memory; with its SHA-256 when `hashed`. */
  read(sha256: string, size: number, hashed: boolean): Promise<WholeObject>;
}
