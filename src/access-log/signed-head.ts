import { hash, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { KuvaError } from '../core/errors.ts';

/** A tree head: so many entries hash to this root (hex). */
export interface TreeHead {
  /** Which log of which node: `kuva/ARCHIVE/use`. */
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  /** ms since 1970. */
  readonly signedAt: number;
}

export class LogHeadError extends KuvaError {
  override readonly name = 'LogHeadError';
}

// SubjectPublicKeyInfo of Ed25519 has 12 bytes before the key itself (RFC 8410).
const SPKI_PREFIX_BYTES = 12;
const ED25519 = Buffer.of(1);
const SIGNATURE = /^— (\S+) ([A-Za-z0-9+/]+=*)$/;

/** A head as a signed note in the checkpoint form that transparency logs share, so that other tools can check it, too. */
export function signHead(head: TreeHead, privateKey: KeyObject, publicKey: KeyObject): string {
  const text = `${head.origin}\n${head.size}\n${Buffer.from(head.root, 'hex').toString('base64')}\nsigned ${new Date(head.signedAt).toISOString()}\n`;
  const signature = Buffer.concat([keyId(head.origin, publicKey), sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n— ${head.origin} ${signature.toString('base64')}\n`;
}

/** The head that a note states. @throws LogHeadError when it is no such note, or was not signed with this key */
export function openHead(note: string, publicKey: KeyObject): TreeHead {
  const end = note.indexOf('\n\n');
  const text = note.slice(0, end + 1);
  const [origin = '', size = '', root = '', signed = ''] = text.split('\n');
  if (end < 0 || origin === '' || !/^\d{1,15}$/.test(size) || Buffer.from(root, 'base64').length !== 32)
    throw new LogHeadError('LOG_HEAD_FORM', 'this is no signed head of a log: give one as kuva log head prints it', {});
  const isSigned = note
    .slice(end + 2)
    .split('\n')
    .some((line) => isSignature(line, { text, origin, publicKey }));
  if (!isSigned)
    throw new LogHeadError(
      'LOG_HEAD_SIGNATURE',
      `the head of ${origin} over ${size} entries was not signed with this key, or was changed`,
      { origin, size: Number(size) },
    );
  return {
    origin,
    size: Number(size),
    root: Buffer.from(root, 'base64').toString('hex'),
    signedAt: Date.parse(signed.replace('signed ', '')),
  };
}

/** `origin+keyid+key`, as verifiers of signed notes are given a key. */
export function verifierKey(origin: string, publicKey: KeyObject): string {
  return `${origin}+${keyId(origin, publicKey).toString('hex')}+${Buffer.concat([ED25519, rawKey(publicKey)]).toString('base64')}`;
}

function isSignature(
  line: string,
  { text, origin, publicKey }: { text: string; origin: string; publicKey: KeyObject },
): boolean {
  const [, name, base64] = SIGNATURE.exec(line) ?? [];
  if (name !== origin || base64 === undefined) return false;
  const bytes = Buffer.from(base64, 'base64');
  return (
    bytes.subarray(0, 4).equals(keyId(origin, publicKey)) &&
    verify(null, Buffer.from(text), publicKey, bytes.subarray(4))
  );
}

function keyId(origin: string, publicKey: KeyObject): Buffer {
  const named = Buffer.concat([Buffer.from(`${origin}\n`), ED25519, rawKey(publicKey)]);
  return hash('sha256', named, 'buffer').subarray(0, 4);
}

function rawKey(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX_BYTES);
}
