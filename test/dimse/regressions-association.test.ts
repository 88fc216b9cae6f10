import { describe, expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_LIMITS } from '../../src/dimse/association-limits.ts';
import { REJECT_ALL, sinkHandlers, startNode } from './harness.ts';
import {
  CT,
  RELEASE_RP,
  RELEASE_RQ,
  RawPeer,
  VERIFICATION,
  aborted,
  associateRequest,
  context,
  echo,
  find,
  pdu,
  pdv,
  store,
} from './raw-peer.ts';

// The faults that were found in another implementation, each against a real socket. The numbers are those of that list.

describe('association control', () => {
  test('T6: after a rejection nothing is answered any more', async () => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers, { policy: REJECT_ALL });
    using peer = await RawPeer.connect(node.port);
    peer.send(associateRequest());
    expect(await peer.next()).toEqual({ type: 3, body: Buffer.of(0, 1, 1, 3) });
    peer.send(
      pdu(4, pdv(1, 3, echo(1))),
      pdu(4, pdv(3, 3, store(2)), pdv(3, 2, Buffer.alloc(10))),
      pdu(4, pdv(5, 3, find(3))),
    );
    peer.socket.end();
    expect(await peer.next()).toBeUndefined();
    expect(sinks).toEqual([]);
    expect(node.log.rejections).toMatchObject([{ callingAET: 'RAW', result: 1, source: 1, reason: 3, log: 'unknown' }]);
  });

  test('T7: a context that we rejected cannot be used', async () => {
    const { handlers, sinks } = sinkHandlers();
    const policy = {
      decide: () =>
        Promise.resolve({
          accept: true as const,
          contexts: [
            { id: 1, result: 0 as const, transferSyntax: '1.2.840.10008.1.2' },
            { id: 3, result: 3 as const, transferSyntax: '' },
          ],
          roles: [],
          extended: [],
          principal: undefined,
        }),
    };
    await using node = await startNode(handlers, { policy });
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1))));
    expect(await peer.next()).toEqual(aborted(2, 6));
    expect(sinks).toEqual([]);
  });

  test('T8: a second A-ASSOCIATE-RQ aborts', async () => {
    await using node = await startNode({});
    using peer = await RawPeer.associate(node.port);
    peer.send(associateRequest());
    expect(await peer.next()).toEqual(aborted(2, 2));
    expect(node.acceptor.associations()).toBe(0);
  });

  test('T8b: P-DATA after A-RELEASE-RP is not processed', async () => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers);
    using peer = await RawPeer.associate(node.port);
    peer.send(RELEASE_RQ);
    expect((await peer.next())?.type).toBe(6);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 2, Buffer.alloc(10))), pdu(4, pdv(1, 3, echo(2))));
    peer.socket.end();
    expect(await peer.next()).toBeUndefined();
    expect(sinks).toEqual([]);
    await node.log.until(() => node.log.summaries.length === 1);
    expect(node.log.summaries[0]).toMatchObject({ outcome: 'released', operations: 0 });
  });

  test('T10a: context ids in descending order are answered as they came', async () => {
    await using node = await startNode({});
    using peer = await RawPeer.associate(node.port, { contexts: [context(3, VERIFICATION), context(1, CT)] });
    peer.send(pdu(4, pdv(3, 3, echo(1))));
    expect((await peer.message()).set).toMatchObject({ CommandField: 0x8030, Status: 0 });
  });

  test('T10c: 128 contexts are accepted, and no more can be named', async () => {
    await using node = await startNode({});
    const contexts = Array.from({ length: 128 }, (_, i) => context(2 * i + 1, `1.2.${i}`));
    using peer = await RawPeer.associate(node.port, { contexts });
    peer.send(pdu(4, pdv(255, 3, echo(1))));
    expect((await peer.message()).set.Status).toBe(0);
  });

  test('T10d: two contexts with id 255 end that connection and nothing else', async () => {
    await using node = await startNode({});
    using peer = await RawPeer.connect(node.port);
    peer.send(associateRequest({ contexts: [context(255, VERIFICATION), context(255, CT)] }));
    // PS3.8 table 9-10, Sta2: AA-1, service-user.
    expect(await peer.next()).toEqual(aborted(0, 0));
    using other = await RawPeer.associate(node.port);
    other.send(pdu(4, pdv(1, 3, echo(1))));
    expect((await other.message()).set.Status).toBe(0);
  });

  test.each([1, 5, 6, 7, 8, 127])('T9: a maximum PDU length of %i is refused', async (maxPduLength) => {
    await using node = await startNode({});
    using peer = await RawPeer.connect(node.port);
    peer.send(associateRequest({ maxPduLength }));
    expect(await peer.next()).toEqual({ type: 3, body: Buffer.of(0, 1, 1, 1) });
    expect(node.log.rejections[0]?.log).toContain('maximum PDU length');
  });

  test.each([0, 128, 129, 0xffffffff])('T9: a maximum PDU length of %i is kept to', async (maxPduLength) => {
    await using node = await startNode(sinkHandlers().handlers);
    using peer = await RawPeer.associate(node.port, { maxPduLength });
    peer.send(pdu(4, pdv(5, 3, find(1)), pdv(5, 2, Buffer.alloc(8))));
    expect((await peer.message()).dataSet).toEqual(Buffer.alloc(200, 1));
    expect((await peer.message()).set.Status).toBe(0);
    const longest = Math.max(...peer.pdus.filter(({ type }) => type === 4).map(({ body }) => body.length));
    if (maxPduLength !== 0) expect(longest).toBeLessThanOrEqual(maxPduLength);
  });
});

