/**
 * A PDU and PDV reader for tests only (PS3.8 9.3, PS3.7 6.3), written apart from the program's own and kept naive,
 * so that what a peer really put on the wire can be compared with what the archive gives back.
 */
export interface WireMessage {
  readonly presentationContextId: number;
  /** (0000,eeee) → raw value, without padding for text */
  readonly command: ReadonlyMap<number, Buffer>;
  readonly dataSet: Buffer | undefined;
}

export interface WireContext {
  readonly id: number;
  readonly result: number;
  readonly transferSyntaxUid: string;
}

export class PduStream {
  readonly messages: WireMessage[] = [];
  readonly acceptedContexts: WireContext[] = [];
  readonly abstractSyntaxes = new Map<number, string>();
  readonly pduTypes: number[] = [];
  #rest = Buffer.alloc(0);
  #command: Buffer[] = [];
  #dataSet: Buffer[] = [];
  #pending: { presentationContextId: number; command: Map<number, Buffer> } | undefined;

  push(chunk: Buffer): void {
    let buffer = Buffer.concat([this.#rest, chunk]);
    while (buffer.length >= 6) {
      const length = buffer.readUInt32BE(2);
      if (buffer.length < 6 + length) break;
      this.#pdu(buffer[0]!, buffer.subarray(6, 6 + length));
      buffer = buffer.subarray(6 + length);
    }
    this.#rest = Buffer.from(buffer);
  }

  #pdu(type: number, body: Buffer): void {
    this.pduTypes.push(type);
    if (type === 0x01 || type === 0x02) this.#contexts(body);
    if (type !== 0x04) return;
    for (let offset = 0; offset + 6 <= body.length;) {
      const length = body.readUInt32BE(offset);
      const flags = body[offset + 5]!;
      this.#pdv(body[offset + 4]!, flags, Buffer.from(body.subarray(offset + 6, offset + 4 + length)));
      offset += 4 + length;
    }
  }

  #pdv(presentationContextId: number, flags: number, fragment: Buffer): void {
    const isCommand = (flags & 1) !== 0;
    const isLast = (flags & 2) !== 0;
    (isCommand ? this.#command : this.#dataSet).push(fragment);
    if (!isLast) return;
    if (isCommand) {
      const command = parseCommand(Buffer.concat(this.#command));
      this.#command = [];
      // (0000,0800) 0101H: no data set follows
      if (command.get(0x0800)?.readUInt16LE(0) === 0x0101) {
        this.messages.push({ presentationContextId, command, dataSet: undefined });
      } else {
        this.#pending = { presentationContextId, command };
      }
      return;
    }
    if (this.#pending === undefined) throw new Error('data set without a command on the wire');
    this.messages.push({ ...this.#pending, dataSet: Buffer.concat(this.#dataSet) });
    this.#pending = undefined;
    this.#dataSet = [];
  }

  #contexts(body: Buffer): void {
    for (const item of items(body.subarray(68))) {
      if (item.type !== 0x20 && item.type !== 0x21) continue;
      const id = item.body[0]!;
      for (const sub of items(item.body.subarray(4))) {
        const uid = sub.body.toString('latin1').replace(/\0+$/, '');
        if (sub.type === 0x30) this.abstractSyntaxes.set(id, uid);
        if (sub.type === 0x40 && item.type === 0x21) {
          this.acceptedContexts.push({ id, result: item.body[2]!, transferSyntaxUid: uid });
        }
      }
    }
  }
}

function* items(buffer: Buffer): Generator<{ type: number; body: Buffer }> {
  for (let offset = 0; offset + 4 <= buffer.length;) {
    const length = buffer.readUInt16BE(offset + 2);
    yield { type: buffer[offset]!, body: buffer.subarray(offset + 4, offset + 4 + length) };
    offset += 4 + length;
  }
}

function parseCommand(bytes: Buffer): Map<number, Buffer> {
  const command = new Map<number, Buffer>();
  for (let offset = 0; offset + 8 <= bytes.length;) {
    const length = bytes.readUInt32LE(offset + 4);
    command.set(bytes.readUInt16LE(offset + 2), bytes.subarray(offset + 8, offset + 8 + length));
    offset += 8 + length;
  }
  return command;
}

/** A UID or text element of a command set. */
export function commandText(message: WireMessage, element: number): string {
  return (message.command.get(element)?.toString('latin1') ?? '').replace(/[\0 ]+$/, '');
}

/** A US element of a command set, undefined when absent. */
export function commandNumber(message: WireMessage, element: number): number | undefined {
  return message.command.get(element)?.readUInt16LE(0);
}
