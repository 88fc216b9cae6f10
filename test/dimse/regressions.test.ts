import { describe, expect, test, vi } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import type { ServiceHandlers } from '../../src/dimse/service-handlers.ts';
import { MemorySink, startNode } from './harness.ts';
import {
  ABORT, CT, RELEASE_RP, RELEASE_RQ, RawPeer, VERIFICATION,
  aborted, associateRequest, command, context, echo, find, pdu, pdv, store,
} from './raw-peer.ts';

// The faults that were found in another implementation, each against a real socket. The numbers are those of that list.

const REJECT_ALL = {
  decide: () => Promise.resolve({ accept: false as const, result: 1 as const, source: 1 as const, reason: 3, log: 'unknown' }),
};

function sinkHandlers(): { handlers: ServiceHandlers; sinks: MemorySink[] } {
  const sinks: MemorySink[] = [];
  return {
    sinks,
    handlers: {
      store: () => {
        const sink = new MemorySink();
        sinks.push(sink);
        return sink;
      },
      async *find() {
        yield { status: { code: 0xff00 }, identifier: Buffer.alloc(200, 1) };
      },
    },
  };
}

describe('association control', () => {
  test('T6: after a rejection nothing is answered any more', async () => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers, { policy: REJECT_ALL });
    using peer = await RawPeer.connect(node.port);
    peer.send(associateRequest());
    expect(await peer.next()).toEqual({ type: 3, body: Buffer.of(0, 1, 1, 3) });
    peer.send(pdu(4, pdv(1, 3, echo(1))), pdu(4, pdv(3, 3, store(2)), pdv(3, 2, Buffer.alloc(10))), pdu(4, pdv(5, 3, find(3))));
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
          contexts: [{ id: 1, result: 0 as const, transferSyntax: '1.2.840.10008.1.2' }, { id: 3, result: 3 as const, transferSyntax: '' }],
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
      limits: { maxAssociations: 9, maxAssociationsPerPeer: 9, maxControlPduLength: 9999, maxCommandLength: 65536, maxIdentifierLength: 1000 },
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

describe('handlers that fail', () => {
  test.each([
    ['T11a: throws at once', { store: () => { throw new Error('a'); } }],
    ['T11b: rejects later', { store: () => Object.assign(new MemorySink(), { finish: () => Promise.reject(new Error('b')) }) }],
    ['T12: throws while writing', { store: () => Object.assign(new MemorySink(), { write: () => { throw new Error('c'); } }) }],
  ] as [string, ServiceHandlers][])('%s: 0110, reported, and the association goes on', async (_name, handlers) => {
    await using node = await startNode(handlers);
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 2, Buffer.alloc(10))), pdu(4, pdv(1, 3, echo(2))));
    expect((await peer.message()).set).toMatchObject({ CommandField: 0x8001, Status: 0x0110 });
    expect((await peer.message()).set).toMatchObject({ CommandField: 0x8030, Status: 0 });
    expect(node.log.failures).toMatchObject([{ command: 'C-STORE' }]);
  });

  test('T12: a sink that threw is aborted once and not finished', async () => {
    const sink = Object.assign(new MemorySink(), { write: (): boolean => { throw new Error('disk'); } });
    await using node = await startNode({ store: () => sink });
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 0, Buffer.alloc(10))), pdu(4, pdv(3, 2, Buffer.alloc(10))));
    expect((await peer.message()).set.Status).toBe(0x0110);
    expect(sink).toMatchObject({ finished: 0, aborts: [{ message: 'disk' }] });
  });

  test('T11c: a policy that throws rejects as transient', async () => {
    await using node = await startNode({}, { policy: { decide: () => { throw new Error('database'); } } });
    using peer = await RawPeer.connect(node.port);
    peer.send(associateRequest());
    expect(await peer.next()).toEqual({ type: 3, body: Buffer.of(0, 2, 3, 1) });
    expect(node.log.rejections[0]?.log).toContain('database');
  });
});

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
      await using node = await startNode({ echo: () => running.promise }, { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, idle: 1000 } });
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
    await using node = await startNode({ store: () => sink }, { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, sink: 30 } });
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 2, Buffer.alloc(10))));
    expect(await peer.next()).toEqual(aborted(0, 0));
    expect(sink.aborts).toEqual([]);
  });
});

