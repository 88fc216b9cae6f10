/** An element with escaped attributes; `content` is written already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: readonly string[] = [],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapedText(value)}"`);
  return content.length === 0
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${content.join('')}</${name}>`;
}

/** Without those that have no value. */
export function attributes(all: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

// Longer than any value of DICOM's short representations; a peer may send what it likes.
const LONGEST = 400;
// What XML 1.0 cannot hold (2.2, Char): most control characters, halves of surrogate pairs, U+FFFE and U+FFFF.
const UNWRITABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
// What has a meaning in it, and every control character that is left: a message stays on one line of whoever writes it to a file, and
// comes back from an attribute as it went in (XML 1.0 3.3.3).
const ESCAPED = /[&<>"'\t\n\r\u007f-\u009f\u2028\u2029]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text of a peer for an attribute or an element; one that is too long ends with an ellipsis. */
export function escapedText(text: string): string {
  return shortened(text, LONGEST)
    .replace(UNWRITABLE, '\ufffd')
    .replace(ESCAPED, (char) => ENTITIES[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);
}

export function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
