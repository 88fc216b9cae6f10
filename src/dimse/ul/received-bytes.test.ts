import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { letGo, readInPlace } from './received-bytes.ts';

/** A client, and the accepted socket as it is read. */
async function pair(): Promise<{ client: Socket; accepted: Socket; original: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted, original] = await new Promise<[Socket, Socket]>((resolve) => {
    server.once('connection', (socket) => resolve([readInPlace(socket), socket]));
  });
  onTestFinished(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  return { client, accepted, original };
}

test('an accepted socket is read into the same memory again, in order, and ends as it would have', async () => {
  const { client, accepted, original } = await pair();
  expect(accepted).not.toBe(original);
  expect(accepted.remotePort).toBe(client.localPort);
  const blocks = new Set<ArrayBufferLike>();
  const copies: Buffer[] = [];
  accepted.on('data', (chunk: Buffer) => {
    blocks.add(chunk.buffer);
    copies.push(Buffer.from(chunk));
    letGo(chunk);
    accepted.pause();
    setImmediate(() => accepted.resume());
  });
  const sent = Buffer.from(Uint8Array.from({ length: 700_000 }, (_, i) => i % 251));
  client.end(sent);
  await once(accepted, 'end');
  expect(Buffer.concat(copies).equals(sent)).toBe(true);
  expect(blocks.size).toBe(1);
  const closed = once(accepted, 'close');
  const answer = once(client, 'data');
  accepted.end('answer');
  expect(String((await answer)[0])).toBe('answer');
  await closed;
});

test('a chunk that has its memory to itself gives it back, one that shares it does not', () => {
  const own = Buffer.allocUnsafeSlow(100);
  letGo(own);
  expect(own.length).toBe(0);
  const shared = Buffer.allocUnsafeSlow(100);
  letGo(shared.subarray(0, 50));
  expect(shared.length).toBe(100);
});
