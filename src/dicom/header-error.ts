import { KuvaError } from '../core/errors.ts';
import { tagText } from './dictionary.ts';

export type HeaderErrorCode = 'HEADER_EMPTY' | 'HEADER_UNREADABLE' | 'HEADER_TRUNCATED' | 'HEADER_TOO_DEEP' | 'HEADER_INFLATE' | 'UID_INVALID';

/** Why the header of an instance cannot be used; `tag` as 0xGGGGEEEE (0 when none), `offset` in bytes from the start of the (inflated) data set. */
export class HeaderError extends KuvaError {
  override readonly name = 'HeaderError';
  declare readonly code: HeaderErrorCode;
  readonly tag: number;
  readonly offset: number;

  constructor(code: HeaderErrorCode, message: string, tag: number, offset: number, cause?: unknown) {
    super(code, `${message} at ${tagText(tag)}, byte ${offset}`, { tag, offset }, cause);
    this.tag = tag;
    this.offset = offset;
  }
}
