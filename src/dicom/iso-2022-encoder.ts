import { CODE_ELEMENTS, initialDesignation, ROMAJI_SET, type CodeElement } from './iso-2022-sets.ts';

const YEN = 0x5c;

function bytesOf({ region, set }: CodeElement, code: number): Buffer {
  const high = region === 'G1' ? 0x80 : 0;
  return Buffer.from(set.width === 1 ? [code | high] : [(code >> 8) | high, (code & 0xff) | high]);
}

/**
 * Encodes text with code extensions (PS3.5 6.1.2.5). Before each of `delimiters` and at the end, G0 goes back to the first term's set,
 * and after a delimiter nothing but that term's sets counts as designated (6.1.2.5.3). Undefined when a character is in none of the sets.
 */
export function encodeIso2022(text: string, terms: readonly string[], delimiters: string): Buffer | undefined {
  const elements = terms.flatMap((term) => CODE_ELEMENTS.get(term) ?? []);
  const initial = initialDesignation(terms);
  // A first term that is a G1 set alone still has ASCII in G0, to which a text must find its way back.
  if (!elements.includes(initial.G0)) elements.unshift(initial.G0);
  const active = { ...initial };
  const parts: Buffer[] = [];
  const reset = (): void => {
    if (active.G0 !== initial.G0) parts.push(initial.G0.escape);
    Object.assign(active, initial);
  };
  const encode = (element: CodeElement | undefined, char: string): Buffer | undefined => {
    const code = element?.set.code(char);
    if (element === undefined || code === undefined) return undefined;
    // Where a backslash separates values, the byte of the yen sign would be read as one.
    if (code === YEN && element.set === ROMAJI_SET && delimiters.includes('\\')) return undefined;
    return bytesOf(element, code);
  };
  for (const char of text) {
    if (delimiters.includes(char)) {
      reset();
      parts.push(Buffer.from(char, 'latin1'));
      continue;
    }
    const bytes = encode(active.G0, char) ?? encode(active.G1, char);
    if (bytes !== undefined) {
      parts.push(bytes);
      continue;
    }
    const element = elements.find((candidate) => encode(candidate, char) !== undefined);
    if (element === undefined) return undefined;
    active[element.region] = element;
    parts.push(element.escape, encode(element, char)!);
  }
  reset();
  return Buffer.concat(parts);
}
