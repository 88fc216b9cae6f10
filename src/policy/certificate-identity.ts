import type { PeerTls } from '../dimse/association-policy.ts';

const FINGERPRINT = /^(?:sha-?256)?(?:\s*fingerprint)?\s*[:=]?\s*((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})$/i;

/**
 * The identity of a certificate as an administrator writes it: its SHA-256 fingerprint, or its subject as openssl or PS3.15-minded
 * tools print it (`CN=CT1, O=District`, `/O=District/CN=CT1`, either order). Undefined when it is neither.
 * @returns the form that is kept: `AB:CD:…`, or `KEY=value` pairs joined by `, `
 */
export function certificateIdentity(text: string): string | undefined {
  const fingerprint = FINGERPRINT.exec(text.trim())?.[1];
  if (fingerprint !== undefined) {
    return (fingerprint.replaceAll(':', '').toUpperCase().match(/../g) ?? []).join(':');
  }
  const pairs = subjectPairs(text.trim().replace(/^subject\s*[:=]\s*(?=.*=)/i, ''));
  return pairs?.map(([key, value]) => `${key}=${value.replaceAll(/[\\,]/g, '\\$&')}`).join(', ');
}

/** Whether a peer's certificate, verified against our trust anchors, is one of these identities. */
export function isOneOf(identities: readonly string[], tls: PeerTls): boolean {
  if (!tls.authorized) {
    return false;
  }
  const subject = subjectKey(tls.subject);
  return identities.some((identity) =>
    identity.includes('=')
      ? subject !== undefined && subjectKey(identity) === subject
      : identity === tls.fingerprint256.toUpperCase(),
  );
}

/** Equal for equal subjects, whichever end they are written from. */
function subjectKey(subject: string): string | undefined {
  const pairs = subjectPairs(subject);
  return pairs === undefined
    ? undefined
    : JSON.stringify(pairs.map(([key, value]) => `${key.toUpperCase()}=${value}`).toSorted());
}

type Pair = readonly [key: string, value: string];

/** Undefined when the text is no list of `KEY=value`. A comma or backslash of a value is escaped by a backslash, or the value quoted. */
function subjectPairs(text: string): Pair[] | undefined {
  const slashed = text.startsWith('/');
  const parts = slashed ? text.slice(1).split('/') : splitAtCommas(text);
  const pairs: Pair[] = [];
  for (const part of parts) {
    const match = /^\s*([A-Za-z][A-Za-z0-9.-]*|\d+(?:\.\d+)+)\s*=\s*(.*\S)\s*$/s.exec(part);
    const [, key, value] = match ?? [];
    if (key === undefined || value === undefined || /\p{Cc}/u.test(value)) {
      return undefined;
    }
    pairs.push([key, slashed ? value : unescaped(value)]);
  }
  return pairs.length === 0 ? undefined : pairs;
}

function splitAtCommas(text: string): string[] {
  return text.match(/(?:[^,"\\]|\\.|"(?:[^"\\]|\\.)*")+/gs) ?? [];
}

function unescaped(value: string): string {
  const quoted = /^"(.*)"$/s.exec(value)?.[1] ?? value;
  return quoted.replaceAll(/\\(.)/gs, '$1');
}
