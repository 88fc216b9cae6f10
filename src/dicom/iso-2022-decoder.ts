import { CODE_ELEMENTS, initialDesignation, type CodedSet, type CodeElement } from './iso-2022-sets.ts';
import type { SingleByteSet } from './single-byte-set.ts';

const ESCAPE = 0x1b;
const SPACE = 0x20;
const DELETE = 0x7f;
const REPLACEMENT = '\ufffd';
// Keyed by the escape sequence as text.
const BY_ESCAPE: ReadonlyMap<string, CodeElement> = new Map(
  [...CODE_ELEMENTS.values()].flat().map((element) => [element.escape.toString('latin1'), element]),
);

function designatedAt(bytes: Buffer, at: number): CodeElement | undefined {
  return BY_ESCAPE.get(bytes.toString('latin1', at, at + 3)) ?? BY_ESCAPE.get(bytes.toString('latin1', at, at + 4));
}

function pairAt(set: CodedSet, bytes: Buffer, at: number): string {
  const second = bytes[at + 1];
  if (second === undefined) return REPLACEMENT;
  return set.char(((bytes[at]! & 0x7f) << 8) | (second & 0x7f)) ?? REPLACEMENT;
}

/**
 * Decodes text with code extensions (PS3.5 6.1.2.5). Escape sequences of all defined terms are followed, whether they were declared or not;
 * one that is not known stays in the text. After one of `delimiters` the first term's sets are active again (6.1.2.5.3).
 * @param undesignated what a byte with the high bit means while G1 has no set
 */
export function decodeIso2022(
  bytes: Buffer,
  terms: readonly string[],
  delimiters: string,
  undesignated: SingleByteSet,
): string {
  const initial = initialDesignation(terms);
  let { G0, G1 } = initial;
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    const designated = byte === ESCAPE ? designatedAt(bytes, at) : undefined;
    if (designated !== undefined) {
      if (designated.region === 'G0') G0 = designated;
      else G1 = designated;
      at += designated.escape.length;
    } else if (byte < 0x80) {
      // In a double-byte set the codes of the delimiters are halves of characters.
      const single = G0.set.width === 1 || byte <= SPACE || byte === DELETE;
      if (single && delimiters.includes(String.fromCharCode(byte))) {
        ({ G0, G1 } = initial);
        text += String.fromCharCode(byte);
      } else if (byte <= SPACE || byte === DELETE) text += String.fromCharCode(byte);
      else text += single ? (G0.set.char(byte) ?? REPLACEMENT) : pairAt(G0.set, bytes, at);
      at += single ? 1 : 2;
    } else if (G1 === undefined || byte < 0xa0) {
      text += undesignated.char(byte);
      at += 1;
    } else {
      text += G1.set.width === 1 ? (G1.set.char(byte & 0x7f) ?? REPLACEMENT) : pairAt(G1.set, bytes, at);
      at += G1.set.width;
    }
  }
  return text;
}
