import { UNPEEKED } from '../unpeeked.ts';
import type { Condition } from './condition.ts';
import { LEVELS } from './find-query.ts';
import type { QueryLevel } from './find-query.ts';

/** The table of each level, with its alias. */
const BASE: Readonly<Record<QueryLevel, string>> = { PATIENT: 'p', STUDY: 't', SERIES: 's', IMAGE: 'i' };
const FROM: Readonly<Record<QueryLevel, string>> = {
  PATIENT: 'patient p',
  STUDY: 'study t',
  SERIES: 'series s',
  IMAGE: 'instance i',
};

/** Joins upward and to the side, in dependency order: an alias that nothing mentions is not joined. */
const JOINS: readonly {
  readonly alias: string;
  readonly sql: string;
  readonly needs: string | undefined;
  readonly levels: readonly QueryLevel[];
}[] = [
  { alias: 's', sql: 'JOIN series s ON s.id = i.series_fk', needs: undefined, levels: ['IMAGE'] },
  { alias: 't', sql: 'JOIN study t ON t.id = s.study_fk', needs: 's', levels: ['SERIES', 'IMAGE'] },
  { alias: 'p', sql: 'JOIN patient p ON p.id = t.patient_fk', needs: 't', levels: ['STUDY', 'SERIES', 'IMAGE'] },
  { alias: 'e', sql: 'LEFT JOIN equipment e ON e.id = s.equipment_id', needs: 's', levels: ['SERIES', 'IMAGE'] },
  { alias: 'c', sql: 'JOIN sop_class c ON c.id = i.sop_class_id', needs: undefined, levels: ['IMAGE'] },
  { alias: 'x', sql: 'JOIN transfer_syntax x ON x.id = i.transfer_syntax_id', needs: undefined, levels: ['IMAGE'] },
];

/** Selects the row ids that match; `window` limits them to ids above the first and up to the second parameter. */
export function idsSql(level: QueryLevel, where: Condition | undefined, window: boolean): string {
  const id = `${BASE[level]}.id`;
  const clauses = [...(window ? [`${id} > ? AND ${id} <= ?`] : []), ...(where === undefined ? [] : [where.sql])];
  const filter = clauses.length === 0 ? '' : ` WHERE ${clauses.join(' AND ')}`;
  return `SELECT ${id} FROM ${where?.indexed === true ? narrowedFrom(level, where.sql) : fromClause(level, where?.sql ?? '')}${filter}`;
}

export function maxIdSql(level: QueryLevel): string {
  return `SELECT max(id) FROM ${FROM[level]}`;
}

/** Selects `columns` of one row by its id. */
export function rowSql(level: QueryLevel, columns: readonly string[]): string {
  const list = columns.length === 0 ? '1' : columns.join(', ');
  return `SELECT ${list} FROM ${fromClause(level, list)} WHERE ${BASE[level]}.id = ${UNPEEKED}`;
}

/**
 * Starts at the level that an index narrows and goes down from there. Left to itself SQLite may walk all instances for
 * a search by name; CROSS JOIN keeps its order (in PostgreSQL a plain JOIN, whose planner has statistics).
 */
function narrowedFrom(level: QueryLevel, where: string): string {
  const start = mentions(where, 'i.sop_instance_uid')
    ? 'IMAGE'
    : mentions(where, 's.series_instance_uid')
      ? 'SERIES'
      : 'STUDY';
  if (LEVELS.indexOf(level) <= LEVELS.indexOf(start)) return fromClause(level, where);
  const down =
    level === 'IMAGE' ? ['CROSS JOIN instance i ON i.series_fk = s.id', ...joinsOf('IMAGE', where, ['c', 'x'])] : [];
  if (start === 'SERIES') return [fromClause('SERIES', where), ...down].join(' ');
  return [
    fromClause('STUDY', where),
    'CROSS JOIN series s ON s.study_fk = t.id',
    ...joinsOf('SERIES', where, ['e']),
    ...down,
  ].join(' ');
}

export function fromClause(level: QueryLevel, mentioned: string): string {
  const wanted = new Set<string>();
  for (const join of JOINS.toReversed()) {
    if (!join.levels.includes(level)) continue;
    if (wanted.has(join.alias) || mentions(mentioned, `${join.alias}.`)) {
      wanted.add(join.alias);
      if (join.needs !== undefined) wanted.add(join.needs);
    }
  }
  const joins = JOINS.filter((join) => wanted.has(join.alias) && join.levels.includes(level)).map((join) => join.sql);
  return [FROM[level], ...joins].join(' ');
}

function joinsOf(level: QueryLevel, mentioned: string, aliases: readonly string[]): string[] {
  return JOINS.filter(
    ({ alias, levels }) => aliases.includes(alias) && levels.includes(level) && mentions(mentioned, `${alias}.`),
  ).map(({ sql }) => sql);
}

function mentions(sql: string, name: string): boolean {
  return new RegExp(`\\b${name.replace('.', '\\.')}`).test(sql);
}
