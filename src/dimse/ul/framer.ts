import type { PduError } from './pdu-error.ts';
import { invalidParameter } from './pdu-error.ts';
import { PDU_HEADER, PDV_HEADER } from './pdu-types.ts';

/** What to do with a PDU of which the header has been read. */
export type PduFate =
  /** Hand over the whole body. */
  | 'collect'
  /** Hand over presentation data values as they arrive. */
  | 'data'
  /** Read past the body. */
  | 'skip'
  /** The stream cannot be followed any more: read nothing further. */
  | 'stop';

export interface FramerHandler {
  /** Before anything is allocated for the PDU. */
  pduHeader(type: number, length: number): PduFate;
  controlPdu(type: number, body: Buffer): void;
  /** A PDV begins; `length` is that of its data. */
  pdvHeader(contextId: number, flags: number, length: number): void;
  /** A piece of it: a view into the received chunk, good during the call only. `end` with the last piece, which may be empty. */
  pdvData(view: Buffer, end: boolean): void;
  framingError(error: PduError): void;
}

const PDU_HEAD = 0;
const CONTROL = 1;
const SKIP = 2;
const PDV_HEAD = 3;
const PDV_DATA = 4;
const STOPPED = 5;

/**
 * Cuts a byte stream into PDUs (PS3.8 9.3.1) and PDVs (9.3.5.1), whatever the chunking. Nothing is ever joined:
 * headers that straddle chunks are gathered in 6 bytes of scratch, control PDUs in a buffer of their announced
 * and checked length, data is passed on as views.
 *
 * `suspend()` may be called from within a callback: `push` then keeps a copy of the rest of the chunk for `resume()`. No memory of a
 * chunk is looked at after `push`.
 */
export class Framer {
  readonly #handler: FramerHandler;
  readonly #scratch = Buffer.alloc(6);
  #mode = PDU_HEAD;
  #filled = 0;
  #type = 0;
  /** Bytes of the PDU not yet read. */
  #remaining = 0;
  /** Bytes of the PDV not yet read. */
  #pdvRemaining = 0;
  #body: Buffer | undefined;
  #suspended = false;
  #consuming = false;
  #waiting: Buffer[] = [];

  constructor(handler: FramerHandler) {
    this.#handler = handler;
  }

  get suspended(): boolean {
    return this.#suspended;
  }

  get stopped(): boolean {
    return this.#mode === STOPPED;
  }

  suspend(): void {
    this.#suspended = true;
  }

