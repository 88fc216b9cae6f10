import { open, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import type { Association } from '../../src/dimse/association.ts';
import { requestAssociation, type RequestorOptions } from '../../src/dimse/requestor.ts';
import type { FindResponse, RetrieveResponse, ServiceHandlers } from '../../src/dimse/service-handlers.ts';
import { EventLog, MemorySink, startNode, type TestNode } from './harness.ts';
import { CT, EXPLICIT, IMPLICIT, RawPeer, STUDY_FIND, STUDY_GET, VERIFICATION, command, find, pdu, pdv, store } from './raw-peer.ts';

const STUDY_MOVE = '1.2.840.10008.5.1.4.1.2.2.2';
const COMMITMENT = '1.2.840.10008.1.20.1';

function associate(node: TestNode, o: Partial<RequestorOptions> = {}): Promise<Association> {
  return requestAssociation({
    host: '127.0.0.1',
    port: node.port,
    callingAET: 'SCU',
    calledAET: 'KUVA',
    contexts: [VERIFICATION, CT, STUDY_FIND, STUDY_GET, STUDY_MOVE, COMMITMENT].map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: [EXPLICIT, IMPLICIT],
    })),
    maxPduLength: 131_072,
    timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
    ...o,
  });
}

async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

describe('requestor and acceptor', () => {
  test('C-ECHO, release, and what was negotiated', async () => {
    await using node = await startNode({});
    const assoc = await associate(node);
    expect(assoc.contextFor(VERIFICATION)).toMatchObject({ id: 1, transferSyntax: EXPLICIT, role: { scu: true, scp: false } });
    expect(assoc.accept).toMatchObject({ maxPduLength: 131_072, implementationVersionName: 'KUVA_1', asyncWindow: undefined });
    expect(await assoc.echo(assoc.contextFor(VERIFICATION)!)).toEqual({ code: 0 });
    await assoc.release();
    expect(assoc.outcome).toBe('released');
    expect(assoc.signal.aborted).toBe(true);
    await node.log.until(() => node.log.summaries.length === 1);
    expect(node.log.summaries[0]).toMatchObject({ outcome: 'released', operations: 1, cause: undefined });
    expect(node.acceptor.connections()).toBe(0);
  });

  test('role selection, extended negotiation, user identity and asynchronous operations are answered as decided', async () => {
    await using node = await startNode({}, {
      policy: {
        decide: (request) =>
          Promise.resolve({
            accept: true,
            contexts: request.contexts.map(({ id, transferSyntaxes }) => ({ id, result: 0 as const, transferSyntax: transferSyntaxes[0]! })),
            roles: [...request.roles.map((role) => ({ ...role, scu: false })), { sopClassUID: VERIFICATION, scu: true, scp: true }],
            extended: [{ sopClassUID: STUDY_FIND, information: Buffer.of(1, 0) }],
            userIdentityResponse: Buffer.from('ticket'),
            principal: request.userIdentity?.primary.toString(),
          }),
      },
    });
    const assoc = await associate(node, {
      contexts: [
        { abstractSyntax: CT, transferSyntaxes: [EXPLICIT], roles: { scu: true, scp: true } },
        { abstractSyntax: STUDY_FIND, transferSyntaxes: [IMPLICIT], extended: Buffer.of(1, 1) },
        { abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] },
      ],
      userIdentity: { type: 2, positiveResponseRequested: true, primary: Buffer.from('user'), secondary: Buffer.from('secret') },
    });
    expect(assoc.contexts.get(1)?.role).toEqual({ scu: false, scp: true });
    expect(assoc.contexts.get(3)?.extended).toEqual(Buffer.of(1, 0));
    // A role that was not proposed cannot be granted.
    expect(assoc.contexts.get(5)?.role).toEqual({ scu: true, scp: false });
    expect(assoc.accept.userIdentityResponse).toEqual(Buffer.from('ticket'));
    expect(node.log.openedAssociations[0]).toMatchObject({ principal: 'user', callingAET: 'SCU', calledAET: 'KUVA' });
    expect(node.log.openedAssociations[0]?.contexts.get(1)?.role).toEqual({ scu: true, scp: false });
    await assoc.release();
    using raw = await RawPeer.associate(node.port, { asyncWindow: { invoked: 0, performed: 5 } });
    expect(raw.pdus[0]?.body.includes(Buffer.from('5300000400010001', 'hex'))).toBe(true);
  });

  test('C-STORE from a buffer, a file range and odd pieces arrives byte for byte, whatever the PDU length', async () => {
    const file = join(tmpdir(), `dimse-store-${process.pid}`);
    const bytes = randomBytes(3_400_000);
    await writeFile(file, bytes);
    const handle = await open(file);
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
    }
    try {
      for (const maxPduLength of [128 * 1024, 16_384, 1000]) {
        const sinks: MemorySink[] = [];
        await using node = await startNode({ store: () => (sinks.push(new MemorySink()), sinks.at(-1)!) }, { maxPduLength });
        const assoc = await associate(node);
        const pc = assoc.contextFor(CT)!;
        const options = { pc, affectedSOPClassUID: CT, affectedSOPInstanceUID: '1.2.3', priority: 0 } as const;
        for (const dataSet of [bytes, { fd: handle.fd, offset: 100, length: bytes.length - 100 }, pieces(), Buffer.alloc(0)]) {
          expect(await assoc.store({ ...options, dataSet })).toEqual({ code: 0 });
        }
        await assoc.release();
        expect(sinks.map((sink) => sink.bytes.equals(bytes))).toEqual([true, false, true, false]);
        expect(sinks[1]!.bytes.equals(bytes.subarray(100))).toBe(true);
        expect(sinks[3]!.bytes).toHaveLength(0);
      }
    } finally {
      await handle.close();
      await rm(file);
    }
  });

  test('a source that fails midway aborts: half an object must not look whole; one that fails at once costs only itself', async () => {
    const file = join(tmpdir(), `dimse-short-${process.pid}`);
    await writeFile(file, Buffer.alloc(1_500_000));
    const handle = await open(file);
    const sink = new MemorySink();
    try {
      await using node = await startNode({ store: () => sink });
      const assoc = await associate(node);
      const options = { pc: assoc.contextFor(CT)!, affectedSOPClassUID: CT, affectedSOPInstanceUID: '1.2.3', priority: 0 } as const;
      const atOnce = assoc.store({ ...options, dataSet: { fd: handle.fd, offset: 2_000_000, length: 1000 } });
      await expect(atOnce).rejects.toMatchObject({ code: 'FILE_RANGE_SHORT' });
      expect(await assoc.store({ ...options, dataSet: Buffer.alloc(8) })).toEqual({ code: 0 });
      const midway = assoc.store({ ...options, dataSet: { fd: handle.fd, offset: 0, length: 3_000_000 } });
      await expect(midway).rejects.toMatchObject({ code: 'FILE_RANGE_SHORT' });
      expect(assoc.outcome).toBe('aborted-by-us');
      await node.log.until(() => node.log.summaries.length === 1);
      expect(sink).toMatchObject({ finished: 1, aborts: [{ outcome: 'aborted-by-peer' }] });
    } finally {
      await handle.close();
      await rm(file);
    }
  });

  test('status, comment and offending elements of a sink reach the requestor', async () => {
    const status = { code: 0xa900, errorComment: 'does not match', offendingElement: [0x00080018, 0xfffe0001], errorID: 7 };
    await using node = await startNode({ store: () => Object.assign(new MemorySink(), { finish: () => Promise.resolve(status) }) });
    const assoc = await associate(node);
    const pc = assoc.contextFor(CT)!;
    expect(
      await assoc.store({ pc, affectedSOPClassUID: CT, affectedSOPInstanceUID: '1.2.3', priority: 0, dataSet: Buffer.alloc(10) }),
    ).toEqual(status);
    await assoc.release();
  });

  test('operations of several callers go one after the other', async () => {
    const running: number[] = [];
    let most = 0;
    await using node = await startNode({
      async echo() {
        running.push(1);
        most = Math.max(most, running.length);
        await new Promise((resolve) => setImmediate(resolve));
        running.pop();
        return { code: 0 };
      },
    });
    const assoc = await associate(node);
    const pc = assoc.contextFor(VERIFICATION)!;
    const results = await Promise.all(Array.from({ length: 20 }, () => assoc.echo(pc)));
    expect(results).toHaveLength(20);
    expect(most).toBe(1);
    await assoc.release();
  });
});

