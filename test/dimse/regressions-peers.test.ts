import { describe, expect, test, vi } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { MemorySink, REJECT_ALL, startNode } from './harness.ts';
import { ABORT, RELEASE_RQ, RawPeer, aborted, associateRequest, echo, pdu, pdv, store } from './raw-peer.ts';

// The faults that were found in another implementation, each against a real socket. The numbers are those of that list.

describe('timers', () => {
  test('T3: a connection that sends nothing is destroyed', async () => {
    await using node = await startNode({}, { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, artim: 30 } });
    using peer = await RawPeer.connect(node.port);
    await peer.closed();
    await node.log.until(() => node.log.drops.length === 1);
    expect(node.log.drops).toMatchObject([{ outcome: 'timed-out', cause: { timer: 'artim' } }]);
  });

  test('T4: slow loris: bytes that trickle in do not extend the time for the request', async () => {
    await using node = await startNode({}, { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, artim: 60 } });
    using peer = await RawPeer.connect(node.port);
    const request = associateRequest();
    let sent = 0;
    const trickle = setInterval(() => peer.socket.write(request.subarray(sent, ++sent)), 5);
    await peer.closed();
    clearInterval(trickle);
    expect(sent).toBeLessThan(request.length);
    await node.log.until(() => node.log.drops.length === 1);
    expect(node.log.drops).toMatchObject([{ outcome: 'timed-out' }]);
  });

  test('T4b: a peer that ignores our A-ABORT and keeps talking is destroyed', async () => {
    await using node = await startNode({}, { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, artim: 40 } });
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(9, Buffer.alloc(4)));
    expect(await peer.next()).toEqual(aborted(2, 1));
    const talk = setInterval(() => peer.socket.write(pdu(4, pdv(1, 3, echo(1)))), 5);
    await peer.closed();
    clearInterval(talk);
    await node.log.until(() => node.log.summaries.length === 1);
    expect(node.log.summaries[0]).toMatchObject({ outcome: 'protocol-error', operations: 0 });
    expect(node.acceptor.connections()).toBe(0);
  });

  test('T4b: a peer that stays after its release or its rejection is destroyed', async () => {
    const timeouts = { ...DEFAULT_ASSOCIATION_TIMEOUTS, artim: 40 };
    await using node = await startNode({}, { timeouts });
    using released = await RawPeer.associate(node.port);
    released.send(RELEASE_RQ);
    await released.closed();
    await using other = await startNode({}, { timeouts, policy: REJECT_ALL });
    using rejected = await RawPeer.connect(other.port);
    rejected.send(associateRequest());
    expect((await rejected.next())?.type).toBe(3);
    await rejected.closed();
    expect(node.log.summaries).toMatchObject([{ outcome: 'released' }]);
  });

  test('idle: an association on which nothing moves is aborted, then destroyed', async () => {
    await using node = await startNode({}, { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, artim: 40, idle: 40 } });
    using peer = await RawPeer.associate(node.port);
    expect(await peer.next()).toEqual(aborted(0, 0));
    await peer.closed();
    await node.log.until(() => node.log.summaries.length === 1);
    expect(node.log.summaries[0]).toMatchObject({ outcome: 'timed-out', cause: { timer: 'idle' } });
  });

  test('idle stands still while an operation of ours runs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const running = Promise.withResolvers<{ code: number }>();
      await using node = await startNode(
        { echo: () => running.promise },
        { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, idle: 1000 } },
      );
      using peer = await RawPeer.associate(node.port);
      peer.send(pdu(4, pdv(1, 3, echo(1))));
      while (node.log.openedAssociations[0]?.isBusy !== true) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(100_000);
      running.resolve({ code: 0 });
      expect((await peer.message()).set.Status).toBe(0);
      vi.advanceTimersByTime(1001);
      expect(await peer.next()).toEqual(aborted(0, 0));
    } finally {
      vi.useRealTimers();
    }
  });

  test('a sink that never finishes ends the association', async () => {
    const sink = Object.assign(new MemorySink(), { finish: () => new Promise<never>(() => {}) });
    await using node = await startNode(
      { store: () => sink },
      { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, sink: 30 } },
    );
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 2, Buffer.alloc(10))));
    expect(await peer.next()).toEqual(aborted(0, 0));
    expect(sink.aborts).toEqual([]);
  });
});

describe('limits on associations', () => {
  const limits = {
    maxAssociations: 3,
    maxAssociationsPerPeer: 2,
    pduTolerance: 1,
    maxControlPduLength: 9999,
    maxCommandLength: 9999,
    maxIdentifierLength: 9999,
  };

  test('T18: beyond the limit per peer: 2/3/2, and room again when one has left', async () => {
    await using node = await startNode({}, { limits });
    using one = await RawPeer.associate(node.port);
    using two = await RawPeer.associate(node.port);
    using three = await RawPeer.connect(node.port);
    three.send(associateRequest());
    expect(await three.next()).toEqual({ type: 3, body: Buffer.of(0, 2, 3, 2) });
    expect(node.log.rejections).toMatchObject([{ result: 2, source: 3, reason: 2, callingAET: 'RAW' }]);
    one.send(RELEASE_RQ);
    expect((await one.next())?.type).toBe(6);
    using four = await RawPeer.associate(node.port);
    expect(node.acceptor.associations()).toBe(2);
    two.send(ABORT);
    four.socket.destroy();
    await node.log.until(() => node.acceptor.associations() === 0);
  });

  test('T18: connections that never ask are bounded as well', async () => {
    await using node = await startNode({}, { limits });
    const peers = await Promise.all(Array.from({ length: 40 }, () => RawPeer.connect(node.port)));
    await Promise.race(peers.map((peer) => peer.closed()));
    expect(node.acceptor.connections()).toBeLessThanOrEqual(20);
    for (const peer of peers) peer.socket.destroy();
  });

  test('a protocol version, an application context and AE titles that cannot be', async () => {
    await using node = await startNode({});
    const rejection = async (o: Parameters<typeof associateRequest>[0]): Promise<number[] | undefined> => {
      using peer = await RawPeer.connect(node.port);
      peer.send(associateRequest(o));
      const answer = await peer.next();
      return answer?.type === 3 ? [...answer.body.subarray(1)] : undefined;
    };
    expect(await rejection({ protocolVersion: 2 })).toEqual([1, 2, 2]);
    expect(await rejection({ applicationContext: '1.2.3' })).toEqual([1, 1, 2]);
    expect(await rejection({ callingAET: '' })).toEqual([1, 1, 3]);
    expect(await rejection({ calledAET: 'A\\B' })).toEqual([1, 1, 7]);
    expect(await rejection({ callingAET: 'A\u0007' })).toEqual([1, 1, 3]);
  });
});

describe('what speaks on the port', () => {
  test.each([
    ['tls-client-hello', Buffer.from('16030100fa010000f60303', 'hex')],
    ['http', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['unknown', Buffer.from('\u0000\u0001\u0002\u0003\u0004\u0005\u0006')],
  ])('%s is recognised and shown the end of the stream', async (kind, bytes) => {
    await using node = await startNode({});
    using peer = await RawPeer.connect(node.port);
    peer.send(bytes);
    await peer.closed();
    expect(node.log.suspicions).toEqual([kind]);
  });
});
