import { expect, test } from 'vitest';
import { MessageWriter } from './message-writer.ts';
import type { UpperLayer } from './ul/upper-layer.ts';

const FRAGMENT = 1000;
const ECHO = { CommandField: 0x0030, MessageID: 1, CommandDataSetType: 0x0101 };
const STORE = { CommandField: 0x0001, MessageID: 2, CommandDataSetType: 0 };

/** An upper layer that keeps what is sent, as [context id, message control header] of each PDV. */
function recorder() {
  const pdvs: string[] = [];
  const ul = {
    bytesOut: 0,
    canSend: true,
    sendPDataPdus(pdus: readonly Buffer[]) {
      let stream = Buffer.concat(pdus);
      this.bytesOut += stream.length;
      for (; stream.length > 0; stream = stream.subarray(6 + stream.readUInt32BE(2)))
        pdvs.push(`${stream[10]}:${stream[11]}`);
    },
    outputDrained: () => undefined,
  };
  return { pdvs, writer: new MessageWriter(ul as unknown as UpperLayer, FRAGMENT) };
}

async function* chunks(count: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < count; at++) {
    await new Promise(setImmediate);
    yield Buffer.alloc(FRAGMENT);
  }
}

// The way is free for some turns of the microtask queue before whoever waits for it has woken up.
test.for([0, 1, 2, 3, 4, 5, 6])(
  'messages neither mix nor keep the event loop, asked for %i turns before one ends',
  async (turns) => {
    const { pdvs, writer } = recorder();
    let intruders: Promise<unknown> | undefined;
    async function* intruded(): AsyncGenerator<Buffer> {
      yield* chunks(2);
      let left = turns;
      const come = (): void => {
        if (left-- > 0) return queueMicrotask(come);
        intruders = Promise.all([writer.sendStream(7, STORE, chunks(2)), writer.send(9, ECHO, undefined)]);
      };
      queueMicrotask(come);
    }
    const first = writer.sendStream(1, STORE, intruded());
    await Promise.all([first, writer.sendStream(3, STORE, chunks(2)), writer.send(5, ECHO, undefined)]);
    await intruders;
    const message = (id: number) => [`${id}:3`, `${id}:0`, `${id}:2`];
    expect(pdvs).toEqual([...message(1), ...message(3), '5:3', ...message(7), '9:3']);
  },
);
