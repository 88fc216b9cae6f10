import { describe, expect, test, vi } from 'vitest';
import type { ServiceHandlers } from '../../src/dimse/service-handlers.ts';
import { MemorySink, sinkHandlers, startNode } from './harness.ts';
import { ABORT, CT, RawPeer, aborted, associateRequest, command, echo, pdu, pdv, store } from './raw-peer.ts';

// The faults that were found in another implementation, each against a real socket. The numbers are those of that list.

describe('handlers that fail', () => {
  test.each([
    [
      'T11a: throws at once',
      {
        store: () => {
          throw new Error('a');
        },
      },
    ],
    [
      'T11b: rejects later',
      { store: () => Object.assign(new MemorySink(), { finish: () => Promise.reject(new Error('b')) }) },
    ],
    [
      'T12: throws while writing',
      {
        store: () =>
          Object.assign(new MemorySink(), {
            write: () => {
              throw new Error('c');
            },
          }),
      },
    ],
  ] as [string, ServiceHandlers][])('%s: 0110, reported, and the association goes on', async (_name, handlers) => {
    await using node = await startNode(handlers);
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 2, Buffer.alloc(10))), pdu(4, pdv(1, 3, echo(2))));
    expect((await peer.message()).set).toMatchObject({ CommandField: 0x8001, Status: 0x0110 });
    expect((await peer.message()).set).toMatchObject({ CommandField: 0x8030, Status: 0 });
    expect(node.log.failures).toMatchObject([{ command: 'C-STORE' }]);
  });

  test('T12: a sink that threw is aborted once and not finished', async () => {
    const sink = Object.assign(new MemorySink(), {
      write: (): boolean => {
        throw new Error('disk');
      },
    });
    await using node = await startNode({ store: () => sink });
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 0, Buffer.alloc(10))), pdu(4, pdv(3, 2, Buffer.alloc(10))));
    expect((await peer.message()).set.Status).toBe(0x0110);
    expect(sink).toMatchObject({ finished: 0, aborts: [{ message: 'disk' }] });
  });

  test('T11c: a policy that throws rejects as transient', async () => {
    await using node = await startNode(
      {},
      {
        policy: {
          decide: () => {
            throw new Error('database');
          },
        },
      },
    );
    using peer = await RawPeer.connect(node.port);
    peer.send(associateRequest());
    expect(await peer.next()).toEqual({ type: 3, body: Buffer.of(0, 2, 3, 1) });
    expect(node.log.rejections[0]?.log).toContain('database');
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
      write: (chunk: Buffer): boolean => (sink.chunks.push(Buffer.from(chunk)), false),
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
    const all = Buffer.concat([
      associateRequest(),
      pdu(4, pdv(3, 3, store(1)), pdv(3, 0, Buffer.alloc(5, 1))),
      pdu(4, pdv(3, 2, Buffer.alloc(5, 2))),
    ]);
    const boundary = associateRequest().length;
    for (let at = 0; at < all.length; at++) {
      if (at === boundary) expect((await peer.next())?.type).toBe(2);
      await new Promise<void>((resolve) => peer.socket.write(all.subarray(at, at + 1), () => resolve()));
    }
    expect((await peer.message()).set.Status).toBe(0);
    expect(sinks[0]?.bytes).toEqual(Buffer.concat([Buffer.alloc(5, 1), Buffer.alloc(5, 2)]));
  });
});

describe('UIDs', () => {
  test.each(['../../etc/passwd', '1.2.3 4abc', '1.2.3\\4.5', '1..2', '.1', '1.'])(
    'T17: SOP Instance UID %j is answered 0117, unaltered and unstored',
    async (uid) => {
      const { handlers, sinks } = sinkHandlers();
      await using node = await startNode(handlers);
      using peer = await RawPeer.associate(node.port);
      peer.send(pdu(4, pdv(3, 3, store(1, uid)), pdv(3, 2, Buffer.alloc(10))), pdu(4, pdv(1, 3, echo(2))));
      const { set } = await peer.message();
      expect(set).toMatchObject({ CommandField: 0x8001, Status: 0x0117, OffendingElement: [0x00001000] });
      expect(set.AffectedSOPInstanceUID).toBeUndefined();
      expect((await peer.message()).set.Status).toBe(0);
      expect(sinks).toEqual([]);
    },
  );

  test('a C-STORE without a SOP Instance UID is answered 0212', async () => {
    await using node = await startNode(sinkHandlers().handlers);
    using peer = await RawPeer.associate(node.port);
    const set = command({ AffectedSOPClassUID: CT, CommandField: 1, MessageID: 1, CommandDataSetType: 1 });
    peer.send(pdu(4, pdv(3, 3, set), pdv(3, 2, Buffer.alloc(10))));
    expect((await peer.message()).set).toMatchObject({ Status: 0x0212, OffendingElement: [0x00001000] });
  });
});
