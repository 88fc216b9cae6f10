import { PDU_HEADER, PDV_HEADER } from './ul/pdu-types.ts';

/** PDU header and PDV header, PS3.8 9.3.1 and 9.3.5.1. */
export const PDATA_HEADROOM = PDU_HEADER + PDV_HEADER;

/** PS3.8 E.2: message control header. */
const COMMAND_BIT = 0x01;
const LAST_BIT = 0x02;

const P_DATA_TF = 0x04;

/** Writes the 12 header bytes of a P-DATA-TF PDU with one PDV of `length` data bytes. */
export function writePDataHeader(
  target: Buffer,
  offset: number,
  contextId: number,
  command: boolean,
  last: boolean,
  length: number,
): void {
  target[offset] = P_DATA_TF;
  target[offset + 1] = 0;
  target.writeUInt32BE(length + PDV_HEADER, offset + 2);
  target.writeUInt32BE(length + 2, offset + 6);
  target[offset + 10] = contextId;
  target[offset + 11] = (command ? COMMAND_BIT : 0) | (last ? LAST_BIT : 0);
}

/**
 * Data bytes of one fragment for a peer's maximum length (0 is unlimited). Even, PS3.8 annex F; no longer than
 * `ours`, since longer PDUs gain nothing. At least 2: shorter maxima are refused at negotiation.
 */
export function fragmentLength(peerMaxPduLength: number, ours: number): number {
  const max = peerMaxPduLength === 0 ? ours : Math.min(peerMaxPduLength, ours);
  return Math.max(2, (max - PDV_HEADER) & ~1);
}

/**
 * Cuts a message part into P-DATA-TF PDUs without copying: a 12-byte header, then views of what was given, whatever
 * the lengths it was given in. A full fragment is held back until more comes, so that the last one can say so.
 */
export class PDataCutter {
  readonly #contextId: number;
  readonly #command: boolean;
  readonly #limit: number;
  #held: Buffer[] = [];
  #heldLength = 0;

  constructor(contextId: number, command: boolean, limit: number) {
    this.#contextId = contextId;
    this.#command = command;
    this.#limit = limit;
  }

  push(chunk: Buffer, out: Buffer[]): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#heldLength === this.#limit) this.#emit(false, out);
      const take = Math.min(this.#limit - this.#heldLength, chunk.length - at);
      this.#held.push(take === chunk.length ? chunk : chunk.subarray(at, at + take));
      this.#heldLength += take;
      at += take;
    }
  }

  end(out: Buffer[]): void {
    this.#emit(true, out);
  }

  #emit(last: boolean, out: Buffer[]): void {
    const header = Buffer.allocUnsafe(PDATA_HEADROOM);
    writePDataHeader(header, 0, this.#contextId, this.#command, last, this.#heldLength);
    out.push(header);
    for (const piece of this.#held) out.push(piece);
    this.#held = [];
    this.#heldLength = 0;
  }
}
