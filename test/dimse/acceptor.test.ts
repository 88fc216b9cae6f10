import { describe, expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { requestAssociation } from '../../src/dimse/requestor.ts';
import { ACCEPT_ALL, MemorySink, startNode } from './harness.ts';
import { CT, EXPLICIT, RawPeer, associateRequest, echo, pdu, pdv, store } from './raw-peer.ts';

describe('the acceptor', () => {
  test('data before the policy has decided abort (Sta3)', async () => {
    const decision = Promise.withResolvers<void>();
    await using node = await startNode(
      {},
      { policy: { decide: (request, peer) => decision.promise.then(() => ACCEPT_ALL.decide(request, peer)) } },
    );
    using peer = await RawPeer.connect(node.port);
    peer.send(associateRequest(), pdu(4, pdv(1, 3, echo(1))));
    expect(await peer.next()).toMatchObject({ type: 7, body: Buffer.of(0, 0, 2, 2) });
    decision.resolve();
    peer.socket.destroy();
    await node.log.until(() => node.log.drops.length === 1);
    expect(node.log.openedAssociations).toEqual([]);
    expect(node.acceptor.associations()).toBe(0);
  });

  test('close lets what runs finish, aborts what is idle, takes nothing new', async () => {
    const running = Promise.withResolvers<{ code: number }>();
    const sink = Object.assign(new MemorySink(), { finish: () => running.promise });
    const node = await startNode({ store: () => sink });
    using idle = await RawPeer.associate(node.port);
    using busy = await RawPeer.associate(node.port);
    busy.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 0, Buffer.alloc(10))));
    await new Promise<void>((resolve) => {
      const check = (): void => (sink.chunks.length > 0 ? resolve() : void setImmediate(check));
      check();
    });
    const closed = node.acceptor.close(10_000);
    expect((await idle.next())?.type).toBe(7);
    idle.socket.end();
    busy.send(pdu(4, pdv(3, 2, Buffer.alloc(10))));
    running.resolve({ code: 0 });
    expect((await busy.message()).set.Status).toBe(0);
    expect((await busy.next())?.type).toBe(7);
    busy.socket.end();
    await closed;
    await expect(RawPeer.connect(node.port)).rejects.toThrow('ECONNREFUSED');
  });

  test('close cuts what does not end within its grace', async () => {
    const node = await startNode({ echo: () => new Promise(() => {}) });
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(1, 3, echo(1))));
    while (node.log.openedAssociations[0]?.isBusy !== true) await new Promise((resolve) => setImmediate(resolve));
    await node.acceptor.close(20);
    expect(node.log.summaries).toMatchObject([{ outcome: 'closed' }]);
  });

  test('T26: a sink that is full stops the peer: not one write before it has drained, and nothing piles up', async () => {
    const size = 64 << 20;
    let full = false;
    let writesWhileFull = 0;
    let received = 0;
    let sent = 0;
    let underWay = 0;
    const sink = Object.assign(new MemorySink(), {
      write: (chunk: Buffer): boolean => {
        if (full) writesWhileFull++;
        full = true;
        received += chunk.length;
        underWay = Math.max(underWay, sent - received);
        return false;
      },
      drained: async (): Promise<void> => {
        await new Promise((resolve) => setImmediate(resolve));
        full = false;
      },
    });
    await using node = await startNode({ store: () => sink });
    const assoc = await requestAssociation({
      host: '127.0.0.1',
      port: node.port,
      callingAET: 'SCU',
      calledAET: 'KUVA',
      contexts: [{ abstractSyntax: CT, transferSyntaxes: [EXPLICIT] }],
      maxPduLength: 131_072,
      timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
    });
    const block = Buffer.alloc(1 << 20);
    async function* source(): AsyncGenerator<Buffer> {
      for (; sent < size; sent += block.length) yield block;
    }
    const pc = assoc.contextFor(CT)!;
    await assoc.store({ pc, affectedSOPClassUID: CT, affectedSOPInstanceUID: '1.2', priority: 0, dataSet: source() });
    expect([received, writesWhileFull]).toEqual([size, 0]);
    // The kernel's buffers on both sides, and one block of ours.
    expect(underWay).toBeLessThan(24 << 20);
    await assoc.release();
  });
});
