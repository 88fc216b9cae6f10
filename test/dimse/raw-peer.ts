import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { encodeCommandSet } from '../../src/dimse/command-encoder.ts';
import { decodeCommandSet } from '../../src/dimse/command-decoder.ts';
import type { CommandSet } from '../../src/dimse/command-set.ts';
import { encodeAssociateRequest } from '../../src/dimse/ul/associate-codec.ts';
import type { AssociateRequest, ProposedContext } from '../../src/dimse/ul/associate-types.ts';

export const VERIFICATION = '1.2.840.10008.1.1';
export const CT = '1.2.840.10008.5.1.4.1.1.2';
export const STUDY_FIND = '1.2.840.10008.5.1.4.1.2.2.1';
export const STUDY_GET = '1.2.840.10008.5.1.4.1.2.2.3';
export const IMPLICIT = '1.2.840.10008.1.2';
export const EXPLICIT = '1.2.840.10008.1.2.1';

export interface Pdu {
  readonly type: number;
  readonly body: Buffer;
}

/** A peer that sends exactly the bytes it is told to, and collects the PDUs that come back. */
export class RawPeer implements Disposable {
  readonly socket: Socket;
  readonly pdus: Pdu[] = [];
  #pending = Buffer.alloc(0);
  #taken = 0;
  #wake: () => void = () => {};
  #ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('error', () => {});
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    const peer = new RawPeer(socket);
    await once(socket, 'connect');
    return peer;
  }

  /** Connects and associates; the answer has been checked to be A-ASSOCIATE-AC. */
  static async associate(port: number, o: Partial<AssociateRequest> = {}): Promise<RawPeer> {
    const peer = await RawPeer.connect(port);
    peer.send(associateRequest(o));
    const answer = await peer.next();
    if (answer?.type !== 2) throw new Error(`not accepted: PDU ${answer?.type}`);
    return peer;
  }

  send(...bytes: Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** The next PDU; undefined when the other side has ended the stream. */
  async next(): Promise<Pdu | undefined> {
    while (this.#taken === this.pdus.length && !this.#ended)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.pdus[this.#taken++];
  }

  /** The next message: command set and data set. */
  async message(): Promise<{ set: CommandSet; dataSet: Buffer | undefined }> {
    const set = decodeCommandSet(await this.#part()).set;
    return { set, dataSet: set.CommandDataSetType === 0x0101 ? undefined : await this.#part() };
  }

  async #part(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (;;) {
      const pdu = await this.next();
      if (pdu?.type !== 4) throw new Error(`expected P-DATA-TF, got ${pdu?.type} ${pdu?.body.toString('hex')}`);
      parts.push(pdu.body.subarray(6));
      if ((pdu.body[5]! & 2) !== 0) return Buffer.concat(parts);
    }
  }

  /** Settles when the other side is gone. */
  async closed(): Promise<void> {
    if (!this.socket.destroyed) {
      this.socket.on('end', () => this.socket.end());
      if (this.#ended) this.socket.end();
      await new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 6 && this.#pending.length >= 6 + this.#pending.readUInt32BE(2)) {
      const end = 6 + this.#pending.readUInt32BE(2);
      this.pdus.push({ type: this.#pending[0]!, body: Buffer.from(this.#pending.subarray(6, end)) });
      this.#pending = this.#pending.subarray(end);
    }
    this.#wake();
  }
}

export function associateRequest(o: Partial<AssociateRequest> = {}): Buffer {
  return encodeAssociateRequest({
    protocolVersion: 1,
    calledAET: 'KUVA',
    callingAET: 'RAW',
    applicationContext: '1.2.840.10008.3.1.1.1',
    contexts: [context(1, VERIFICATION), context(3, CT), context(5, STUDY_FIND), context(7, STUDY_GET)],
    maxPduLength: 16384,
    implementationClassUID: '1.2.3.4',
    implementationVersionName: 'RAW',
    asyncWindow: undefined,
    roles: [],
    extended: [],
    commonExtended: [],
    userIdentity: undefined,
    userIdentityResponse: undefined,
    unknown: [],
    ...o,
  });
}

export function context(id: number, abstractSyntax: string, ...transferSyntaxes: string[]): ProposedContext {
  return { id, abstractSyntax, transferSyntaxes: transferSyntaxes.length > 0 ? transferSyntaxes : [IMPLICIT] };
}

export function pdu(type: number, ...body: Buffer[]): Buffer {
  const bytes = Buffer.concat(body);
  const header = Buffer.alloc(6);
  header[0] = type;
  header.writeUInt32BE(bytes.length, 2);
  return Buffer.concat([header, bytes]);
}

/** `flags`: 1 command, 2 last. */
export function pdv(contextId: number, flags: number, data: Buffer): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt32BE(data.length + 2);
  header[4] = contextId;
  header[5] = flags;
  return Buffer.concat([header, data]);
}

export function command(set: CommandSet): Buffer {
  return encodeCommandSet(set, 0);
}

export function echo(MessageID: number): Buffer {
  return command({ AffectedSOPClassUID: VERIFICATION, CommandField: 0x30, MessageID, CommandDataSetType: 0x0101 });
}

export function store(MessageID: number, instance = `1.2.3.${MessageID}`): Buffer {
  return command({
    AffectedSOPClassUID: CT,
    CommandField: 0x01,
    MessageID,
    Priority: 0,
    CommandDataSetType: 1,
    AffectedSOPInstanceUID: instance,
  });
}

export function find(MessageID: number): Buffer {
  return command({
    AffectedSOPClassUID: STUDY_FIND,
    CommandField: 0x20,
    MessageID,
    Priority: 0,
    CommandDataSetType: 1,
  });
}

export const RELEASE_RQ = pdu(5, Buffer.alloc(4));
export const RELEASE_RP = pdu(6, Buffer.alloc(4));
export const ABORT = pdu(7, Buffer.alloc(4));

/** Body of an A-ABORT that we expect from the service-provider, PS3.8 table 9-26. */
export function aborted(source: number, reason: number): Pdu {
  return { type: 7, body: Buffer.of(0, 0, source, reason) };
}
