import { hash } from 'node:crypto';

/** The link of a first line. */
const NOTHING = '';

/** Entries as JSON lines, each naming the SHA-256 of the line before: no line can be changed, left out or moved without the next one showing it. */
export function chainLines(entries: readonly object[]): { readonly text: string; readonly head: string } {
  let head = NOTHING;
  const lines = entries.map((entry) => {
    const line = JSON.stringify({ previous: head, ...entry });
    head = hash('sha256', line);
    return line;
  });
  return { text: lines.map((line) => `${line}\n`).join(''), head };
}

/** The entries of a chain, and its head; `fault` names the first line that does not follow from those before. */
export function readChain(text: string): {
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly head: string;
  readonly fault: string | undefined;
} {
  const entries: Readonly<Record<string, unknown>>[] = [];
  let head = NOTHING;
  let fault: string | undefined;
  for (const [at, line] of text.split('\n').slice(0, -1).entries()) {
    const entry = parsed(line);
    if (entry === undefined) fault ??= `line ${at + 1} is not a JSON object`;
    else if (entry['previous'] !== head) fault ??= `line ${at + 1} does not follow the line before it`;
    head = hash('sha256', line);
    if (entry !== undefined) entries.push(entry);
  }
  if (!text.endsWith('\n')) fault ??= 'the last line does not end';
  return { entries, head, fault };
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
