import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import type { Columns, ColumnValue } from '../instance-projection.ts';
import { BoundedMap } from './bounded-map.ts';

const CACHED_ROWS = 4096;

/** Columns by name; `attributes` is the parsed JSON of what is only returned. */
export interface DescribedRow {
  readonly columns: Columns;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Keeps the descriptive columns of a table at the latest received non-empty value: an object that lacks an
 * attribute does not erase it, one that differs replaces it. Objects are taken in the order of their commits.
 */
export class LatestValues {
  readonly #names: readonly string[];
  readonly #select: SqliteStatement;
  readonly #update: SqliteStatement;
  readonly #rows = new BoundedMap<number, DescribedRow>(CACHED_ROWS);

  constructor(db: SqliteDatabase, table: string, names: readonly string[]) {
    this.#names = names;
    this.#select = db.prepare(`SELECT ${names.join(', ')}, attributes FROM ${table} WHERE id = ?`);
    this.#update = db.prepare(
      `UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')}, attributes = ? WHERE id = ?`,
    );
  }

  /** The row was just inserted with these values. */
  inserted(id: number, row: DescribedRow): void {
    this.#rows.set(id, row);
  }

  merge(id: number, incoming: DescribedRow): void {
    const current = this.#rows.get(id) ?? this.#read(id);
    const columns: Columns = { ...current.columns };
    let changed = false;
    for (const name of this.#names) {
      const value = incoming.columns[name];
      if (isEmpty(value) || value === columns[name]) continue;
      columns[name] = value;
      changed = true;
    }
    const attributes = { ...current.attributes };
    for (const [keyword, value] of Object.entries(incoming.attributes)) {
      if (attributes[keyword] === value) continue;
      attributes[keyword] = value;
      changed = true;
    }
    const merged = changed ? { columns, attributes } : current;
    if (changed) this.#update.run(...this.#names.map((name) => columns[name] ?? null), attributesText(attributes), id);
    this.#rows.set(id, merged);
  }

  forget(): void {
    this.#rows.clear();
  }

  #read(id: number): DescribedRow {
    const row = this.#select.get(id) ?? {};
    const { attributes, ...columns } = row;
    return { columns: columns as Columns, attributes: parseAttributes(attributes) };
  }
}

export function attributesText(attributes: Readonly<Record<string, string>>): string {
  return Object.keys(attributes).length === 0 ? '' : JSON.stringify(attributes);
}

function parseAttributes(text: unknown): Record<string, string> {
  return typeof text === 'string' && text !== '' ? (JSON.parse(text) as Record<string, string>) : {};
}

function isEmpty(value: ColumnValue | undefined): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}
