import type { CStoreRequest } from '../../src/dimse/command-types.ts';
import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { requestAssociation } from '../../src/dimse/requestor.ts';
import type { ServiceHandlers } from '../../src/dimse/service-handlers.ts';
import { echoscu, findscu, getscu, storescu } from '../support/dcmtk.ts';
import { readPart10 } from '../support/part10.ts';
import { runProcess } from '../support/run-process.ts';
import { samplePath } from '../support/samples.ts';
import { StoreScp } from '../support/storescp.ts';
import { tempDir } from '../support/temp-dir.ts';
import { makeCertificates } from './certificates.ts';
import { MemorySink, startNode, type TestNode } from './harness.ts';
import { VERIFICATION } from './raw-peer.ts';

// The layer against DCMTK on both sides, with handlers that keep objects in memory.

interface Kept {
  readonly request: CStoreRequest;
  readonly transferSyntax: string;
  readonly bytes: Buffer;
}

const kept: Kept[] = [];

const handlers: ServiceHandlers = {
  store(_assoc, pc, request) {
    const sink = new MemorySink();
    return Object.assign(sink, {
      finish: () => {
        kept.push({ request, transferSyntax: pc.transferSyntax, bytes: sink.bytes });
        return Promise.resolve({ code: 0 });
      },
    });
  },
  async *find(_assoc, _pc, _request, identifier) {
    for (let i = 0; i < 200; i++) yield { status: { code: 0xff00 }, identifier };
  },
  async *get(assoc) {
    let completed = 0;
    for (const { request, transferSyntax, bytes } of kept) {
      const pc = assoc.contextFor(request.AffectedSOPClassUID, transferSyntax);
      if (pc === undefined) throw new Error(`no context for ${request.AffectedSOPClassUID}`);
      await assoc.store({
        pc,
        affectedSOPClassUID: request.AffectedSOPClassUID,
        affectedSOPInstanceUID: request.AffectedSOPInstanceUID,
        priority: 0,
        dataSet: bytes,
      });
      completed++;
      yield { status: { code: 0xff00 }, remaining: kept.length - completed, completed, failed: 0, warning: 0 };
    }
    yield { status: { code: 0 }, completed, failed: 0, warning: 0 };
  },
};

const FILES = ['CT_small.dcm', 'MR_small.dcm', 'rtdose.dcm'].map((name) => `test_files/${name}`);

describe('DCMTK as requestor', () => {
  let node: TestNode;
  let peer: { port: number; calledAET: string; callingAET: string };

  beforeAll(async () => {
    node = await startNode(handlers, { maxPduLength: 20_000 });
    peer = { port: node.port, calledAET: 'KUVA', callingAET: 'DCMTK' };
  });

  afterAll(() => node[Symbol.asyncDispose]());

  test('echoscu', async () => {
    expect((await echoscu(peer)).code).toBe(0);
  });

  test('storescu, then getscu brings back the same bytes', async () => {
    kept.length = 0;
    expect((await storescu(peer, FILES.map(samplePath))).code).toBe(0);
    expect(kept).toHaveLength(FILES.length);
    await using dir = await tempDir();
    const answer = await getscu(peer, 'study', dir.path, ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID=1.2.3']);
    expect(answer).toMatchObject({ status: 0, counters: { completed: FILES.length, failed: 0 } });
    const files = (await readdir(dir.path)).map((name) => readPart10(join(dir.path, name)));
    expect(files).toHaveLength(FILES.length);
    for (const file of files) {
      const sent = kept.find(({ request }) => request.AffectedSOPInstanceUID === file.sopInstanceUid);
      expect(file.dataSet.equals(sent!.bytes)).toBe(true);
    }
  });

  test('findscu takes all responses, and cancels after three', async () => {
    const keys = ['QueryRetrieveLevel=STUDY', 'PatientID=4711'];
    const complete = await findscu(peer, 'study', keys);
    expect(complete.matches).toHaveLength(200);
    expect(complete.matches[0]?.get('0010,0020')).toBe('4711');
    const cancelled = await findscu(peer, 'study', keys, ['--cancel', '3']);
    expect(cancelled.result.code).toBe(0);
  });

  test('a storescu that aborts in the middle, and one that proposes what we refuse', async () => {
    const before = node.log.summaries.length;
    await storescu(peer, FILES.map(samplePath), { extra: ['--abort'] });
    await node.log.until(() => node.log.summaries.length > before);
    expect(node.log.summaries.at(-1)?.outcome).toBe('aborted-by-peer');
    expect(node.acceptor.associations()).toBe(0);
  });
});

test('our requestor sends files to storescp byte for byte, from the file', async () => {
  await using scp = await StoreScp.start();
  const files = FILES.map((name) => ({ path: samplePath(name), ...readPart10(samplePath(name)) }));
  const assoc = await requestAssociation({
    host: '127.0.0.1',
    port: scp.port,
    callingAET: 'KUVA',
    calledAET: 'STORESCP',
    contexts: [
      { abstractSyntax: VERIFICATION, transferSyntaxes: ['1.2.840.10008.1.2'] },
      ...files.map((file) => ({ abstractSyntax: file.sopClassUid, transferSyntaxes: [file.transferSyntaxUid] })),
    ],
    maxPduLength: 131_072,
    timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
  });
  expect(await assoc.echo(assoc.contextFor(VERIFICATION)!)).toEqual({ code: 0 });
  for (const file of files) {
    const handle = await open(file.path);
    const { size } = await handle.stat();
    const length = file.dataSet.length;
    const status = await assoc.store({
      pc: assoc.contextFor(file.sopClassUid, file.transferSyntaxUid)!,
      affectedSOPClassUID: file.sopClassUid,
      affectedSOPInstanceUID: file.sopInstanceUid,
      priority: 0,
      dataSet: { fd: handle.fd, offset: size - length, length },
    });
    expect(status.code).toBe(0);
    await handle.close();
  }
  await assoc.release();
  const received = scp.received();
  for (const file of files) {
    expect(
      received.find(({ sopInstanceUid }) => sopInstanceUid === file.sopInstanceUid)?.dataSet.equals(file.dataSet),
    ).toBe(true);
  }
});

test('DCMTK over TLS with mutual authentication', async () => {
  const { ca, server, client } = makeCertificates();
  await using dir = await tempDir();
  await Promise.all([
    writeFile(dir.file('ca.pem'), ca),
    writeFile(dir.file('client.key'), client.key),
    writeFile(dir.file('client.pem'), client.cert),
  ]);
  await using node = await startNode(handlers, { tls: { ...server, ca, requestCert: true, rejectUnauthorized: true } });
  const tls = ['+tls', dir.file('client.key'), dir.file('client.pem'), '+cf', dir.file('ca.pem')];
  const result = await runProcess('echoscu', ['-v', ...tls, '-aec', 'KUVA', '127.0.0.1', String(node.port)], {
    timeoutMs: 20_000,
  });
  expect(result.code).toBe(0);
  expect(node.log.openedAssociations[0]?.peer.tls?.subject).toContain('CN=CT1');
});
