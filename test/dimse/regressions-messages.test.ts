import { expect, test } from 'vitest';
import { startNode } from './harness.ts';
import { CT, RawPeer, aborted, command, echo, find, pdu, pdv } from './raw-peer.ts';

// The faults that were found in another implementation, each against a real socket. The numbers are those of that list.

test('operations that we do not have are answered 0211, with their data set read past', async () => {
  await using node = await startNode({});
  using peer = await RawPeer.associate(node.port);
  for (const CommandField of [0x0110, 0x0120, 0x0140, 0x0150, 0x0001, 0x0020]) {
    const set = command({
      AffectedSOPClassUID: CT,
      CommandField,
      MessageID: 5,
      CommandDataSetType: 1,
      AffectedSOPInstanceUID: '1.2.3',
    });
    peer.send(pdu(4, pdv(3, 3, set), pdv(3, 2, Buffer.alloc(10))));
    expect((await peer.message()).set).toMatchObject({
      CommandField: CommandField | 0x8000,
      Status: 0x0211,
      MessageIDBeingRespondedTo: 5,
    });
  }
});

test('an identifier in fragments of one byte costs its length, not an object a byte', async () => {
  let received: Buffer | undefined;
  await using node = await startNode({
    async *find(_assoc, _pc, _request, identifier) {
      received = identifier;
      yield { status: { code: 0 } };
    },
  });
  using peer = await RawPeer.associate(node.port);
  const identifier = Buffer.from(Array.from({ length: 20_000 }, (_, i) => i & 0xff));
  const fragments = Array.from(identifier, (byte, i) => pdv(5, i === identifier.length - 1 ? 2 : 0, Buffer.of(byte)));
  peer.send(
    pdu(4, pdv(5, 3, find(1))),
    ...Array.from({ length: 20 }, (_, i) => pdu(4, ...fragments.slice(i * 1000, (i + 1) * 1000))),
  );
  expect((await peer.message()).set.Status).toBe(0);
  expect(received?.equals(identifier)).toBe(true);
});

test('a command that PS3.7 does not have, a response to no request, a broken command set: A-ABORT by the service-user', async () => {
  await using node = await startNode({});
  const broken = echo(1);
  broken.writeUInt32LE(7, 8);
  const stray = command({ CommandField: 0x8001, MessageIDBeingRespondedTo: 3, CommandDataSetType: 0x0101, Status: 0 });
  const odd = command({ CommandField: 0x0077, MessageID: 3, CommandDataSetType: 0x0101 });
  for (const set of [odd, stray, broken]) {
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(1, 3, set)));
    expect(await peer.next()).toEqual(aborted(0, 0));
  }
});
