import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificates {
  readonly ca: Buffer;
  readonly server: { readonly key: Buffer; readonly cert: Buffer };
  readonly client: { readonly key: Buffer; readonly cert: Buffer };
  /** another client of the same authority */
  readonly other: { readonly key: Buffer; readonly cert: Buffer };
  /** of the server, ended yesterday */
  readonly expired: { readonly key: Buffer; readonly cert: Buffer };
}

/** A certification authority, a server certificate for `localhost` and two client certificates, and one that has expired, made by openssl. */
export function makeCertificates(): TestCertificates {
  const dir = mkdtempSync(join(tmpdir(), 'dimse-tls-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  };
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  try {
    openssl('req', '-x509', ...ec, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA');
    for (const [name, subject, san] of [
      ['server', '/CN=localhost', 'DNS:localhost,IP:127.0.0.1'],
      ['client', '/O=Hospital District/CN=CT1', 'DNS:ct1'],
      ['other', '/O=Hospital District/CN=CT2', 'DNS:ct2'],
      ['expired', '/CN=localhost', 'DNS:localhost,IP:127.0.0.1'],
    ] as const) {
      writeFileSync(join(dir, `${name}.ext`), `subjectAltName=${san}\n`);
      openssl('req', ...ec, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        `${name}.pem`,
        '-days',
        name === 'expired' ? '-1' : '2',
        '-extfile',
        `${name}.ext`,
      );
    }
    const read = (file: string): Buffer => readFileSync(join(dir, file));
    return {
      ca: read('ca.pem'),
      server: { key: read('server.key'), cert: read('server.pem') },
      client: { key: read('client.key'), cert: read('client.pem') },
      other: { key: read('other.key'), cert: read('other.pem') },
      expired: { key: read('expired.key'), cert: read('expired.pem') },
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
