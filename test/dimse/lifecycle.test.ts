import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS, type AssociationTimeouts } from '../../src/dimse/association-limits.ts';
import {
  AssociationAbortedError,
  AssociationProtocolError,
  AssociationRejectedError,
  AssociationTimeoutError,
  ConnectError,
  ConnectionClosedError,
} from '../../src/dimse/association-errors.ts';
import type { Association } from '../../src/dimse/association.ts';
import { requestAssociation } from '../../src/dimse/requestor.ts';
import { encodeAssociateAccept } from '../../src/dimse/ul/associate-codec.ts';
import { startNode } from './harness.ts';
import { ABORT, EXPLICIT, RELEASE_RP, RELEASE_RQ, RawPeer, VERIFICATION, command, echo, pdu, pdv } from './raw-peer.ts';

function associate(
  port: number,
  timeouts: Partial<AssociationTimeouts> = {},
  signal?: AbortSignal,
): Promise<Association> {
  return requestAssociation(
    {
      host: '127.0.0.1',
      port,
      callingAET: 'SCU',
      calledAET: 'KUVA',
      contexts: [{ abstractSyntax: VERIFICATION, transferSyntaxes: [EXPLICIT] }],
      maxPduLength: 131_072,
      timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, ...timeouts },
    },
    signal,
  );
}

/** An acceptor that answers the first bytes, and what follows, as it is told. */
async function scripted(
  ...answers: (Buffer | 'end' | undefined)[]
): Promise<{ port: number; sockets: Socket[] } & AsyncDisposable> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    let turn = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      const answer = answers[turn++];
      if (answer === 'end') socket.end();
      else if (answer !== undefined) socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ACCEPT = accept();

function accept(maxPduLength = 16_384): Buffer {
  return encodeAssociateAccept({
    protocolVersion: 1,
    calledAET: 'KUVA',
    callingAET: 'SCU',
    applicationContext: '1.2.840.10008.3.1.1.1',
    contexts: [{ id: 1, result: 0, transferSyntax: EXPLICIT }],
    maxPduLength,
    implementationClassUID: '1.2.3',
    implementationVersionName: '',
    asyncWindow: undefined,
    roles: [],
    extended: [],
    commonExtended: [],
    userIdentity: undefined,
    userIdentityResponse: undefined,
    unknown: [],
  });
}

describe('establishment as requestor: every way in which it can fail is an error of its own', () => {
  test('nobody listens', async () => {
    const { port } = await startNode({}).then(async (node) => (await node.acceptor.close(0), node));
    await expect(associate(port)).rejects.toThrow(ConnectError);
    await expect(associate(port)).rejects.toMatchObject({ outcome: 'connect-failed', cause: { code: 'ECONNREFUSED' } });
  });

  test('a port that is none, a key that is none', async () => {
    await expect(associate(99_999)).rejects.toThrow(ConnectError);
    const tls = { key: 'no key', cert: 'no certificate' };
    const options = { host: '127.0.0.1', port: 1, tls, callingAET: 'A', calledAET: 'B', maxPduLength: 0 };
    const contexts = [{ abstractSyntax: VERIFICATION, transferSyntaxes: [EXPLICIT] }];
    await expect(requestAssociation({ ...options, contexts, timeouts: DEFAULT_ASSOCIATION_TIMEOUTS })).rejects.toThrow(
      ConnectError,
    );
  });

  test('rejected', async () => {
    await using peer = await scripted(Buffer.from('03000000000400020302', 'hex'));
    const error = await associate(peer.port).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AssociationRejectedError);
    expect(error).toMatchObject({ result: 2, source: 3, reason: 2, outcome: 'rejected' });
    expect((error as Error).message).toContain('local limit exceeded (transient)');
  });

  test('aborted', async () => {
    await using peer = await scripted(Buffer.from('07000000000400000206', 'hex'));
    const error = await associate(peer.port).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AssociationAbortedError);
    expect(error).toMatchObject({ byPeer: true, source: 2, reason: 6 });
  });

  test('closed', async () => {
    await using peer = await scripted('end');
    await expect(associate(peer.port)).rejects.toThrow(ConnectionClosedError);
  });

  test('no answer', async () => {
    await using peer = await scripted(undefined);
    const error = await associate(peer.port, { associate: 30, artim: 30 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AssociationTimeoutError);
    expect(error).toMatchObject({ timer: 'associate', outcome: 'timed-out' });
  });

  test.each([
    ['something else than DICOM', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
    ['data before the answer', pdu(4, pdv(1, 3, echo(1)))],
    ['an accept cut short', pdu(2, Buffer.alloc(10))],
  ])('%s', async (_name, bytes) => {
    await using peer = await scripted(bytes);
    await expect(associate(peer.port)).rejects.toThrow(AssociationProtocolError);
  });

  test('a maximum PDU length that is of no use', async () => {
    await using peer = await scripted(accept(6));
    await expect(associate(peer.port)).rejects.toMatchObject({ outcome: 'protocol-error' });
  });

  test('cancelled', async () => {
    await using peer = await scripted(undefined);
    const controller = new AbortController();
    const assoc = associate(peer.port, {}, controller.signal);
    controller.abort(new Error('no longer wanted'));
    await expect(assoc).rejects.toMatchObject({ outcome: 'aborted-by-us', cause: { message: 'no longer wanted' } });
  });
});

