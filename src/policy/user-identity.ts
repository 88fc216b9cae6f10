import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { UserIdentity } from '../dimse/ul/associate-types.ts';

const derive = promisify(scrypt) as (passcode: Buffer, salt: Buffer, length: number) => Promise<Buffer>;

export interface UserIdentityOptions {
  /** `ignore`: nothing rests on identities; `verify`: those that are sent must be right; `require`: one must be sent. */
  readonly policy: 'ignore' | 'verify' | 'require';
  readonly allowPasscodeWithoutTls: boolean;
  readonly users: readonly { readonly name: string; readonly passcodeHash: string | null }[];
}

export type UserIdentityVerdict =
  | {
      readonly ok: true;
      readonly user: string | null;
      /** What the identity says, a name or structured text; '' for nothing. */ readonly claim: string;
      /** PS3.7 D.3.3.7.2: empty for types 1 and 2. */ readonly response: Buffer | undefined;
      readonly warning?: string;
    }
  | {
      readonly ok: false;
      /** Never contains a passcode or a token. */ readonly why: string;
      /** Whom it named; '' when nobody. */ readonly user: string;
    };

/** How identities are read beyond plain names. */
export interface IdentityReaders {
  /** The user's name in the text of a user name, which may be structured. */
  nameIn(text: string): string;
  /** Port: verifies a ticket or an assertion (types 3 to 5); undefined when it is not good. Null: nothing can verify them. */
  readonly assertions:
    | ((type: number, assertion: Buffer) => Promise<{ readonly user: string; readonly claim: string } | undefined>)
    | null;
}

const PLAIN_NAMES: IdentityReaders = { nameIn: (text) => text, assertions: null };

const TYPE_NAMES: Readonly<Record<number, string>> = {
  3: 'a Kerberos ticket',
  4: 'a SAML assertion',
  5: 'a JSON web token',
};

/** Judges the user identity of an association request (PS3.7 D.3.3.7, types 1 to 5). */
export async function judgeUserIdentity(
  identity: UserIdentity | undefined,
  tls: boolean,
  options: UserIdentityOptions,
  readers: IdentityReaders = PLAIN_NAMES,
): Promise<UserIdentityVerdict> {
  if (identity === undefined) {
    return options.policy === 'require'
      ? { ok: false, user: '', why: 'no user identity was sent, and access.userIdentity.policy is require' }
      : { ok: true, user: null, claim: '', response: undefined };
  }
  const named = identity.type === 1 || identity.type === 2;
  const claim = named ? identity.primary.toString('utf8').trim() : '';
  const clearPasscode = identity.type === 2 && !tls;
  if (options.policy === 'ignore') {
    const warning =
      'a passcode was sent without TLS and anyone on the way could read it: turn user identity off at the peer, or configure dicom.tls';
    return { ok: true, user: null, claim, response: undefined, ...(clearPasscode ? { warning } : {}) };
  }
  if (!named) {
    const verified = await readers.assertions?.(identity.type, identity.primary);
    if (verified !== undefined) return { ok: true, ...verified, response: Buffer.alloc(0) };
    return {
      ok: false,
      user: '',
      why: `${TYPE_NAMES[identity.type] ?? `user identity of type ${identity.type}`} cannot be verified: let the peer send a user name and passcode`,
    };
  }
  if (clearPasscode && !options.allowPasscodeWithoutTls) {
    return {
      ok: false,
      user: readers.nameIn(claim),
      why: 'a passcode over a connection without TLS is refused: configure dicom.tls, or set access.userIdentity.allowPasscodeWithoutTls',
    };
  }
  const user = findUser(Buffer.from(readers.nameIn(claim), 'utf8'), options.users);
  const passcode = identity.type === 2 ? identity.secondary : undefined;
  const right = await passcodeMatches(passcode, user === undefined ? undefined : user.passcodeHash);
  return right && user !== undefined
    ? { ok: true, user: user.name, claim, response: Buffer.alloc(0) }
    : {
        ok: false,
        user: readers.nameIn(claim),
        why: 'user name or passcode is wrong: compare access.userIdentity.users',
      };
}

/** `scrypt:<salt>:<hash>` for the configuration file. */
export async function hashPasscode(passcode: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt:${salt.toString('hex')}:${(await derive(Buffer.from(passcode, 'utf8'), salt, 32)).toString('hex')}`;
}

// Every user is compared, and by digest, so that the time tells nothing about which names exist.
function findUser(name: Buffer, users: UserIdentityOptions['users']): UserIdentityOptions['users'][number] | undefined {
  const digest = sha256(name);
  let found: UserIdentityOptions['users'][number] | undefined;
  for (const user of users) {
    found = timingSafeEqual(sha256(Buffer.from(user.name, 'utf8')), digest) ? user : found;
  }
  return found;
}

/** An unknown user costs one derivation too. A user without a hash is known by name alone (type 1). */
async function passcodeMatches(passcode: Buffer | undefined, hash: string | null | undefined): Promise<boolean> {
  const [, salt = '00', expected = '00'.repeat(32)] = (hash ?? 'scrypt:00:').split(':');
  const wanted = Buffer.from(expected, 'hex');
  const given = await derive(passcode ?? Buffer.alloc(0), Buffer.from(salt, 'hex'), Math.max(wanted.length, 16));
  const equal = wanted.length === given.length && timingSafeEqual(wanted, given);
  return passcode === undefined ? hash === null : equal && typeof hash === 'string';
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