describe('lengths', () => {
  test('T2: a P-DATA-TF of 4 GiB before any association is refused at its header', async () => {
    await using node = await startNode({});
    using peer = await RawPeer.connect(node.port);
    peer.send(Buffer.from('0400ffffffff', 'hex'), Buffer.alloc(1 << 20));
    expect(await peer.next()).toEqual(aborted(0, 0));
    peer.socket.end();
    await node.log.until(() => node.log.drops.length === 1);
    expect(node.log.drops[0]?.outcome).toBe('too-long');
  });

  test('T2: one byte beyond the announced maximum is refused, the maximum itself is not', async () => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers, { maxPduLength: 4096 });
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1))), pdu(4, pdv(3, 2, Buffer.alloc(4090))));
    expect((await peer.message()).set.Status).toBe(0);
    expect(sinks[0]?.bytes.length).toBe(4090);
    peer.send(pdu(4, pdv(3, 3, store(2))), pdu(4, pdv(3, 2, Buffer.alloc(4091))));
    expect(await peer.next()).toEqual(aborted(2, 6));
    await node.log.until(() => sinks[1]!.aborts.length === 1 || node.acceptor.associations() === 0);
    expect(sinks[1]).toMatchObject({ finished: 0, aborts: [{ code: 'PEER_TOO_LONG' }] });
  });

  test('T2: with a tolerance, PDUs of so many times the maximum are taken, in pieces as they arrive', async () => {
    const { handlers, sinks } = sinkHandlers();
    const limits = { ...DEFAULT_ASSOCIATION_LIMITS, pduTolerance: 100 };
    await using node = await startNode(handlers, { maxPduLength: 4096, limits });
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1))), pdu(4, pdv(3, 2, Buffer.alloc(409_594))));
    expect((await peer.message()).set.Status).toBe(0);
    expect(sinks[0]?.bytes.length).toBe(409_594);
    expect(Math.max(...sinks[0]!.chunks.map((chunk) => chunk.length))).toBeLessThan(200_000);
    peer.send(pdu(4, pdv(3, 3, store(2))), pdu(4, pdv(3, 2, Buffer.alloc(409_596))));
    expect(await peer.next()).toEqual(aborted(2, 6));
    await node.log.until(() => node.log.summaries.length === 1);
    expect(node.log.summaries[0]?.cause?.message).toContain('P-DATA-TF of 409602 bytes is longer than allowed');
  });

  test('T2: an A-ASSOCIATE-RQ of more than 256 KiB is refused at its header', async () => {
    await using node = await startNode({});
    using peer = await RawPeer.connect(node.port);
    peer.send(Buffer.from('010000040001', 'hex'));
    expect(await peer.next()).toEqual(aborted(0, 0));
  });

  test('T1: an unknown PDU type aborts with "unrecognized PDU"', async () => {
    await using node = await startNode({});
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(9, Buffer.alloc(4)));
    expect(await peer.next()).toEqual(aborted(2, 1));
  });

  test('T15: a command element that claims 4 GiB aborts and allocates nothing', async () => {
    await using node = await startNode({});
    using peer = await RawPeer.associate(node.port);
    const set = echo(1);
    const element = Buffer.from('0000990000000000', 'hex');
    element.writeUInt32LE(0xfffffff0, 4);
    const bytes = Buffer.concat([set, element]);
    bytes.writeUInt32LE(bytes.length - 12, 8);
    const before = process.memoryUsage().external;
    peer.send(pdu(4, pdv(1, 3, bytes)));
    expect(await peer.next()).toEqual(aborted(0, 0));
    expect(process.memoryUsage().external - before).toBeLessThan(1 << 26);
  });

  test.each([
    ['data set first', pdu(4, pdv(3, 2, Buffer.alloc(4))), aborted(2, 5)],
    ['PDV length 0', pdu(4, Buffer.from('000000000303', 'hex')), aborted(2, 6)],
    ['PDV length 0xFFFFFFFF', pdu(4, Buffer.from('ffffffff0303', 'hex')), aborted(2, 6)],
  ])('T16: %s', async (_name, bytes, expected) => {
    await using node = await startNode({});
    using peer = await RawPeer.associate(node.port);
    peer.send(bytes);
    expect(await peer.next()).toEqual(expected);
  });

  test('a command set of more than 64 KiB and an identifier of more than the limit abort', async () => {
    await using node = await startNode(sinkHandlers().handlers, {
      limits: {
        maxAssociations: 9,
        maxAssociationsPerPeer: 9,
        pduTolerance: 1,
        maxControlPduLength: 9999,
        maxCommandLength: 65536,
        maxIdentifierLength: 1000,
      },
    });
    using one = await RawPeer.associate(node.port);
    for (let i = 0; i < 3; i++) one.send(pdu(4, pdv(1, 1, Buffer.alloc(30_000))));
    expect(await one.next()).toEqual(aborted(0, 0));
    using two = await RawPeer.associate(node.port);
    two.send(pdu(4, pdv(5, 3, find(1)), pdv(5, 0, Buffer.alloc(600))), pdu(4, pdv(5, 0, Buffer.alloc(600))));
    expect(await two.next()).toEqual(aborted(0, 0));
    two.socket.end();
    one.socket.end();
    await node.log.until(() => node.log.summaries.length === 2);
    expect(node.log.summaries.map(({ outcome }) => outcome)).toEqual(['too-long', 'too-long']);
  });
});

test('release collisions are settled: the acceptor answers after the requestor', async () => {
  await using node = await startNode({});
  using peer = await RawPeer.associate(node.port);
  const released = node.log.openedAssociations[0]!.release();
  expect((await peer.next())?.type).toBe(5);
  // PS3.8 9.2: Sta7, AR-8, Sta10; our peer as requestor answers first.
  peer.send(RELEASE_RQ, RELEASE_RP);
  expect((await peer.next())?.type).toBe(6);
  await released;
});
