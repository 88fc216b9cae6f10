import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Framer, type FramerHandler, type PduFate } from './framer.ts';
import type { PduError } from './pdu-error.ts';

/** Writes down what it is told; `fates` decides by PDU type. */
class Recorder implements FramerHandler {
  readonly log: string[] = [];
  readonly views: Buffer[] = [];
  readonly errors: PduError[] = [];
  fate: (type: number) => PduFate = (type) => (type === 4 ? 'data' : 'collect');
  onPdvData: () => void = () => {};
  #pdv: Buffer[] = [];

  pduHeader(type: number, length: number): PduFate {
    this.log.push(`pdu ${type} ${length}`);
    return this.fate(type);
  }

  controlPdu(type: number, body: Buffer): void {
    this.log.push(`control ${type} ${body.toString('hex')}`);
  }

  pdvHeader(contextId: number, flags: number, length: number): void {
    this.log.push(`pdv ${contextId} ${flags} ${length}`);
    this.#pdv = [];
  }

  pdvData(view: Buffer, end: boolean): void {
    this.views.push(view);
    this.#pdv.push(view);
    if (end) this.log.push(`data ${Buffer.concat(this.#pdv).toString('hex')}`);
    this.onPdvData();
  }

  framingError(error: PduError): void {
    this.errors.push(error);
  }
}

function pdv(contextId: number, flags: number, data: Buffer): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt32BE(data.length + 2);
  header[4] = contextId;
  header[5] = flags;
  return Buffer.concat([header, data]);
}

function pdu(type: number, ...body: Buffer[]): Buffer {
  const header = Buffer.alloc(6);
  header[0] = type;
  header.writeUInt32BE(Buffer.concat(body).length, 2);
  return Buffer.concat([header, ...body]);
}

const STREAM = Buffer.concat([
  pdu(1, Buffer.from('0102030405', 'hex')),
  pdu(4, pdv(1, 3, Buffer.from('aabb', 'hex')), pdv(1, 0, Buffer.from('ccddee', 'hex')), pdv(1, 2, Buffer.alloc(0))),
  pdu(4, pdv(3, 0, Buffer.alloc(20, 7))),
  pdu(4, pdv(3, 2, Buffer.from('99', 'hex'))),
  pdu(5, Buffer.alloc(4)),
]);

const EXPECTED = [
  'pdu 1 5',
  'control 1 0102030405',
  'pdu 4 23',
  'pdv 1 3 2',
  'data aabb',
  'pdv 1 0 3',
  'data ccddee',
  'pdv 1 2 0',
  'data ',
  'pdu 4 26',
  'pdv 3 0 20',
  `data ${'07'.repeat(20)}`,
  'pdu 4 7',
  'pdv 3 2 1',
  'data 99',
  'pdu 5 4',
  'control 5 00000000',
];

describe('whatever the chunks', () => {
  test('all in one chunk', () => {
    const seen = new Recorder();
    new Framer(seen).push(STREAM);
    expect(seen.log).toEqual(EXPECTED);
  });

  test('one byte a chunk', () => {
    const seen = new Recorder();
    const framer = new Framer(seen);
    for (const byte of STREAM) framer.push(Buffer.of(byte));
    expect(seen.log).toEqual(EXPECTED);
  });

  test('cut at any two places', () => {
    fc.assert(
      fc.property(fc.nat(STREAM.length), fc.nat(STREAM.length), (one, two) => {
        const [first, second] = [Math.min(one, two), Math.max(one, two)];
        const seen = new Recorder();
        const framer = new Framer(seen);
        for (const chunk of [STREAM.subarray(0, first), STREAM.subarray(first, second), STREAM.subarray(second)])
          framer.push(chunk);
        expect(seen.log).toEqual(EXPECTED);
      }),
    );
  });

  test('suspended after every piece of data, nothing is lost and nothing overtakes', () => {
    for (const size of [1, 3, 7, 13, STREAM.length]) {
      const seen = new Recorder();
      const framer = new Framer(seen);
      seen.onPdvData = () => framer.suspend();
      for (let at = 0; at < STREAM.length; at += size) {
        framer.push(STREAM.subarray(at, at + size));
        // Further chunks may come in while it is suspended.
        if (at % 2 === 0) framer.resume();
      }
      while (framer.suspended) framer.resume();
      expect(seen.log).toEqual(EXPECTED);
    }
  });
});

test('suspended and resumed within one callback, with chunks waiting: still in order', () => {
  const seen = new Recorder();
  const framer = new Framer(seen);
  framer.suspend();
  for (let at = 0; at < STREAM.length; at += 9) framer.push(STREAM.subarray(at, at + 9));
  seen.onPdvData = () => {
    framer.suspend();
    framer.resume();
  };
  framer.resume();
  expect(seen.log).toEqual(EXPECTED);
});

test('data are views into the chunk, never copies', () => {
  const seen = new Recorder();
  const chunk = pdu(4, pdv(1, 2, Buffer.alloc(1000, 5)));
  new Framer(seen).push(chunk);
  expect(seen.views).toHaveLength(1);
  expect(seen.views[0]!.buffer).toBe(chunk.buffer);
  expect(seen.views[0]!.byteOffset).toBe(chunk.byteOffset + 12);
});

test('the handler is asked before anything is kept: 4 GiB are refused at the header', () => {
  const seen = new Recorder();
  seen.fate = () => 'stop';
  const framer = new Framer(seen);
  framer.push(Buffer.from('0400ffffffff', 'hex'));
  framer.push(Buffer.alloc(100));
  expect(seen.log).toEqual(['pdu 4 4294967295']);
  expect(framer.stopped).toBe(true);
});

test('skipped PDUs leave no trace', () => {
  const seen = new Recorder();
  seen.fate = (type) => (type === 5 ? 'collect' : 'skip');
  new Framer(seen).push(STREAM);
  expect(seen.log.at(-1)).toBe('control 5 00000000');
  expect(seen.views).toEqual([]);
});

test.each([
  ['PDV length 0', pdu(4, Buffer.from('000000000100', 'hex'))],
  ['PDV length 1', pdu(4, Buffer.from('00000001010000', 'hex'))],
  ['PDV length 0xFFFFFFFF', pdu(4, Buffer.from('ffffffff0100', 'hex'))],
  ['PDV one byte longer than its PDU', pdu(4, Buffer.from('0000000401000a', 'hex'))],
  ['PDU without room for a PDV', pdu(4, Buffer.from('0000', 'hex'))],
  ['empty P-DATA-TF', pdu(4)],
  ['stray bytes after a PDV', pdu(4, pdv(1, 3, Buffer.from('aabb', 'hex')), Buffer.from('000000', 'hex'))],
])('%s is an invalid parameter value (reason 6), and the end of the stream', (_name, bytes) => {
  const seen = new Recorder();
  const framer = new Framer(seen);
  framer.push(bytes);
  framer.push(STREAM);
  expect(seen.errors.map((error) => error.reason)).toEqual([6]);
  expect(framer.stopped).toBe(true);
});