describe('an established association', () => {
  test('no response: the operation and the association time out', async () => {
    await using peer = await scripted(ACCEPT, undefined);
    const assoc = await associate(peer.port, { response: 30, artim: 30 });
    await expect(assoc.echo(assoc.contexts.get(1)!)).rejects.toMatchObject({ timer: 'response' });
    expect(assoc.outcome).toBe('timed-out');
  });

  test('the peer aborts during an operation: the operation fails with that', async () => {
    await using peer = await scripted(ACCEPT, ABORT);
    const assoc = await associate(peer.port);
    await expect(assoc.echo(assoc.contexts.get(1)!)).rejects.toMatchObject({ outcome: 'aborted-by-peer' });
    await expect(assoc.echo(assoc.contexts.get(1)!)).rejects.toMatchObject({ outcome: 'aborted-by-peer' });
    await expect(assoc.release()).rejects.toMatchObject({ outcome: 'aborted-by-peer' });
    expect(assoc.isOpen).toBe(false);
  });

  test('the peer closes the connection during an operation', async () => {
    await using peer = await scripted(ACCEPT, 'end');
    const assoc = await associate(peer.port);
    await expect(assoc.echo(assoc.contexts.get(1)!)).rejects.toMatchObject({ outcome: 'closed' });
  });

  test('A-RELEASE-RQ is not answered: the release timer ends it', async () => {
    await using peer = await scripted(ACCEPT, undefined);
    const assoc = await associate(peer.port, { release: 30, artim: 30 });
    await expect(assoc.release()).rejects.toMatchObject({ timer: 'release' });
  });

  test('both sides release at once: the requestor answers first (Sta9, Sta11)', async () => {
    await using peer = await scripted(ACCEPT, RELEASE_RQ, RELEASE_RP);
    const assoc = await associate(peer.port);
    await assoc.release();
    expect(assoc.outcome).toBe('released');
  });

  test('an answer to another message aborts', async () => {
    const wrong = command({
      CommandField: 0x8030,
      MessageIDBeingRespondedTo: 99,
      CommandDataSetType: 0x0101,
      Status: 0,
    });
    await using peer = await scripted(ACCEPT, pdu(4, pdv(1, 3, wrong)));
    const assoc = await associate(peer.port);
    await expect(assoc.echo(assoc.contexts.get(1)!)).rejects.toMatchObject({ outcome: 'protocol-error' });
  });

  test('abort() reaches the peer as A-ABORT by the service-user', async () => {
    await using node = await startNode({});
    const assoc = await associate(node.port);
    assoc.abort('enough');
    expect(assoc).toMatchObject({ isOpen: false, outcome: 'aborted-by-us' });
    await node.log.until(() => node.log.summaries.length === 1);
    expect(node.log.summaries[0]).toMatchObject({ outcome: 'aborted-by-peer', cause: { source: 0, reason: 0 } });
  });

  test('a release while an operation is performed waits for its response', async () => {
    const running = Promise.withResolvers<{ code: number }>();
    await using node = await startNode({ echo: () => running.promise });
    using peer = await RawPeer.associate(node.port);
    peer.send(pdu(4, pdv(1, 3, echo(1))), RELEASE_RQ);
    while (node.log.openedAssociations[0]?.isBusy !== true) await new Promise((resolve) => setImmediate(resolve));
    running.resolve({ code: 0 });
    expect((await peer.message()).set.Status).toBe(0);
    expect((await peer.next())?.type).toBe(6);
  });

  test('a release during a C-FIND cancels it', async () => {
    await using node = await startNode({
      async *find() {
        for (;;) {
          yield { status: { code: 0xff00 }, identifier: Buffer.alloc(4) };
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    });
    using peer = await RawPeer.associate(node.port);
    const request = command({
      AffectedSOPClassUID: '1.2.840.10008.5.1.4.1.2.2.1',
      CommandField: 0x20,
      MessageID: 1,
      Priority: 0,
      CommandDataSetType: 1,
    });
    peer.send(pdu(4, pdv(5, 3, request), pdv(5, 2, Buffer.alloc(4))), RELEASE_RQ);
    let status = 0xff00;
    while (status === 0xff00) status = (await peer.message()).set.Status!;
    expect(status).toBe(0xfe00);
    expect((await peer.next())?.type).toBe(6);
  });
});