describe('UIDs', () => {
  test.each(['../../etc/passwd', '1.2.3 4abc', '1.2.3\\4.5', '1..2', '.1', '1.'])('T17: SOP Instance UID %j is answered 0117, unaltered and unstored', async (uid) => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers);
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1, uid)), pdv(3, 2, Buffer.alloc(10))), pdu(4, pdv(1, 3, echo(2))));
    const { set } = await peer.message();
    expect(set).toMatchObject({ CommandField: 0x8001, Status: 0x0117, OffendingElement: [0x00001000] });
    expect(set.AffectedSOPInstanceUID).toBeUndefined();
    expect((await peer.message()).set.Status).toBe(0);
    expect(sinks).toEqual([]);
  });

  test('a C-STORE without a SOP Instance UID is answered 0212', async () => {
    await using node = await startNode(sinkHandlers().handlers);
    using peer = await RawPeer.associate(node.port);
    const set = command({ AffectedSOPClassUID: CT, CommandField: 1, MessageID: 1, CommandDataSetType: 1 });
    peer.send(pdu(4, pdv(3, 3, set), pdv(3, 2, Buffer.alloc(10))));
    expect((await peer.message()).set).toMatchObject({ Status: 0x0212, OffendingElement: [0x00001000] });
  });
});

