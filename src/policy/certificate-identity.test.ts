import { describe, expect, test } from 'vitest';
import type { PeerTls } from '../dimse/association-policy.ts';
import { certificateIdentity, isOneOf } from './certificate-identity.ts';

const HEX = 'ab'.repeat(32);
const COLONS = Array(32).fill('AB').join(':');

describe('an identity as administrators write it', () => {
  test.each([
    [HEX, COLONS],
    [COLONS.toLowerCase(), COLONS],
    [`sha256 Fingerprint=${COLONS}`, COLONS],
    [`SHA-256: ${HEX}`, COLONS],
    ['CN=CT1', 'CN=CT1'],
    ['O = Hospital District, CN = CT1', 'O=Hospital District, CN=CT1'],
    ['subject=O = Hospital District, CN = CT1', 'O=Hospital District, CN=CT1'],
    ['/O=Hospital District/CN=CT1', 'O=Hospital District, CN=CT1'],
    ['O="Hospital, District",CN=CT1', 'O=Hospital\\, District, CN=CT1'],
    ['CN=a=b\\, c', 'CN=a=b\\, c'],
    [HEX.slice(2), undefined],
    ['CT1', undefined],
    ['', undefined],
    ['CN=', undefined],
    ['CN=CT1, District', undefined],
    ['CN=a\u001bb', undefined],
  ])('%s', (text, kept) => expect(certificateIdentity(text)).toBe(kept));
});

describe('a certificate that a peer shows', () => {
  const shown = (over: Partial<PeerTls> = {}): PeerTls => ({
    subject: 'O=Hospital District, CN=CT1',
    issuer: 'CN=CA',
    fingerprint256: COLONS,
    authorized: true,
    protocol: 'TLSv1.3',
    cipher: '',
    ...over,
  });
  const identity = (text: string) => certificateIdentity(text) ?? '';

  test.each([
    ['its fingerprint', HEX, {}, true],
    ['its subject', 'O=Hospital District, CN=CT1', {}, true],
    ['its subject from the other end', 'cn=CT1,o=Hospital District', {}, true],
    ['another fingerprint', 'cd'.repeat(32), {}, false],
    ['part of its subject', 'CN=CT1', {}, false],
    ['another subject', 'O=Hospital District, CN=CT2', {}, false],
    ['its subject, not verified', 'O=Hospital District, CN=CT1', { authorized: false }, false],
    ['its fingerprint, not verified', HEX, { authorized: false }, false],
    // One value that looks like two attributes.
    ['a forged subject', 'O=Hospital District, CN=CT1', { subject: 'O=Hospital District\\, CN=CT1' }, false],
    ['nothing', 'CN=CT1', { subject: '', fingerprint256: '' }, false],
  ])('%s', (_, text, over, expected) => expect(isOneOf([identity(text)], shown(over))).toBe(expected));
});
