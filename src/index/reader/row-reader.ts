import { offsetText } from '../date-time.ts';
import type { FindQuery, FindRow, QueryLevel } from '../matching/find-query.ts';
import { rowSql } from '../matching/find-sql.ts';
import { requiredTag } from '../matching/key-table.ts';
import { returnColumnOf } from '../matching/return-table.ts';
import type { ReturnColumn } from '../matching/return-table.ts';
import { unpackUid } from '../packed-uid.ts';
import type { Cell, StatementCache } from './statement-cache.ts';

const ISSUER = [
  'SELECT local_id, universal_id, universal_type FROM issuer WHERE id = ?',
  ['LocalNamespaceEntityID', 'UniversalEntityID', 'UniversalEntityIDType'],
] as const;
const QUERY_RETRIEVE_LEVEL = requiredTag('QueryRetrieveLevel');
const SPECIFIC_CHARACTER_SET = requiredTag('SpecificCharacterSet');
const INSTANCE_AVAILABILITY = requiredTag('InstanceAvailability');

/** Whether something of it was given up here and must be brought back from an archive before it can be sent (PS3.3 C.4.23.1.1). */
const EVICTED: Readonly<Record<QueryLevel, string>> = {
  PATIENT: '0',
  STUDY: 'EXISTS (SELECT 1 FROM evicted_instance v WHERE v.study_instance_uid = t.study_instance_uid)',
  SERIES: `EXISTS (SELECT 1 FROM evicted_instance v WHERE v.study_instance_uid = t.study_instance_uid)
    AND EXISTS (SELECT 1 FROM instance o JOIN evicted_instance v ON v.sop_instance_uid = o.sop_instance_uid WHERE o.series_fk = s.id)`,
  IMAGE: 'EXISTS (SELECT 1 FROM evicted_instance v WHERE v.sop_instance_uid = i.sop_instance_uid)',
};

type Shaper = (row: readonly Cell[]) => string | FindRow[];

/** Reads the rows of one query by their ids and shapes them as responses. */
export class RowReader {
  readonly #statements: StatementCache;
  readonly #level: QueryLevel;
  readonly #sql: string;
  readonly #charsetAt: number;
  readonly #evictedAt: number;
  readonly #shapers: readonly (readonly [tag: number, shape: Shaper])[];

  constructor(statements: StatementCache, query: Pick<FindQuery, 'level' | 'returnKeys' | 'rejectedToo'>) {
    this.#statements = statements;
    this.#level = query.level;
    const columns: string[] = [];
    const position = (sql: string): number => {
      const known = columns.indexOf(sql);
      return known >= 0 ? known : columns.push(sql) - 1;
    };
    const owner = query.level === 'PATIENT' ? 'p' : 't';
    this.#charsetAt = position(`(SELECT h.term FROM character_set h WHERE h.id = ${owner}.character_set_id)`);
    this.#evictedAt = position(EVICTED[query.level]);
    this.#shapers = query.returnKeys.flatMap((tag) => {
      const read = returnColumnOf(tag, query.level, query.rejectedToo);
      const shape = read === undefined ? undefined : this.#shaper(read, position);
      return shape === undefined ? [] : [[tag, shape] as const];
    });
    this.#sql = rowSql(query.level, columns);
  }

  /** Undefined when the row has gone since its id was found. */
  read(id: number): FindRow | undefined {
    const row = this.#statements.get(this.#sql).get(id);
    if (row === undefined) return undefined;
    const found: FindRow = { [QUERY_RETRIEVE_LEVEL]: this.#level };
    const charset = row[this.#charsetAt];
    // The objects' own character set: a response may prefer it.
    if (typeof charset === 'string') found[SPECIFIC_CHARACTER_SET] = charset;
    found[INSTANCE_AVAILABILITY] = row[this.#evictedAt] === 1 ? 'NEARLINE' : 'ONLINE';
    for (const [tag, shape] of this.#shapers) found[tag] = shape(row);
    return found;
  }

  #shaper(read: ReturnColumn, position: (sql: string) => number): Shaper | undefined {
    switch (read.kind) {
      case 'by-service':
        return undefined;
      case 'column': {
        const at = position(read.sql);
        return (row) => textOfColumn(row[at], read.shape);
      }
      case 'attribute': {
        const at = position(read.sql);
        return (row) => attributeOf(row[at], read.keyword);
      }
      case 'issuer': {
        const at = position(read.sql);
        const items = ISSUER[1].map((keyword) => [requiredTag(keyword), 'text'] as const);
        return (row) => this.#items(ISSUER[0], row[at], items);
      }
      case 'items': {
        const at = position(read.owner);
        return (row) => this.#items(read.sql, row[at], read.items);
      }
    }
  }

  #items(sql: string, owner: unknown, items: readonly (readonly [tag: number, shape: 'text' | 'uid'])[]): FindRow[] {
    if (owner === null) return [];
    return this.#statements
      .get(sql)
      .all(owner)
      .map((row) => {
        const item: FindRow = {};
        items.forEach(([tag, shape], at) => {
          const value = textOfColumn(row[at], shape);
          if (value !== '') item[tag] = value;
        });
        return item;
      });
  }
}

function textOfColumn(value: unknown, shape: 'text' | 'uid' | 'offset'): string {
  if (value === null || value === undefined) return '';
  if (shape === 'uid') return value instanceof Uint8Array ? unpackUid(value) : '';
  if (shape === 'offset') return offsetText(Number(value));
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
}

function attributeOf(json: unknown, keyword: string): string {
  if (typeof json !== 'string' || json === '') return '';
  return (JSON.parse(json) as Record<string, string>)[keyword] ?? '';
}
