import type { SqliteDatabase } from '../database.ts';
import { upsert } from '../registers/upsert.ts';
import type { CodeEntry, CodesImport, CodesImported } from './code-types.ts';

type Periods = Map<string, string[]>;

/** Code lists. */
export function nomenclatureWrites(db: SqliteDatabase) {
  return {
    /** All periods of a code that is imported take the place of those that were kept. */
    codesImport: ({ oid, name, source, importedAt, entries, replace }: CodesImport): CodesImported => {
      upsert(db, 'code_list', 'oid', { oid, name, source, imported_at: importedAt });
      const before = periodsOf(
        db
          .prepare<unknown[], Omit<CodeEntry, 'listOid'>>(
            'SELECT code, valid_from AS validFrom, valid_to AS validTo, name FROM code_entry WHERE list_oid = ?',
          )
          .all(oid),
      );
      const after = periodsOf(entries);
      const same = (code: string): boolean => before.get(code)?.join('\n') === after.get(code)?.join('\n');
      const added = [...after.keys()].filter((code) => !before.has(code));
      const changed = [...after.keys()].filter((code) => before.has(code) && !same(code));
      const removed = replace ? [...before.keys()].filter((code) => !after.has(code)) : [];
      const remove = db.prepare('DELETE FROM code_entry WHERE list_oid = ? AND code = ?');
      for (const code of [...changed, ...removed]) remove.run(oid, code);
      const insert = db.prepare(
        'INSERT INTO code_entry (code, list_oid, valid_from, valid_to, name) VALUES (?, ?, ?, ?, ?)',
      );
      const written = new Set([...added, ...changed]);
      for (const entry of entries) {
        if (written.has(entry.code)) insert.run(entry.code, oid, entry.validFrom, entry.validTo, entry.name);
      }
      return { added, changed, removed, unchanged: after.size - written.size };
    },

    /** The codes that went with the list; undefined when there was none. */
    codeListRemove: (oid: string): string[] | undefined => {
      const codes = db
        .prepare<unknown[], { code: string }>('SELECT DISTINCT code FROM code_entry WHERE list_oid = ?')
        .all(oid);
      db.prepare('DELETE FROM code_entry WHERE list_oid = ?').run(oid);
      const found = db.prepare('DELETE FROM code_list WHERE oid = ?').run(oid).changes > 0;
      return found ? codes.map(({ code }) => code) : undefined;
    },
  };
}

function periodsOf(entries: readonly Omit<CodeEntry, 'listOid'>[]): Periods {
  const periods: Periods = new Map();
  for (const { code, validFrom, validTo, name } of entries) {
    const list = periods.get(code) ?? [];
    list.push(JSON.stringify([validFrom, validTo, name]));
    periods.set(code, list);
  }
  for (const list of periods.values()) list.sort();
  return periods;
}
