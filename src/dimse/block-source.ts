/** A data set that is read while it is sent. */
export interface BlockSource {
  readonly length: number;
  /**
   * The next block; undefined after the last one. `left`: all blocks but the last one handed out have left for the kernel, their memory
   * may serve again. Rejects when it cannot be read, or, after the last block and before the fragment leaves that completes the data
   * set, when the receiver must not take it as whole.
   */
  take(left: boolean): Promise<Buffer | undefined>;
}