describe('limits on associations', () => {
  const limits = { maxAssociations: 3, maxAssociationsPerPeer: 2, maxControlPduLength: 9999, maxCommandLength: 9999, maxIdentifierLength: 9999 };

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

describe('the end of a C-STORE', () => {
  test('T13: 100 peers that vanish in the middle leave no sink and no socket open', async () => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers);
    for (let i = 0; i < 100; i++) {
      const peer = await RawPeer.associate(node.port);
      peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 0, Buffer.alloc(1000))));
      await vi.waitUntil(() => sinks.length === i + 1 && sinks[i]!.chunks.length > 0, { interval: 1 });
      peer.socket.destroy();
    }
    await node.log.until(() => node.log.summaries.length === 100);
    expect(node.acceptor.connections()).toBe(0);
    expect(sinks.every((sink) => sink.aborts.length === 1 && sink.finished === 0)).toBe(true);
  });

  test('T29: A-ABORT in the middle aborts the sink once and closes the socket', async () => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers);
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 0, Buffer.alloc(1000))), ABORT);
    await peer.closed();
    await node.log.until(() => node.log.summaries.length === 1);
    expect(sinks[0]).toMatchObject({ finished: 0, aborts: [{ outcome: 'aborted-by-peer' }] });
    expect(node.log.summaries[0]?.outcome).toBe('aborted-by-peer');
  });

  test('T25: data PDVs of one PDU, a sink that says stop, later PDUs: all bytes in order', async () => {
    const sink = new MemorySink();
    const slow = Object.assign(sink, {
      write: (chunk: Buffer): boolean => (sink.chunks.push(chunk), false),
      drained: (): Promise<void> => new Promise((resolve) => setImmediate(resolve)),
    });
    await using node = await startNode({ store: () => slow });
    using peer = await RawPeer.associate(node.port);
    const [a, b, c, d] = [1, 2, 3, 4].map((value) => Buffer.alloc(500, value)) as [Buffer, Buffer, Buffer, Buffer];
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 0, a), pdv(3, 0, b)), pdu(4, pdv(3, 0, c)), pdu(4, pdv(3, 2, d)));
    expect((await peer.message()).set.Status).toBe(0);
    expect(sink.bytes).toEqual(Buffer.concat([a, b, c, d]));
  });

  test('T25: requests sent ahead while finish() is pending wait for it, and none is lost', async () => {
    const finishes: PromiseWithResolvers<{ code: number }>[] = [];
    const sinks: MemorySink[] = [];
    const handlers: ServiceHandlers = {
      store: () => {
        const finish = Promise.withResolvers<{ code: number }>();
        finishes.push(finish);
        const sink = Object.assign(new MemorySink(), { finish: () => finish.promise });
        sinks.push(sink);
        return sink;
      },
    };
    await using node = await startNode(handlers);
    using peer = await RawPeer.associate(node.port);
    const all = [1, 2, 3].map((id) => Buffer.concat([pdu(4, pdv(3, 3, store(id)), pdv(3, 2, Buffer.alloc(300, id)))]));
    peer.send(...all);
    for (let i = 0; i < 3; i++) {
      await vi.waitUntil(() => finishes.length === i + 1, { interval: 1 });
      finishes[i]!.resolve({ code: i });
      expect((await peer.message()).set).toMatchObject({ MessageIDBeingRespondedTo: i + 1, Status: i });
    }
    expect(sinks.map((sink) => sink.bytes)).toEqual([1, 2, 3].map((id) => Buffer.alloc(300, id)));
  });

  test('T27: command and first data in one PDU', async () => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers);
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 0, Buffer.alloc(9, 1))), pdu(4, pdv(3, 2, Buffer.alloc(9, 2))));
    expect((await peer.message()).set.Status).toBe(0);
    expect(sinks[0]?.bytes).toEqual(Buffer.concat([Buffer.alloc(9, 1), Buffer.alloc(9, 2)]));
  });

  test.each([
    ['a command PDV inside a data set', pdu(4, pdv(3, 3, store(2)))],
    ['a data PDV on another context', pdu(4, pdv(5, 0, Buffer.alloc(8)))],
  ])('%s aborts with "unexpected parameter", and the sink once', async (_name, bytes) => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers);
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 0, Buffer.alloc(8))), bytes);
    expect(await peer.next()).toEqual(aborted(2, 5));
    expect(sinks).toHaveLength(1);
    expect(sinks[0]).toMatchObject({ finished: 0, aborts: [{ outcome: 'protocol-error' }] });
  });

  test('one byte a TCP segment', async () => {
    const { handlers, sinks } = sinkHandlers();
    await using node = await startNode(handlers);
    using peer = await RawPeer.connect(node.port);
    const all = Buffer.concat([associateRequest(), pdu(4, pdv(3, 3, store(1)), pdv(3, 0, Buffer.alloc(5, 1))), pdu(4, pdv(3, 2, Buffer.alloc(5, 2)))]);
    const boundary = associateRequest().length;
    for (let at = 0; at < all.length; at++) {
      if (at === boundary) expect((await peer.next())?.type).toBe(2);
      await new Promise<void>((resolve) => peer.socket.write(all.subarray(at, at + 1), () => resolve()));
    }
    expect((await peer.message()).set.Status).toBe(0);
    expect(sinks[0]?.bytes).toEqual(Buffer.concat([Buffer.alloc(5, 1), Buffer.alloc(5, 2)]));
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

test('operations that we do not have are answered 0211, with their data set read past', async () => {
  await using node = await startNode({});
  using peer = await RawPeer.associate(node.port);
  for (const CommandField of [0x0110, 0x0120, 0x0140, 0x0150, 0x0001, 0x0020]) {
    const set = command({
      AffectedSOPClassUID: CT, CommandField, MessageID: 5, CommandDataSetType: 1, AffectedSOPInstanceUID: '1.2.3',
    });
    peer.send(pdu(4, pdv(3, 3, set), pdv(3, 2, Buffer.alloc(10))));
    expect((await peer.message()).set).toMatchObject({ CommandField: CommandField | 0x8000, Status: 0x0211, MessageIDBeingRespondedTo: 5 });
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
  peer.send(pdu(4, pdv(5, 3, find(1))), ...Array.from({ length: 20 }, (_, i) => pdu(4, ...fragments.slice(i * 1000, (i + 1) * 1000))));
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

