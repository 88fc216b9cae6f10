import { open, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EventLog, MemorySink, startNode } from './harness.ts';
import { CT, EXPLICIT, IMPLICIT, RawPeer, STUDY_FIND, VERIFICATION } from './raw-peer.ts';

import { COMMITMENT, associate } from './loopback.ts';

describe('requestor and acceptor', () => {
  test('C-ECHO, release, and what was negotiated', async () => {
    await using node = await startNode({});
    const assoc = await associate(node);
    expect(assoc.contextFor(VERIFICATION)).toMatchObject({
      id: 1,
      transferSyntax: EXPLICIT,
      role: { scu: true, scp: false },
    });
    expect(assoc.accept).toMatchObject({
      maxPduLength: 131_072,
      implementationVersionName: 'KUVA_1',
      asyncWindow: undefined,
    });
    expect(await assoc.echo(assoc.contextFor(VERIFICATION)!)).toEqual({ code: 0 });
    await assoc.release();
    expect(assoc.outcome).toBe('released');
    expect(assoc.signal.aborted).toBe(true);
    await node.log.until(() => node.log.summaries.length === 1);
    expect(node.log.summaries[0]).toMatchObject({ outcome: 'released', operations: 1, cause: undefined });
    expect(node.acceptor.connections()).toBe(0);
  });

  test('role selection, extended negotiation, user identity and asynchronous operations are answered as decided', async () => {
    await using node = await startNode(
      {},
      {
        policy: {
          decide: (request) =>
            Promise.resolve({
              accept: true,
              contexts: request.contexts.map(({ id, transferSyntaxes }) => ({
                id,
                result: 0 as const,
                transferSyntax: transferSyntaxes[0]!,
              })),
              roles: [
                ...request.roles.map((role) => ({ ...role, scu: false })),
                { sopClassUID: VERIFICATION, scu: true, scp: true },
              ],
              extended: [{ sopClassUID: STUDY_FIND, information: Buffer.of(1, 0) }],
              userIdentityResponse: Buffer.from('ticket'),
              principal: request.userIdentity?.primary.toString(),
            }),
        },
      },
    );
    const assoc = await associate(node, {
      contexts: [
        { abstractSyntax: CT, transferSyntaxes: [EXPLICIT], roles: { scu: true, scp: true } },
        { abstractSyntax: STUDY_FIND, transferSyntaxes: [IMPLICIT], extended: Buffer.of(1, 1) },
        { abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] },
      ],
      userIdentity: {
        type: 2,
        positiveResponseRequested: true,
        primary: Buffer.from('user'),
        secondary: Buffer.from('secret'),
      },
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
        await using node = await startNode(
          { store: () => (sinks.push(new MemorySink()), sinks.at(-1)!) },
          { maxPduLength },
        );
        const assoc = await associate(node);
        const pc = assoc.contextFor(CT)!;
        const options = { pc, affectedSOPClassUID: CT, affectedSOPInstanceUID: '1.2.3', priority: 0 } as const;
        for (const dataSet of [
          bytes,
          { fd: handle.fd, offset: 100, length: bytes.length - 100 },
          pieces(),
          Buffer.alloc(0),
        ]) {
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
      const options = {
        pc: assoc.contextFor(CT)!,
        affectedSOPClassUID: CT,
        affectedSOPInstanceUID: '1.2.3',
        priority: 0,
      } as const;
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
    const status = {
      code: 0xa900,
      errorComment: 'does not match',
      offendingElement: [0x00080018, 0xfffe0001],
      errorID: 7,
    };
    await using node = await startNode({
      store: () => Object.assign(new MemorySink(), { finish: () => Promise.resolve(status) }),
    });
    const assoc = await associate(node);
    const pc = assoc.contextFor(CT)!;
    expect(
      await assoc.store({
        pc,
        affectedSOPClassUID: CT,
        affectedSOPInstanceUID: '1.2.3',
        priority: 0,
        dataSet: Buffer.alloc(10),
      }),
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

describe('storage commitment', () => {
  test('N-ACTION, then N-EVENT-REPORT from the acceptor on the same association, after the response', async () => {
    const log = new EventLog();
    const reported = Promise.withResolvers<number>();
    await using node = await startNode({
      action: (assoc, pc, request, dataSet) => {
        expect([request.ActionTypeID, request.RequestedSOPInstanceUID, dataSet]).toEqual([
          1,
          '1.2.840.10008.1.20.1.1',
          Buffer.of(1, 2),
        ]);
        return Promise.resolve({
          status: { code: 0 },
          afterResponse: () => {
            void assoc
              .nEventReport({
                pc,
                affectedSOPInstanceUID: '1.2.840.10008.1.20.1.1',
                eventTypeID: 1,
                dataSet: Buffer.of(3, 4),
              })
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
