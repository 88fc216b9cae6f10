import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificates } from '../../test/dimse/certificates.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load.ts';
import { checkTlsFiles } from './tls-files.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'kuva-tls-'));
  const { ca, server, client } = makeCertificates();
  for (const [name, bytes] of Object.entries({
    'ca.pem': ca,
    'cert.pem': server.cert,
    'key.pem': server.key,
    'other.pem': client.key,
    'text.pem': 'no certificate\n',
    'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'locked.pem': '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
  }))
    writeFileSync(join(dir, name), bytes);
});
afterAll(() => rmSync(dir, { recursive: true }));

function config(over: { cert?: string; key?: string; ca?: string }) {
  const { cert = 'cert.pem', key = 'key.pem', ca = 'ca.pem' } = over;
  const env = { KUVA_DICOM__TLS__CERT: cert, KUVA_DICOM__TLS__KEY: key, KUVA_DICOM__TLS__CA: ca };
  return loadConfig({ home: dir, cwd: dir, file: undefined, env, flags: [] }).config;
}

test('files that belong together are taken', () => {
  expect(() => checkTlsFiles(config({}))).not.toThrow();
});

test.each([
  [{ cert: 'none.pem' }, 'cert', 'none.pem', 'cannot be read (ENOENT)'],
  [{ key: 'none.pem' }, 'key', 'none.pem', 'cannot be read (ENOENT)'],
  [{ cert: 'text.pem' }, 'cert', 'text.pem', 'there is no "-----BEGIN CERTIFICATE-----" in it'],
  [{ cert: 'broken.pem' }, 'cert', 'broken.pem', 'write a PEM file'],
  [{ ca: 'text.pem' }, 'ca', 'text.pem', 'write a PEM file'],
  [{ ca: 'broken.pem' }, 'ca', 'broken.pem', 'write a PEM file'],
  [{ key: 'cert.pem' }, 'key', 'cert.pem', 'there is no "-----BEGIN PRIVATE KEY-----" in it'],
  [{ key: 'locked.pem' }, 'key', 'locked.pem', 'decrypt it with openssl pkey'],
  [{ key: 'other.pem' }, 'key', 'other.pem', 'is not the key of the certificate in dicom.tls.cert'],
])('%j is one problem that names key, value and remedy', (over, key, file, why) => {
  const checked = config(over);
  const problems: string[] = [];
  try {
    checkTlsFiles(checked);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    problems.push(...(error as ConfigError).problems);
  }
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`dicom.tls.${key} is "${join(dir, file)}": `);
  expect(problems[0]).toContain(why);
});
