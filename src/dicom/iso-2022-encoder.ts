import { CODE_ELEMENTS, type CodeElement } from './iso-2022-sets.ts';

interface Active {
  G0: CodeElement;
  G1: CodeElement | undefined;
}

/**
 * Encodes text with code extensions (PS3.5 6.1.2.5). Before each of `delimiters` and at the end, G0 goes back to the first term's set,
 * and after a delimiter nothing but that term's sets counts as designated (6.1.2.5.3). Undefined when a character is in none of the sets.
 */
export function encodeIso2022(text: string, terms: readonly string[], delimiters: string): Buffer | undefined {
  const elements = terms.flatMap((term) => CODE_ELEMENTS.get(term) ?? []);
  const ascii = CODE_ELEMENTS.get('ISO 2022 IR 6')![0]!;
  const first = CODE_ELEMENTS.get(terms[0]!) ?? [ascii];
  const initial: Active = {
    G0: first.find(({ region }) => region === 'G0') ?? ascii,
    G1: first.find(({ region }) => region === 'G1'),
  };
  // A first term that is a G1 set alone still has ASCII in G0, to which a text must find its way back.
  if (!elements.includes(initial.G0)) elements.unshift(initial.G0);
  const active: Active = { ...initial };
  const parts: Buffer[] = [];
  const reset = (): void => {
    if (active.G0 !== initial.G0) parts.push(initial.G0.escape);
    Object.assign(active, initial);
  };
  for (const char of text) {
    if (delimiters.includes(char)) {
      reset();
      parts.push(Buffer.from(char, 'latin1'));
      continue;
    }
    const bytes = active.G0.encode(char) ?? active.G1?.encode(char);
    if (bytes !== undefined) {
      parts.push(bytes);
      continue;
    }
    const element = elements.find((candidate) => candidate.encode(char) !== undefined);
    if (element === undefined) return undefined;
    active[element.region] = element;
    parts.push(element.escape, element.encode(char)!);
  }
  reset();
  return Buffer.concat(parts);
}
