import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { PDU, RELEASE_REQUEST, associateRequest, readAcceptance, readCommand } from './pdus.ts';

const CONNECT_LIMIT_MS = 20_000;
const RESPONSE_LIMIT_MS = 120_000;

export interface Target {
  readonly port: number;
  readonly calledAET: string;
  readonly callingAET: string;
}

/** One association as a bare socket: whole requests are written, whole PDUs come back, one at a time. */
export class RawAssociation {
  readonly #socket: Socket;
  readonly #pdus: { type: number; body: Buffer }[] = [];
  #received: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #failure: Error | undefined;
  #maxPdu = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the peer closed the connection')));
    socket.on('drain', () => this.#wake?.());
  }

  static async open(target: Target, abstractSyntax: string): Promise<RawAssociation> {
    const assoc = new RawAssociation(connect(target.port, '127.0.0.1'));
    assoc.#socket.write(associateRequest(target.calledAET, target.callingAET, abstractSyntax));
    const { type, body } = await assoc.#nextPdu(CONNECT_LIMIT_MS);
    if (type !== PDU.associateAc) throw new Error(`association refused: PDU ${type} ${body.toString('hex')}`);
    const { maxPdu, contextAccepted } = readAcceptance(body);
    if (!contextAccepted) throw new Error('presentation context refused');
    assoc.#maxPdu = maxPdu;
    return assoc;
  }

  get maxPdu(): number {
    return this.#maxPdu;
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Writes and waits until the socket takes more: for objects too large to hold. */
  async writeWithBackpressure(bytes: Buffer): Promise<void> {
    if (this.#socket.write(bytes)) return;
    while (this.#socket.writableNeedDrain && this.#failure === undefined)
      await this.#sleepUntilWoken(RESPONSE_LIMIT_MS);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The next command from the peer (identifiers of pending responses are passed over). */
  async nextCommand(): Promise<Map<number, Buffer>> {
    for (;;) {
      const { type, body } = await this.#nextPdu(RESPONSE_LIMIT_MS);
      if (type !== PDU.data) throw new Error(`unexpected PDU ${type} ${body.toString('hex')}`);
      const command = readCommand(body);
      if (command !== undefined) return command;
    }
  }

  /** Status (0000,0900) of the next response. */
  async nextStatus(): Promise<number> {
    const status = (await this.nextCommand()).get(0x0900);
    if (status === undefined) throw new Error('a response without a status');
    return status.readUInt16LE(0);
  }

  async release(): Promise<void> {
    this.#socket.write(RELEASE_REQUEST);
    await this.#nextPdu(CONNECT_LIMIT_MS);
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 6) {
      const end = 6 + this.#received.readUInt32BE(2);
      if (this.#received.length < end) break;
      this.#pdus.push({ type: this.#received[0] ?? 0, body: this.#received.subarray(6, end) });
      this.#received = this.#received.subarray(end);
    }
    this.#wake?.();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  async #nextPdu(limitMs: number): Promise<{ type: number; body: Buffer }> {
    for (;;) {
      const next = this.#pdus.shift();
      if (next !== undefined) return next;
      if (this.#failure !== undefined) throw this.#failure;
      await this.#sleepUntilWoken(limitMs);
    }
  }

  #sleepUntilWoken(limitMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`nothing from the peer for ${limitMs} ms`)), limitMs);
    this.#wake = () => {
      clearTimeout(timer);
      this.#wake = undefined;
      resolve();
    };
    return promise;
  }
}
