/** Letters that Unicode does not decompose into a base letter and a mark. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['ø', 'o'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ß', 'ss'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['ŋ', 'n'],
  ['ŧ', 't'],
  ['ł', 'l'],
  ['ħ', 'h'],
  ['ı', 'i'],
  ['ĸ', 'k'],
  ['ſ', 's'],
  ['ǥ', 'g'],
  ['ʒ', 'z'],
  ['ə', 'e'],
]);
const SPECIAL = /[øæœßđðþŋŧłħıĸſǥʒə]/gu;

// Marks of Latin, Greek and Cyrillic letters only: the voiced sound marks of kana (U+3099) make other letters.
const MARKS = /[\u0300-\u036f]/g;

/**
 * The form in which person names are compared: case, accents and width do not count (`Määttä` = `maatta`).
 * PS3.4 C.2.2.2.1 lets the SCP choose this for VR PN. Wildcards pass unchanged.
 */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(MARKS, '')
    .toLowerCase()
    .replace(MARKS, '')
    .replace(SPECIAL, (letter) => LETTERS.get(letter) ?? letter)
    .normalize('NFC');
}

/** One name in its three component groups (PS3.5 6.2.1.2), each folded; '' where absent. */
export interface PersonNameKey {
  readonly alphabetic: string;
  readonly ideographic: string;
  readonly phonetic: string;
}

export function personNameKey(name: string): PersonNameKey {
  const [alphabetic = '', ideographic = '', phonetic = ''] = name.split('=');
  return { alphabetic: foldGroup(alphabetic), ideographic: foldGroup(ideographic), phonetic: foldGroup(phonetic) };
}

/** Trailing empty components carry nothing (PS3.5 6.2.1.1); spaces around components are padding. */
export function foldGroup(group: string): string {
  return foldText(group)
    .split('^')
    .map((component) => component.trim().replace(/\s+/g, ' '))
    .join('^')
    .replace(/\^+$/, '');
}

/** The three groups in one text, for names that have a single key column. */
export function joinedNameKey(name: string): string {
  const key = personNameKey(name);
  return `${key.alphabetic}=${key.ideographic}=${key.phonetic}`.replace(/=+$/, '');
}
