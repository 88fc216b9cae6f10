import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { errorCode, toError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { ConfigError } from './config-error.ts';
import type { Config } from './schema.ts';

/**
 * Reads the files of `dicom.tls` as a node would use them: called before anything else of the node is touched.
 * @throws ConfigError with one line a problem
 */
export function checkTlsFiles({ dicom: { tls } }: Config): void {
  if (tls === null) return;
  const problems: string[] = [];
  const read = <T>(key: 'cert' | 'key' | 'ca', parse: (pem: Buffer) => T, remedy: string): T | undefined => {
    const path = tls[key] ?? '';
    const told = `dicom.tls.${key} is ${JSON.stringify(printable(path))}`;
    let pem: Buffer;
    try {
      pem = readFileSync(path);
    } catch (error) {
      problems.push(
        `${told}: cannot be read (${errorCode(error)}); write the path of a PEM file that the user of the node may read`,
      );
      return undefined;
    }
    try {
      return parse(pem);
    } catch (error) {
      problems.push(`${told}: ${why(error)}; ${remedy}`);
      return undefined;
    }
  };

  const certificate = read('cert', certificateOf, 'write a PEM file with the certificate of the node first');
  const key = read('key', keyOf, 'write a PEM file with the private key of dicom.tls.cert');
  if (tls.ca !== null) read('ca', authoritiesOf, 'write a PEM file with the certificates of the authorities');
  if (certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key)) {
    problems.push(
      `dicom.tls.key is ${JSON.stringify(printable(tls.key))}: is not the key of the certificate in dicom.tls.cert ${JSON.stringify(printable(tls.cert))}; write the two files that were made together`,
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

function certificateOf(pem: Buffer): X509Certificate {
  const certificate = new X509Certificate(requirePem(pem, 'CERTIFICATE'));
  // OpenSSL also refuses what is readable and not usable, a chain that is cut off among it.
  createSecureContext({ cert: pem });
  return certificate;
}

function keyOf(pem: Buffer): KeyObject {
  if (pem.includes('ENCRYPTED')) throw new Error('the key is encrypted: decrypt it with openssl pkey');
  return createPrivateKey(requirePem(pem, 'PRIVATE KEY'));
}

function authoritiesOf(pem: Buffer): void {
  for (const [block] of requirePem(pem, 'CERTIFICATE')
    .toString('latin1')
    .matchAll(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^]*?-----END[^\n]*/g)) {
    new X509Certificate(block);
  }
}

function requirePem(pem: Buffer, kind: string): Buffer {
  if (pem.includes('-----BEGIN ') && pem.includes(`${kind}-----`)) return pem;
  throw new Error(`there is no "-----BEGIN ${kind}-----" in it`);
}

function why(error: unknown): string {
  const { message } = toError(error);
  // OpenSSL: `error:0900006e:PEM routines:OPENSSL_internal:NO_START_LINE`.
  return printable(message.startsWith('error:') ? message.split(':').at(-1)!.replaceAll('_', ' ') : message);
}
