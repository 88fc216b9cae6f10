/** PS3.5 6.2 AE: 1 to 16 characters of the default repertoire, no control characters, no backslash. */
const AE_TITLE = /^[\u0020-\u005b\u005d-\u007e]{1,16}$/;

/** True for an AE title that may be used, given without leading and trailing spaces. */
export function isAeTitle(text: string): boolean {
  return AE_TITLE.test(text) && text.trim() !== '';
}

/** Reads a 16-byte AE title field, PS3.8 9.3.2: leading and trailing spaces are not significant; trailing NULs occur. */
export function readAeTitle(field: Buffer): string {
  const text = field.toString('latin1');
  let start = 0;
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\0')) end--;
  while (start < end && text[start] === ' ') start++;
  return text.slice(start, end);
}

/** Writes a 16-byte AE title field padded with spaces. */
export function writeAeTitle(target: Buffer, offset: number, aet: string): void {
  target.fill(0x20, offset, offset + 16);
  target.write(aet.slice(0, 16), offset, 'latin1');
}
