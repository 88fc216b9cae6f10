import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type { CodeEntry, CodeListRow } from './code-types.ts';

const ENTRY = 'SELECT code, list_oid, valid_from, valid_to, name FROM code_entry';

export function codeLists(statements: StatementCache): CodeListRow[] {
  return statements
    .get(
      `SELECT l.oid, l.name, l.source, l.imported_at, (SELECT count(*) FROM code_entry e WHERE e.list_oid = l.oid)
       FROM code_list l ORDER BY l.oid`,
    )
    .all()
    .map((row) => ({
      oid: String(row[0]),
      name: String(row[1]),
      source: String(row[2]),
      importedAt: Number(row[3]),
      entries: Number(row[4]),
    }));
}

/** A page of one list: every period of at most `limit` codes that begin with `prefix`, after the code `after`. */
export function codesOfList(
  statements: StatementCache,
  oid: string,
  { prefix, after, limit }: { readonly prefix: string; readonly after: string; readonly limit: number },
): CodeEntry[] {
  return statements
    .get(
      `${ENTRY} WHERE list_oid = ? AND code IN (SELECT DISTINCT code FROM code_entry
       WHERE list_oid = ? AND code > ? AND substr(code, 1, ?) = ? ORDER BY code LIMIT ?) ORDER BY code, valid_from`,
    )
    .all(oid, oid, after, prefix.length, prefix, limit)
    .map(entryRow);
}

/** Every period of the given codes, in all lists. */
export function codeEntries(statements: StatementCache, codes: readonly string[]): CodeEntry[] {
  const find = statements.get(`${ENTRY} WHERE code = ? ORDER BY list_oid, valid_from`);
  return [...new Set(codes)].flatMap((code) => find.all(code).map(entryRow));
}

function entryRow(row: readonly Cell[]): CodeEntry {
  return {
    code: String(row[0]),
    listOid: String(row[1]),
    validFrom: String(row[2]),
    validTo: String(row[3]),
    name: String(row[4]),
  };
}
