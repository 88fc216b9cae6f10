import type { FindResponse, RetrieveResponse } from '../../src/dimse/command-types.ts';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import type { ServiceHandlers } from '../../src/dimse/service-handlers.ts';
import { EventLog, MemorySink, startNode } from './harness.ts';
import {
  CT,
  EXPLICIT,
  IMPLICIT,
  RawPeer,
  STUDY_FIND,
  STUDY_GET,
  VERIFICATION,
  command,
  find,
  pdu,
  pdv,
  store,
} from './raw-peer.ts';

import { STUDY_MOVE, all, associate } from './loopback.ts';

describe('C-FIND', () => {
  test('responses arrive in order, the return value is the final status', async () => {
    await using node = await startNode({
      async *find(_assoc, _pc, request, identifier): AsyncGenerator<FindResponse, FindResponse> {
        for (let i = 0; i < 3; i++)
          yield { status: { code: 0xff00 }, identifier: Buffer.concat([identifier, Buffer.of(i, 0)]) };
        return { status: { code: 0, errorComment: request.command } };
      },
    });
    const assoc = await associate(node);
    const responses = await all(
      assoc.find({ pc: assoc.contextFor(STUDY_FIND)!, priority: 0, identifier: Buffer.of(9, 9) }),
    );
    expect(responses.map(({ status, identifier }) => [status.code, identifier?.[2]])).toEqual([
      [0xff00, 0],
      [0xff00, 1],
      [0xff00, 2],
      [0, undefined],
    ]);
    expect(responses.at(-1)?.status.errorComment).toBe('C-FIND-RQ');
    await assoc.release();
  });

  test('C-CANCEL ends it with FE00 and stops the handler', async () => {
    let left = 0;
    let signalled = false;
    const handlers: ServiceHandlers = {
      async *find(_assoc, _pc, _command, identifier, cancel) {
        try {
          for (let i = 0; ; i++) {
            yield { status: { code: 0xff00 }, identifier };
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          left++;
          signalled = cancel.aborted;
        }
      },
    };
    await using node = await startNode(handlers);
    const assoc = await associate(node);
    const cancel = new AbortController();
    const codes: number[] = [];
    for await (const { status } of assoc.find({
      pc: assoc.contextFor(STUDY_FIND)!,
      priority: 0,
      identifier: Buffer.of(1, 1),
      signal: cancel.signal,
    })) {
      codes.push(status.code);
      if (codes.length === 3) cancel.abort();
    }
    expect(codes.at(-1)).toBe(0xfe00);
    expect([left, signalled]).toEqual([1, true]);
    // And a caller that just leaves the loop cancels too; the association stays usable.
    for await (const response of assoc.find({
      pc: assoc.contextFor(STUDY_FIND)!,
      priority: 0,
      identifier: Buffer.of(1, 1),
    })) {
      expect(response.status.code).toBe(0xff00);
      break;
    }
    expect(await assoc.echo(assoc.contextFor(VERIFICATION)!)).toEqual({ code: 0 });
    expect(left).toBe(2);
    await assoc.release();
  });

  test('C-CANCEL for another message is ignored', async () => {
    await using node = await startNode({
      async *find() {
        for (let i = 0; i < 50; i++) {
          yield { status: { code: 0xff00 }, identifier: Buffer.alloc(4) };
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    });
    using peer = await RawPeer.associate(node.port);
    const cancel = command({ CommandField: 0x0fff, MessageIDBeingRespondedTo: 77, CommandDataSetType: 0x0101 });
    peer.send(pdu(4, pdv(5, 3, find(1)), pdv(5, 2, Buffer.alloc(8))), pdu(4, pdv(5, 3, cancel)));
    let final = 0xff00;
    let pending = -1;
    while (final === 0xff00) {
      final = (await peer.message()).set.Status!;
      pending++;
    }
    expect([pending, final]).toEqual([50, 0]);
  });

  test('a handler that throws: 0110 as the final status', async () => {
    await using node = await startNode({
      async *find() {
        yield { status: { code: 0xff00 }, identifier: Buffer.alloc(4) };
        throw new Error('index');
      },
    });
    const assoc = await associate(node);
    const codes = (
      await all(assoc.find({ pc: assoc.contextFor(STUDY_FIND)!, priority: 0, identifier: Buffer.of(1, 1) }))
    ).map((r) => r.status.code);
    expect(codes).toEqual([0xff00, 0x0110]);
    expect(node.log.failures).toMatchObject([{ command: 'C-FIND', error: { message: 'index' } }]);
    await assoc.release();
  });

  test('a peer that does not read stops the handler, and is cut when it stalls', async () => {
    let produced = 0;
    await using node = await startNode(
      {
        async *find() {
          for (;;) {
            produced++;
            yield { status: { code: 0xff00 }, identifier: Buffer.alloc(16_000) };
          }
        },
      },
      { timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, writeStall: 100 } },
    );
    using peer = await RawPeer.associate(node.port);
    peer.socket.pause();
    peer.send(pdu(4, pdv(5, 3, find(1)), pdv(5, 2, Buffer.alloc(8))));
    await node.log.until(() => node.log.summaries.length === 1);
    expect(node.log.summaries[0]).toMatchObject({ outcome: 'timed-out', cause: { timer: 'writeStall' } });
    // What the kernel's buffers on both sides hold, and no more.
    expect(produced * 16_000).toBeLessThan(32 << 20);
    expect(node.log.operations).toMatchObject([{ command: 'C-FIND', status: 0xfe00 }]);
  });
});

describe('C-MOVE and C-GET', () => {
  test('C-MOVE: counts and failed list', async () => {
    const final: RetrieveResponse = {
      status: { code: 0xb000 },
      completed: 2,
      failed: 1,
      warning: 0,
      identifier: Buffer.from('list'),
    };
    await using node = await startNode({
      async *move(_assoc, _pc, request) {
        expect(request.MoveDestination).toBe('WS1');
        yield { status: { code: 0xff00 }, remaining: 2, completed: 1, failed: 0, warning: 0 };
        yield final;
      },
    });
    const assoc = await associate(node);
    const responses = await all(
      assoc.move({
        pc: assoc.contextFor(STUDY_MOVE)!,
        priority: 0,
        identifier: Buffer.of(1, 1),
        moveDestination: 'WS1',
      }),
    );
    expect(responses).toEqual([{ status: { code: 0xff00 }, remaining: 2, completed: 1, failed: 0, warning: 0 }, final]);
    await assoc.release();
  });

  test('C-GET: C-STORE sub-operations, their responses and pending responses share the association', async () => {
    const instances = Array.from({ length: 5 }, (_, i) => randomBytes(300_000 + 2 * i));
    const log = new EventLog();
    const received: Buffer[] = [];
    await using node = await startNode({
      async *get(assoc) {
        const pc = assoc.contextFor(CT)!;
        for (const [i, dataSet] of instances.entries()) {
          const { code } = await assoc.store({
            pc,
            affectedSOPClassUID: CT,
            affectedSOPInstanceUID: `1.2.${i}`,
            priority: 0,
            dataSet,
          });
          expect(code).toBe(0);
          yield {
            status: { code: 0xff00 },
            remaining: instances.length - i - 1,
            completed: i + 1,
            failed: 0,
            warning: 0,
          };
        }
        yield { status: { code: 0 }, completed: instances.length, failed: 0, warning: 0 };
      },
    });
    const assoc = await associate(node, {
      contexts: [
        { abstractSyntax: STUDY_GET, transferSyntaxes: [IMPLICIT] },
        { abstractSyntax: CT, transferSyntaxes: [EXPLICIT], roles: { scu: false, scp: true } },
      ],
      handlers: {
        store(_assoc, pc) {
          expect(pc.role).toEqual({ scu: false, scp: true });
          const sink = new MemorySink();
          return Object.assign(sink, {
            finish: async () => {
              await new Promise((resolve) => setImmediate(resolve));
              received.push(sink.bytes);
              return { code: 0 };
            },
          });
        },
      },
      events: log,
    });
    const responses = await all(
      assoc.get({ pc: assoc.contextFor(STUDY_GET)!, priority: 0, identifier: Buffer.of(1, 1) }),
    );
    expect(responses.map(({ status, completed }) => [status.code, completed])).toEqual([
      [0xff00, 1],
      [0xff00, 2],
      [0xff00, 3],
      [0xff00, 4],
      [0xff00, 5],
      [0, 5],
    ]);
    expect(received.map((bytes, i) => bytes.equals(instances[i]!))).toEqual(instances.map(() => true));
    await assoc.release();
    expect(log.operations.map(({ command: name, outgoing }) => [name, outgoing])).toEqual([
      ...instances.map(() => ['C-STORE', false]),
      ['C-GET', true],
    ]);
  });

  test('C-CANCEL reaches a C-GET while its sub-operations run; the handler ends it with its counts', async () => {
    const stored: string[] = [];
    await using node = await startNode({
      async *get(assoc, _pc, _command, _identifier, cancel) {
        const pc = assoc.contextFor(CT)!;
        for (let i = 0; i < 1000 && !cancel.aborted; i++) {
          await assoc.store({
            pc,
            affectedSOPClassUID: CT,
            affectedSOPInstanceUID: `1.2.${i}`,
            priority: 0,
            dataSet: Buffer.alloc(50),
          });
        }
        yield {
          status: { code: 0xfe00 },
          remaining: 1000 - stored.length,
          completed: stored.length,
          failed: 0,
          warning: 0,
        };
      },
    });
    const cancel = new AbortController();
    const assoc = await associate(node, {
      contexts: [
        { abstractSyntax: STUDY_GET, transferSyntaxes: [IMPLICIT] },
        { abstractSyntax: CT, transferSyntaxes: [EXPLICIT], roles: { scu: false, scp: true } },
      ],
      handlers: {
        store: (_assoc, _pc, request) => {
          stored.push(request.AffectedSOPInstanceUID);
          if (stored.length === 10) cancel.abort();
          return new MemorySink();
        },
      },
    });
    const responses = await all(
      assoc.get({ pc: assoc.contextFor(STUDY_GET)!, priority: 0, identifier: Buffer.of(1, 1), signal: cancel.signal }),
    );
    expect(responses).toHaveLength(1);
    expect(responses[0]).toMatchObject({ status: { code: 0xfe00 }, completed: stored.length });
    expect(stored.length).toBeLessThan(1000);
    await assoc.release();
  });

  test('a C-STORE on a context in which the peer is not SCU is answered 0122', async () => {
    await using node = await startNode({ store: () => new MemorySink() });
    using peer = await RawPeer.associate(node.port, { roles: [{ sopClassUID: CT, scu: false, scp: true }] });
    peer.send(pdu(4, pdv(3, 3, store(1)), pdv(3, 2, Buffer.alloc(10))));
    expect((await peer.message()).set).toMatchObject({ Status: 0x0122 });
  });
});