  /** Continues where `suspend` stopped; returns false when it was suspended again meanwhile. */
  resume(): boolean {
    this.#suspended = false;
    // Suspended and resumed within one callback: whoever is consuming goes on.
    if (this.#consuming) return true;
    let chunk: Buffer | undefined;
    while (!this.#suspended && (chunk = this.#waiting.shift()) !== undefined) this.#run(chunk, true);
    return !this.#suspended;
  }

  stop(): void {
    this.#mode = STOPPED;
    this.#waiting = [];
    this.#body = undefined;
  }

  push(chunk: Buffer): void {
    if (this.#suspended) {
      if (this.#mode !== STOPPED) this.#waiting.push(Buffer.from(chunk));
      return;
    }
    this.#run(chunk, false);
  }

  #run(chunk: Buffer, first: boolean): void {
    this.#consuming = true;
    try {
      this.#consume(chunk, first);
    } finally {
      this.#consuming = false;
    }
  }

  #consume(chunk: Buffer, first: boolean): void {
    let at = 0;
    const end = chunk.length;
    while (at < end) {
      if (this.#suspended) {
        if (this.#mode === STOPPED) return;
        // What has waited before is a copy already.
        if (first) this.#waiting.unshift(chunk.subarray(at));
        else this.#waiting.push(Buffer.from(chunk.subarray(at)));
        return;
      }
      switch (this.#mode) {
        case PDU_HEAD:
          at = this.#readPduHeader(chunk, at, end);
          break;
        case CONTROL:
          at = this.#readControl(chunk, at, end);
          break;
        case SKIP: {
          const take = Math.min(end - at, this.#remaining);
          at += take;
          this.#remaining -= take;
          if (this.#remaining === 0) this.#mode = PDU_HEAD;
          break;
        }
        case PDV_HEAD:
          at = this.#readPdvHeader(chunk, at, end);
          break;
        case PDV_DATA: {
          const take = Math.min(end - at, this.#pdvRemaining);
          const view = take === chunk.length ? chunk : chunk.subarray(at, at + take);
          at += take;
          this.#remaining -= take;
          this.#pdvRemaining -= take;
          this.#deliver(view);
          break;
        }
        default:
          return;
      }
    }
  }

  /** The 6 header bytes: in place when the chunk holds all of them, otherwise through the scratch. */
  #gather(chunk: Buffer, at: number, end: number): number {
    if (this.#filled === 0 && end - at >= 6) return at;
    const take = Math.min(6 - this.#filled, end - at);
    chunk.copy(this.#scratch, this.#filled, at, at + take);
    this.#filled += take;
    return -1 - take;
  }

  #readPduHeader(chunk: Buffer, at: number, end: number): number {
    const gathered = this.#gather(chunk, at, end);
    let header = chunk;
    let from = at;
    let next = at + PDU_HEADER;
    if (gathered < 0) {
      next = at - 1 - gathered;
      if (this.#filled < PDU_HEADER) return next;
      this.#filled = 0;
      header = this.#scratch;
      from = 0;
    }
    this.#type = header[from]!;
    const length = header.readUInt32BE(from + 2);
    this.#remaining = length;
    const fate = this.#handler.pduHeader(this.#type, length);
    if (this.#mode === STOPPED) return end;
    switch (fate) {
      case 'collect':
        this.#mode = CONTROL;
        if (length === 0) this.#finishControl(Buffer.alloc(0));
        break;
      case 'data':
        this.#enterPdv();
        break;
      case 'skip':
        if (length > 0) this.#mode = SKIP;
        break;
      case 'stop':
        this.stop();
        return end;
    }
    return next;
  }

  #readControl(chunk: Buffer, at: number, end: number): number {
    const take = Math.min(end - at, this.#remaining);
    if (this.#body === undefined && take === this.#remaining) {
      this.#finishControl(Buffer.from(chunk.subarray(at, at + take)));
      return at + take;
    }
    // Checked against the limit by pduHeader().
    this.#body ??= Buffer.allocUnsafe(this.#remaining);
    chunk.copy(this.#body, this.#body.length - this.#remaining, at, at + take);
    this.#remaining -= take;
    if (this.#remaining === 0) this.#finishControl(this.#body);
    return at + take;
  }

  #finishControl(body: Buffer): void {
    this.#body = undefined;
    this.#remaining = 0;
    this.#mode = PDU_HEAD;
    this.#handler.controlPdu(this.#type, body);
  }

  #enterPdv(): void {
    if (this.#remaining < PDV_HEADER) {
      this.#fail('P-DATA-TF has no room for a presentation data value', this.#remaining);
      return;
    }
    this.#mode = PDV_HEAD;
  }

  #readPdvHeader(chunk: Buffer, at: number, end: number): number {
    const gathered = this.#gather(chunk, at, end);
    let header = chunk;
    let from = at;
    let next = at + PDV_HEADER;
    if (gathered < 0) {
      next = at - 1 - gathered;
      if (this.#filled < PDV_HEADER) return next;
      this.#filled = 0;
      header = this.#scratch;
      from = 0;
    }
    const itemLength = header.readUInt32BE(from);
    // The item length counts context id and message control header, PS3.8 table 9-23.
    if (itemLength < 2 || itemLength > this.#remaining - 4) {
      this.#fail('presentation data value length does not fit its PDU', itemLength);
      return end;
    }
    this.#remaining -= PDV_HEADER;
    this.#pdvRemaining = itemLength - 2;
    this.#mode = PDV_DATA;
    this.#handler.pdvHeader(header[from + 4]!, header[from + 5]!, this.#pdvRemaining);
    if (this.#pdvRemaining === 0) this.#deliver(EMPTY);
    return next;
  }

  #deliver(view: Buffer): void {
    const last = this.#pdvRemaining === 0;
    if (last) {
      if (this.#remaining === 0) this.#mode = PDU_HEAD;
      else this.#enterPdv();
    }
    // A bad header may have stopped us; what came before it is still good, but nobody wants it.
    if (this.#mode !== STOPPED) this.#handler.pdvData(view, last);
  }

  #fail(message: string, length: number): void {
    this.stop();
    this.#handler.framingError(invalidParameter(message, { length }));
  }
}

const EMPTY = Buffer.alloc(0);
