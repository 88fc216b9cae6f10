/** A small object, read whole. */
export interface WholeObject {
  /** as many bytes as the file has, one more than asked for at most */
  readonly bytes: Buffer;
  /** in hex; '' when it was not asked for, or the file is of another size */
  readonly sha256: string;
  /** To be called once. `seen`: nobody looks at the bytes any more, their memory serves for another object. */
  release(seen: boolean): void;
}

/** A large object, read block by block. */
export interface ObjectBlocks {
  /**
   * The next block; undefined after the last one. `left`: nobody looks any more at those taken before the last one, whose memory then
   * serves again.
   */
  take(left: boolean): Promise<Buffer | undefined>;
  /** After the last block: bytes of the file, at most one more than it should have, and SHA-256 in hex, '' when not asked for. */
  end(): { readonly size: number; readonly sha256: string };
  /** To be called once. `seen`: nobody looks at any block any more. */
  close(seen: boolean): void;
}

/** Port: the object store. Rejects when the file is not there or cannot be read. Of `size` bytes; with its SHA-256 when `hashed`. */
export interface ObjectSource {
  read(sha256: string, size: number, hashed: boolean): Promise<WholeObject>;
  stream(sha256: string, size: number, hashed: boolean): ObjectBlocks;
}
