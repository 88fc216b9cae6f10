import { KuvaError } from '../core/errors.ts';
import { encodeCommandSet } from './command-encoder.ts';
import type { CommandSet } from './command-set.ts';
import type { BlockSource } from './block-source.ts';
import { FileRangeReader, type FileRange } from './file-range.ts';
import { PDATA_HEADROOM, PDataCutter, writePDataHeader } from './pdata-cutter.ts';
import type { UpperLayer } from './ul/upper-layer.ts';

/** What comes piece by piece; a file range is read from when it is to be sent, also while another message goes out. */
export type StreamedDataSet = FileRange | BlockSource | AsyncIterable<Buffer>;
export type DataSetSource = Buffer | StreamedDataSet;

/** A data set source failed in the middle; `cause` is what it threw. */
export class IncompleteMessageError extends KuvaError {
  override readonly name = 'IncompleteMessageError';

  constructor(cause: unknown) {
    super('MESSAGE_INCOMPLETE', 'a message was sent in part', {}, cause);
  }
}

/** Up to here a data set is copied behind its command, so that both are one buffer. */
const COALESCE = 4096;

/**
 * Sends messages whole, one after the other: the fragments of two messages never mix (PS3.8 annex E). Respects the
 * peer's maximum length and its reading speed.
 */
export class MessageWriter {
  readonly #ul: UpperLayer;
  readonly #fragment: number;
  /** Those who wait for the message before theirs. */
  readonly #queue: (() => void)[] = [];
  #locked = false;

  constructor(ul: UpperLayer, fragment: number) {
    this.#ul = ul;
    this.#fragment = fragment;
  }

  /** Undefined when the message is out; otherwise settles when the next one may follow. Never rejects: the association's end is known elsewhere. */
  send(contextId: number, set: CommandSet, dataSet: Buffer | undefined): Promise<void> | undefined {
    return this.#locked ? this.#sendLater(contextId, set, dataSet) : this.#sendNow(contextId, set, dataSet);
  }

  /**
   * Sends a command and streams its data set; settles when the last byte was handed over.
   * @returns bytes of the data set
   * @throws what the source threw, when nothing had been sent yet
   * @throws IncompleteMessageError when something had: the association must be aborted
   */
  async sendStream(contextId: number, set: CommandSet, source: StreamedDataSet): Promise<number> {
    const blocks = 'fd' in source ? new FileRangeReader(source) : source;
    const turn = this.#turn();
    if (turn !== undefined) await turn;
    const bytesBefore = this.#ul.bytesOut;
    try {
      const out: Buffer[] = [];
      this.#command(contextId, set, undefined, out);
      const cutter = new PDataCutter(contextId, false, this.#fragment);
      return 'take' in blocks ? await this.#takeBlocks(blocks, cutter, out) : await this.#iterate(blocks, cutter, out);
    } catch (error) {
      throw this.#ul.bytesOut === bytesBefore ? error : new IncompleteMessageError(error);
    } finally {
      this.#next();
    }
  }

  async #takeBlocks(source: BlockSource, cutter: PDataCutter, out: Buffer[]): Promise<number> {
    let bytes = 0;
    let block: Buffer | undefined;
    let left = true;
    while ((block = await source.take(left)) !== undefined && this.#ul.canSend) {
      bytes += block.length;
      cutter.push(block, out);
      left = (await this.#flush(out)) === 'drained';
    }
    cutter.end(out);
    await this.#flush(out);
    return bytes;
  }

  async #iterate(source: AsyncIterable<Buffer>, cutter: PDataCutter, out: Buffer[]): Promise<number> {
    let bytes = 0;
    for await (const chunk of source) {
      if (!this.#ul.canSend) break;
      bytes += chunk.length;
      cutter.push(chunk, out);
      await this.#flush(out);
    }
    cutter.end(out);
    await this.#flush(out);
    return bytes;
  }

  async #flush(out: Buffer[]): Promise<'drained' | 'queued'> {
    if (out.length > 0) this.#ul.sendPDataPdus(out.splice(0));
    const drained = this.#ul.outputDrained();
    if (drained === undefined) return 'queued';
    await drained;
    return 'drained';
  }

  #command(contextId: number, set: CommandSet, dataSet: Buffer | undefined, out: Buffer[]): void {
    const pdu = encodeCommandSet(set, PDATA_HEADROOM);
    const length = pdu.length - PDATA_HEADROOM;
    if (length > this.#fragment) {
      const cutter = new PDataCutter(contextId, true, this.#fragment);
      cutter.push(pdu.subarray(PDATA_HEADROOM), out);
      cutter.end(out);
    } else {
      writePDataHeader(pdu, 0, contextId, true, true, length);
      if (dataSet !== undefined && dataSet.length <= Math.min(COALESCE, this.#fragment)) {
        const both = Buffer.allocUnsafe(pdu.length + PDATA_HEADROOM + dataSet.length);
        pdu.copy(both, 0);
        writePDataHeader(both, pdu.length, contextId, false, true, dataSet.length);
        dataSet.copy(both, pdu.length + PDATA_HEADROOM);
        out.push(both);
        return;
      }
      out.push(pdu);
    }
    if (dataSet === undefined) return;
    const cutter = new PDataCutter(contextId, false, this.#fragment);
    cutter.push(dataSet, out);
    cutter.end(out);
  }

  #sendNow(contextId: number, set: CommandSet, dataSet: Buffer | undefined): Promise<void> | undefined {
    const out: Buffer[] = [];
    this.#command(contextId, set, dataSet, out);
    this.#ul.sendPDataPdus(out);
    return this.#ul.outputDrained();
  }

  async #sendLater(contextId: number, set: CommandSet, dataSet: Buffer | undefined): Promise<void> {
    await this.#turn();
    try {
      await this.#sendNow(contextId, set, dataSet);
    } finally {
      this.#next();
    }
  }

  /** Undefined when the way is free; it is taken then, and also when the promise settles. */
  #turn(): Promise<void> | undefined {
    if (this.#locked) return new Promise((resolve) => this.#queue.push(resolve));
    this.#locked = true;
    return undefined;
  }

  /** Handed over, not let go: whoever asks before the next one has woken up must not get in between. */
  #next(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#locked = false;
    else next();
  }
}
