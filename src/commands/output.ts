import { printable } from '../core/text.ts';
import { plainTable } from './plain-table.ts';

export interface Column<T> {
  readonly title: string;
  readonly value: (item: T) => string | number | null | undefined;
  readonly align?: 'right';
}

export interface OutputStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Data goes to standard output, as a table for people or as JSON lines; talk goes to standard error. */
export class Output {
  readonly json: boolean;
  readonly #streams: OutputStreams;

  constructor(json: boolean, streams: OutputStreams) {
    this.json = json;
    this.#streams = streams;
  }

  /** Whether progress can be drawn. */
  get interactive(): boolean {
    return this.#streams.stderr.isTTY === true && !this.json;
  }

  get progressStream(): NodeJS.WritableStream {
    return this.#streams.stderr;
  }

  /** One table, or one JSON object a line. `empty` is said when there is nothing. */
  list<T extends object>(items: readonly T[], columns: readonly Column<T>[], empty: string): void {
    if (this.json) {
      this.#write(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    } else if (items.length === 0) {
      this.say(empty);
    } else {
      const rows = items.map((item) => columns.map((column) => cell(column.value(item))));
      const aligns = columns.map((column) => column.align ?? 'left');
      this.#write(`${plainTable([columns.map((column) => column.title), ...rows], aligns)}\n`);
    }
  }

  /** One object: its fields as lines `name  value`, or as one JSON line. */
  record(value: object, fields: Readonly<Record<string, string | number | null | undefined>>): void {
    if (this.json) {
      this.#write(`${JSON.stringify(value)}\n`);
      return;
    }
    const rows = Object.entries(fields).map(([name, field]) => [name, cell(field)]);
    this.#write(`${plainTable(rows, ['left', 'left'])}\n`);
  }

  /** A table as text, for a document. */
  textTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
    return plainTable(
      [columns, ...rows.map((row) => row.map(cell))],
      columns.map(() => 'left'),
    );
  }

  /** Text that is itself the result, such as a completion script. */
  raw(text: string): void {
    this.#write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** A line for the person at the terminal. */
  say(line: string): void {
    this.#streams.stderr.write(`${line}\n`);
  }

  #write(text: string): void {
    this.#streams.stdout.write(text);
  }
}

function cell(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : printable(String(value));
}

/** `1.5 GB`: decimal units, as disks are sold and `ls` does not lie about. */
export function humanBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} B` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** A moment in the local time of the terminal, to the second. */
export function humanTime(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace('T', ' ');
}
