import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificates } from '../dimse/certificates.ts';
import { echoscu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

const certificates = makeCertificates();
let dir: TempDir;
let node: NodeProcess;

beforeAll(async () => {
  dir = await tempDir();
  writeFileSync(dir.file('ca.pem'), certificates.ca);
  for (const name of ['server', 'client', 'other'] as const) {
    writeFileSync(dir.file(`${name}.key`), certificates[name].key);
    writeFileSync(dir.file(`${name}.pem`), certificates[name].cert);
  }
  const tls = { cert: dir.file('server.pem'), key: dir.file('server.key'), ca: dir.file('ca.pem') };
  node = await NodeProcess.start({
    aes: [
      { aet: 'CT1', port: 104 },
      { aet: 'ANY', port: 104 },
    ],
    sections: { dicom: { host: '127.0.0.1', port: 0, tls } },
  });
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

const echo = async (aet: string, client: 'client' | 'other'): Promise<number | null> => {
  const tls = ['+tls', dir.file(`${client}.key`), dir.file(`${client}.pem`), '+cf', dir.file('ca.pem')];
  return (await echoscu(node.peer(aet), tls)).code;
};

test('an AE that is registered with a certificate calls with that one only', async () => {
  expect(await echo('CT1', 'other')).toBe(0);
  const { subject, fingerprint256 } = new X509Certificate(certificates.client.cert);
  // As openssl tells it from the other end: a running node follows at once.
  const reversed = subject.split('\n').toReversed().join(', ');
  expect((await node.kuva('ae', 'add', 'CT1', '--certificate', reversed)).code).toBe(0);
  expect(await echo('CT1', 'client')).toBe(0);
  expect(await echo('CT1', 'other')).not.toBe(0);
  expect(await echo('ANY', 'other')).toBe(0);
  await waitFor('the remedy in the log', () =>
    /shows the certificate .{1,3}O=Hospital District, CN=CT2.{1,3}, which is not registered for it: when it is its own, kuva ae add CT1 --certificate ([0-9A-F]{2}:){31}/.test(
      node.output(),
    ),
  );

  const other = new X509Certificate(certificates.other.cert).fingerprint256;
  await node.kuva('ae', 'add', 'CT1', '--remove-certificate', reversed, '--certificate', other);
  expect([await echo('CT1', 'other'), (await echo('CT1', 'client')) === 0]).toEqual([0, false]);
  await node.kuva('ae', 'add', 'CT1', '--certificate', fingerprint256);
  expect([await echo('CT1', 'other'), await echo('CT1', 'client')]).toEqual([0, 0]);
});
