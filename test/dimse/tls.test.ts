import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import type { Association } from '../../src/dimse/association.ts';
import { requestAssociation } from '../../src/dimse/requestor.ts';
import type { RequestorTls } from '../../src/dimse/tls-options.ts';
import { makeCertificates } from './certificates.ts';
import { MemorySink, startNode, type TestNode } from './harness.ts';
import { CT, EXPLICIT, associateRequest } from './raw-peer.ts';

const { ca, server, client } = makeCertificates();
const mutual = { ...server, ca, requestCert: true, rejectUnauthorized: true };

function associate(node: TestNode, tls: RequestorTls | undefined): Promise<Association> {
  return requestAssociation({
    host: '127.0.0.1',
    port: node.port,
    tls,
    callingAET: 'SCU',
    calledAET: 'KUVA',
    contexts: [{ abstractSyntax: CT, transferSyntaxes: [EXPLICIT] }],
    maxPduLength: 131_072,
    timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, artim: 500 },
  });
}

test('mutual authentication: each side knows the other by its certificate, and data pass', async () => {
  const sink = new MemorySink();
  await using node = await startNode({ store: () => sink }, { tls: mutual });
  const assoc = await associate(node, { ...client, ca });
  const dataSet = Buffer.alloc(500_000, 3);
  expect(
    await assoc.store({
      pc: assoc.contextFor(CT)!,
      affectedSOPClassUID: CT,
      affectedSOPInstanceUID: '1.2',
      priority: 0,
      dataSet,
    }),
  ).toEqual({ code: 0 });
  expect(sink.bytes.equals(dataSet)).toBe(true);
  expect(node.log.openedAssociations[0]?.peer).toMatchObject({
    address: '127.0.0.1',
    tls: { subject: 'O=Hospital District, CN=CT1', issuer: 'CN=Test CA', authorized: true, protocol: 'TLSv1.3' },
  });
  expect(assoc.peer.tls).toMatchObject({ subject: 'CN=localhost', authorized: true });
  await assoc.release();
  await node.log.until(() => node.log.summaries.length === 1);
  expect(node.acceptor.connections()).toBe(0);
});

test('a requestor without a certificate is turned away', async () => {
  await using node = await startNode({}, { tls: mutual });
  // With TLS 1.3 the client learns of it only after its own side of the handshake.
  await expect(associate(node, { ca })).rejects.toMatchObject({
    outcome: expect.stringMatching(/^(closed|connect-failed)$/),
  });
  expect(node.log.openedAssociations).toEqual([]);
  await node.log.until(() => node.acceptor.connections() === 0);
});

test('an acceptor that cannot be verified is a connect error', async () => {
  await using node = await startNode({}, { tls: { ...mutual, requestCert: false } });
  await expect(associate(node, {})).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    cause: { code: expect.stringMatching(/VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER/) },
  });
});

test.each([
  ['TLS 1.1', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' }],
  ['CBC mode', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }],
  ['static RSA', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
] as const)('%s is refused', async (_name, options) => {
  await using node = await startNode({}, { tls: { ...mutual, requestCert: false } });
  const socket = connectTls({ host: '127.0.0.1', port: node.port, ca, ...options });
  await expect(once(socket, 'secureConnect')).rejects.toThrow(/SSL|alert|handshake|no cipher|protocol/i);
  socket.destroy();
});

test('TLS 1.2 with an ephemeral key and authenticated encryption is taken', async () => {
  await using node = await startNode({}, { tls: { ...mutual, requestCert: false } });
  const socket = connectTls({
    host: '127.0.0.1',
    port: node.port,
    ca,
    maxVersion: 'TLSv1.2',
    ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  });
  await once(socket, 'secureConnect');
  expect(socket.getCipher().standardName).toBe('TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384');
  socket.destroy();
});

const stranger = makeCertificates().client;

test.each([
  ['a certificate of another authority', stranger, /not signed by an authority in dicom\.tls\.ca/],
  ['the same with TLS 1.2', { ...stranger, maxVersion: 'TLSv1.2' }, /not signed by an authority in dicom\.tls\.ca/],
  ['no certificate', {}, /showed no certificate.*requireClientCertificate/],
  [
    'an old protocol version',
    { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    /TLS 1\.2 or 1\.3 at the peer/,
  ],
  [
    'no shared cipher',
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' },
    /no cipher suite that is taken/,
  ],
] as const)('the log tells why a handshake failed: %s', async (_name, options, told) => {
  await using node = await startNode({}, { tls: mutual });
  const socket = connectTls({ host: '127.0.0.1', port: node.port, ca, servername: 'localhost', ...options });
  socket.on('error', () => {});
  socket.resume();
  await node.log.until(() => node.log.drops.length === 1);
  expect(node.log.drops[0]?.cause).toMatchObject({ code: 'TLS_REFUSED', message: expect.stringMatching(told) });
  socket.destroy();
});

test('clear DICOM on the TLS port is named, and cut', async () => {
  await using node = await startNode({}, { tls: mutual });
  const socket = connectTcp({ host: '127.0.0.1', port: node.port });
  socket.on('error', () => {});
  socket.resume();
  socket.write(associateRequest());
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await node.log.until(() => node.log.suspicions.length === 1 && node.log.drops.length === 1);
  expect(node.log.suspicions).toEqual(['clear']);
  expect(node.acceptor.connections()).toBe(0);
});

test('ARTIM runs through the TLS handshake', async () => {
  await using node = await startNode({}, { tls: mutual, timeouts: { ...DEFAULT_ASSOCIATION_TIMEOUTS, artim: 50 } });
  const socket = connectTcp({ host: '127.0.0.1', port: node.port });
  socket.on('error', () => {});
  socket.resume();
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await node.log.until(() => node.log.drops.length === 1);
  expect(node.acceptor.connections()).toBe(0);
});
