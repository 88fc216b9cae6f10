/** One line of a file of separated values: its number from 1, and its fields. */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Rows of a text with `;`, tab or `,` between fields, whichever its first line has; a field in quotes may hold any of them (RFC 4180). */
export function csvRows(text: string): CsvRow[] {
  const first = text.slice(0, text.search(/[\r\n]|$/));
  const separator = [';', '\t'].find((one) => first.includes(one)) ?? ',';
  const rows: CsvRow[] = [];
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  let line = 1;
  let begunOn = 1;
  const endRow = (): void => {
    fields.push(field.trim());
    if (fields.some((one) => one !== '')) rows.push({ line: begunOn, fields });
    fields = [];
    field = '';
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\n') line += 1;
    if (quoted && character === '"' && text[at + 1] === '"') {
      field += '"';
      at += 1;
    } else if (character === '"' && (quoted || field.trim() === '')) {
      quoted = !quoted;
    } else if (!quoted && character === separator) {
      fields.push(field.trim());
      field = '';
    } else if (!quoted && character === '\n') {
      endRow();
      begunOn = line;
    } else {
      field += character;
    }
  }
  endRow();
  return rows;
}
