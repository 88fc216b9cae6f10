import { createRequire } from 'node:module';
import type stringWidth from 'string-width';

export type Align = 'left' | 'right';

const GAP = '  ';
const PLAIN = /^[\x20-\x7e]*$/;

/** Rows of cells as lines with their columns below each other, and without trailing spaces. */
export function plainTable(rows: readonly (readonly string[])[], aligns: readonly Align[]): string {
  const widths = rows.map((row) => row.map(widthOf));
  const columns = aligns.map((_, at) => widths.reduce((most, row) => Math.max(most, row[at] ?? 0), 0));
  const lines = rows.map((row, r) =>
    row
      .map((text, at) => {
        const padding = ' '.repeat((columns[at] ?? 0) - (widths[r]?.[at] ?? 0));
        return aligns[at] === 'right' ? padding + text : text + padding;
      })
      .join(GAP)
      .trimEnd(),
  );
  return lines.join('\n');
}

/** Columns that a text takes on a terminal: letters of Chinese, Japanese and Korean take two, combining marks none. */
function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  measure ??= (createRequire(import.meta.url)('string-width') as { default: typeof stringWidth }).default;
  return measure(text);
}

// Loading it takes as long as most listings: only where there is a letter whose width it has to tell.
let measure: typeof stringWidth | undefined;
