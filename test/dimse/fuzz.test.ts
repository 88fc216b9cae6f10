import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { MemorySink, startNode } from './harness.ts';
import {
  ABORT,
  RELEASE_RP,
  RELEASE_RQ,
  RawPeer,
  associateRequest,
  command,
  echo,
  find,
  pdu,
  pdv,
  store,
} from './raw-peer.ts';

const PIECES = [
  associateRequest(),
  pdu(4, pdv(1, 3, echo(1))),
  pdu(4, pdv(3, 3, store(2)), pdv(3, 0, Buffer.alloc(100, 1))),
  pdu(4, pdv(3, 2, Buffer.alloc(100, 2))),
  pdu(4, pdv(5, 3, find(3)), pdv(5, 2, Buffer.alloc(20))),
  pdu(4, pdv(5, 3, command({ CommandField: 0x0fff, MessageIDBeingRespondedTo: 3, CommandDataSetType: 0x0101 }))),
  pdu(
    4,
    pdv(1, 3, command({ CommandField: 0x8030, MessageIDBeingRespondedTo: 3, CommandDataSetType: 0x0101, Status: 0 })),
  ),
  RELEASE_RQ,
  RELEASE_RP,
  ABORT,
  pdu(2, Buffer.alloc(80)),
  pdu(3, Buffer.alloc(4)),
];

const conversation = fc.record({
  // Mostly it begins with a request, so that the rest has an association to break.
  associated: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  pieces: fc.array(fc.nat(PIECES.length - 1), { minLength: 1, maxLength: 8 }),
  damage: fc.array(fc.record({ at: fc.nat(2000), value: fc.integer({ min: 0, max: 255 }) }), { maxLength: 3 }),
  chunk: fc.integer({ min: 1, max: 400 }),
  end: fc.constantFrom('end', 'destroy', 'reset'),
});

test('whatever a peer says in whatever order, every sink ends once, every socket closes, and the next peer is served', async () => {
  const sinks: MemorySink[] = [];
  await using node = await startNode(
    {
      store: () => (sinks.push(new MemorySink()), sinks.at(-1)!),
      async *find() {
        for (let i = 0; i < 5; i++) yield { status: { code: 0xff00 }, identifier: Buffer.alloc(50) };
      },
    },
    { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, artim: 2000 } },
  );
  await fc.assert(
    fc.asyncProperty(conversation, async ({ associated, pieces, damage, chunk, end }) => {
      using peer = associated ? await RawPeer.associate(node.port) : await RawPeer.connect(node.port);
      const bytes = Buffer.concat(pieces.map((piece) => PIECES[piece]!));
      for (const { at, value } of damage) bytes[at % bytes.length] = value;
      for (let at = 0; at < bytes.length; at += chunk) peer.socket.write(bytes.subarray(at, at + chunk));
      if (end === 'end') {
        peer.socket.end();
        await peer.closed();
      } else if (end === 'destroy') {
        peer.socket.destroySoon();
      } else {
        peer.socket.resetAndDestroy();
      }
    }),
    { numRuns: 300 },
  );
  await node.log.until(() => node.acceptor.connections() === 0);
  expect(node.acceptor.associations()).toBe(0);
  expect(sinks.length).toBeGreaterThan(2);
  expect(sinks.every((sink) => sink.finished + sink.aborts.length === 1)).toBe(true);
  using peer = await RawPeer.associate(node.port);
  peer.send(PIECES[1]!);
  expect((await peer.message()).set.Status).toBe(0);
});
