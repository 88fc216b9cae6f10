import type { SqliteDatabase } from '../database.ts';

/** Writes a row, or replaces every column of the one that has this key. Table and column names are ours, values are bound. */
export function upsert(
  db: SqliteDatabase,
  table: string,
  key: string,
  columns: Readonly<Record<string, string | number>>,
): void {
  const names = Object.keys(columns);
  const changes = names.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`);
  db.prepare(
    `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
     ON CONFLICT (${key}) DO UPDATE SET ${changes.join(', ')}`,
  ).run(...Object.values(columns));
}