describe('C-FIND', () => {
  test('responses arrive in order, the return value is the final status', async () => {
    await using node = await startNode({
      async *find(_assoc, _pc, request, identifier): AsyncGenerator<FindResponse, FindResponse> {
        for (let i = 0; i < 3; i++) yield { status: { code: 0xff00 }, identifier: Buffer.concat([identifier, Buffer.of(i, 0)]) };
        return { status: { code: 0, errorComment: request.command } };
      },
    });
    const assoc = await associate(node);
    const responses = await all(assoc.find({ pc: assoc.contextFor(STUDY_FIND)!, priority: 0, identifier: Buffer.of(9, 9) }));
    expect(responses.map(({ status, identifier }) => [status.code, identifier?.[2]])).toEqual([[0xff00, 0], [0xff00, 1], [0xff00, 2], [0, undefined]]);
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
    for await (const { status } of assoc.find({ pc: assoc.contextFor(STUDY_FIND)!, priority: 0, identifier: Buffer.of(1, 1), signal: cancel.signal })) {
      codes.push(status.code);
      if (codes.length === 3) cancel.abort();
    }
    expect(codes.at(-1)).toBe(0xfe00);
    expect([left, signalled]).toEqual([1, true]);
    // And a caller that just leaves the loop cancels too; the association stays usable.
    for await (const response of assoc.find({ pc: assoc.contextFor(STUDY_FIND)!, priority: 0, identifier: Buffer.of(1, 1) })) {
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
    const codes = (await all(assoc.find({ pc: assoc.contextFor(STUDY_FIND)!, priority: 0, identifier: Buffer.of(1, 1) }))).map((r) => r.status.code);
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
    const final: RetrieveResponse = { status: { code: 0xb000 }, completed: 2, failed: 1, warning: 0, identifier: Buffer.from('list') };
    await using node = await startNode({
      async *move(_assoc, _pc, request) {
        expect(request.MoveDestination).toBe('WS1');
        yield { status: { code: 0xff00 }, remaining: 2, completed: 1, failed: 0, warning: 0 };
        yield final;
      },
    });
    const assoc = await associate(node);
    const responses = await all(
      assoc.move({ pc: assoc.contextFor(STUDY_MOVE)!, priority: 0, identifier: Buffer.of(1, 1), moveDestination: 'WS1' }),
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
          const { code } = await assoc.store({ pc, affectedSOPClassUID: CT, affectedSOPInstanceUID: `1.2.${i}`, priority: 0, dataSet });
          expect(code).toBe(0);
          yield { status: { code: 0xff00 }, remaining: instances.length - i - 1, completed: i + 1, failed: 0, warning: 0 };
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
    const responses = await all(assoc.get({ pc: assoc.contextFor(STUDY_GET)!, priority: 0, identifier: Buffer.of(1, 1) }));
    expect(responses.map(({ status, completed }) => [status.code, completed])).toEqual([
      [0xff00, 1], [0xff00, 2], [0xff00, 3], [0xff00, 4], [0xff00, 5], [0, 5],
    ]);
    expect(received.map((bytes, i) => bytes.equals(instances[i]!))).toEqual(instances.map(() => true));
    await assoc.release();
    expect(log.operations.map(({ command: name, outgoing }) => [name, outgoing])).toEqual([...instances.map(() => ['C-STORE', false]), ['C-GET', true]]);
  });

  test('C-CANCEL reaches a C-GET while its sub-operations run; the handler ends it with its counts', async () => {
    const stored: string[] = [];
    await using node = await startNode({
      async *get(assoc, _pc, _command, _identifier, cancel) {
        const pc = assoc.contextFor(CT)!;
        for (let i = 0; i < 1000 && !cancel.aborted; i++) {
          await assoc.store({ pc, affectedSOPClassUID: CT, affectedSOPInstanceUID: `1.2.${i}`, priority: 0, dataSet: Buffer.alloc(50) });
        }
        yield { status: { code: 0xfe00 }, remaining: 1000 - stored.length, completed: stored.length, failed: 0, warning: 0 };
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
    const responses = await all(assoc.get({ pc: assoc.contextFor(STUDY_GET)!, priority: 0, identifier: Buffer.of(1, 1), signal: cancel.signal }));
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

describe('storage commitment', () => {
  test('N-ACTION, then N-EVENT-REPORT from the acceptor on the same association, after the response', async () => {
    const log = new EventLog();
    const reported = Promise.withResolvers<number>();
    await using node = await startNode({
      action: (assoc, pc, request, dataSet) => {
        expect([request.ActionTypeID, request.RequestedSOPInstanceUID, dataSet]).toEqual([1, '1.2.840.10008.1.20.1.1', Buffer.of(1, 2)]);
        return Promise.resolve({
          status: { code: 0 },
          afterResponse: () => {
            void assoc
              .nEventReport({ pc, affectedSOPInstanceUID: '1.2.840.10008.1.20.1.1', eventTypeID: 1, dataSet: Buffer.of(3, 4) })
              .then(({ status }) => reported.resolve(status.code), reported.reject);
          },
        });
      },
    });
    const assoc = await associate(node, {
      handlers: {
        eventReport: (_assoc, _pc, request, dataSet) => {
          expect([request.EventTypeID, dataSet]).toEqual([1, Buffer.of(3, 4)]);
          return Promise.resolve({ status: { code: 0 } });
        },
      },
      events: log,
    });
    const response = await assoc.nAction({
      pc: assoc.contextFor(COMMITMENT)!,
      requestedSOPInstanceUID: '1.2.840.10008.1.20.1.1',
      actionTypeID: 1,
      dataSet: Buffer.of(1, 2),
    });
    expect(response).toEqual({ status: { code: 0 } });
    expect(await reported.promise).toBe(0);
    expect(log.operations.map(({ command: name }) => name)).toEqual(['N-ACTION', 'N-EVENT-REPORT']);
    await assoc.release();
  });
});
