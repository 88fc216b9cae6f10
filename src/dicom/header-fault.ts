export type HeaderFaultCode =
  | 'HEADER_EMPTY'
  | 'HEADER_UNREADABLE'
  | 'HEADER_TRUNCATED'
  | 'HEADER_TOO_DEEP'
  | 'HEADER_INFLATE'
  | 'UID_INVALID';

/** What the parts of the header reader throw among themselves; the reader turns it into its HeaderError. */
export class HeaderFault extends Error {
  override readonly name = 'HeaderFault';
  readonly code: HeaderFaultCode;
  readonly tag: number;
  readonly offset: number;

  constructor(code: HeaderFaultCode, message: string, tag: number, offset: number, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.tag = tag;
    this.offset = offset;
  }
}
