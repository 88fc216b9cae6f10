/** A DICOM wildcard pattern (PS3.4 C.2.2.2.4: `*` any run, `?` one character) as SQL LIKE with `\` as escape. */
export function likePattern(wildcard: string): string {
  return wildcard.replace(/[\\%_*?]/g, (char) => (char === '*' ? '%' : char === '?' ? '_' : `\\${char}`));
}

/** What every match begins with, up to the first wildcard. */
export function literalPrefix(wildcard: string): string {
  return /^[^*?]*/.exec(wildcard)?.[0] ?? '';
}

/** The first text after all that begin with `prefix`, in code point order; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}

export function hasWildcard(value: string): boolean {
  return /[*?]/.test(value);
}
