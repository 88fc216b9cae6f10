import { hash } from 'node:crypto';
import { uidFromUuid } from '../../dicom/uid-syntax.ts';

/**
 * A UID that the parts alone determine: a UUID of version 8 (RFC 9562 5.8) from their SHA-256, below 2.25 (PS3.5 B.2). The same parts
 * give the same UID on every machine, other parts another one.
 */
export function hashedUid(...parts: readonly string[]): string {
  const digest = Buffer.from(hash('sha256', JSON.stringify(parts)), 'hex');
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  return uidFromUuid(digest.toString('hex', 0, 16));
}
