/** An object opened for reading; whoever opened it closes it. */
export interface ReadableObject {
  readonly fd: number;
  readonly size: number;
  close(): void | Promise<void>;
}

/** Port: the object store. Rejects when the file is not there or cannot be opened. */
export interface ObjectSource {
  open(sha256: string): Promise<ReadableObject>;
}
