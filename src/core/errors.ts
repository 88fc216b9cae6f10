import { constants } from 'node:os';

/** Facts that an error carries, beside its code; never patient data. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Base of every error that this program raises on purpose. `code` is stable and
 * machine-readable, the message is for an administrator and says what to do.
 */
export class KuvaError extends Error {
  override readonly name: string = 'KuvaError';
  readonly code: string;
  readonly facts: ErrorFacts;

  constructor(code: string, message: string, facts: ErrorFacts = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }
}

// Node has no name for some errors of the system, EDQUOT among them, and says so in one way or the other.
const NAMELESS = /^(UNKNOWN$|Unknown system error )/;

/** The code of any thrown value: ours, the operating system's (`ENOSPC`), SQLite's, or `UNKNOWN`. */
export function errorCode(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return NAMELESS.test(error.code) && 'errno' in error ? systemCode(error.errno, error.code) : error.code;
  }
  return 'UNKNOWN';
}

function systemCode(number: unknown, nameless: string): string {
  return Object.entries(constants.errno).find(([, errno]) => -errno === number)?.[0] ?? nameless;
}

/** Any thrown value as an Error, so that it can be kept as a `cause`. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
