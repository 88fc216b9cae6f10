import { localDateTimeMs, splitDateTime } from '../date-time.ts';
import { condition } from './condition.ts';
import type { Condition } from './condition.ts';
import type { FindKey } from './find-query.ts';
import { highestTime, lowestDateTime, lowestTime, spanMs } from './time-bounds.ts';

type RangeKey = Extract<FindKey, { kind: 'single' | 'range' | 'list' }>;

/** Both ends inclusive; a single value is the range from itself to itself. */
export interface Range {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export function rangeOf(key: RangeKey): Range {
  if (key.kind === 'range') return { from: key.from, to: key.to };
  const value = key.kind === 'single' ? key.value : key.values[0];
  return { from: value, to: value };
}

export function dateCondition(sql: string, key: RangeKey, indexed: boolean): Condition {
  const { from, to } = rangeOf(key);
  if (from !== undefined && from === to) return condition(`${sql} = ?`, [from], indexed);
  return between(sql, from, to, indexed);
}

/** TM of any precision: `1011` is the whole minute. */
export function timeCondition(sql: string, key: RangeKey): Condition {
  const { from, to } = rangeOf(key);
  return between(
    sql,
    from === undefined ? undefined : lowestTime(from),
    to === undefined ? undefined : highestTime(to),
    false,
  );
}

/** Study Date and Study Time as one point in time (PS3.4 C.2.2.2.5.1, combined date-time matching). */
export function combinedCondition(dateSql: string, timeSql: string, date: Range, time: Range): Condition {
  const from = date.from === undefined ? undefined : `${date.from}${lowestTime(time.from ?? '')}`;
  const to = date.to === undefined ? undefined : highestTime(`${date.to}${time.to ?? ''}`);
  const dates = between(dateSql, date.from, date.to, true);
  const both = between(`${dateSql} || ${timeSql}`, from, to, false);
  return condition(`(${dates.sql} AND ${both.sql})`, [...dates.values, ...both.values], true);
}

/**
 * A DT key. Where the key and the object know their offsets from UTC, instants are compared, else local time as
 * written. `defaultOffset` is the Timezone Offset From UTC of the identifier.
 */
export function dateTimeCondition(
  sql: string,
  instant: string,
  key: RangeKey,
  defaultOffset: number | null,
): Condition {
  const { from, to } = rangeOf(key);
  const [low, high] = [from, to].map((value) => (value === undefined ? undefined : splitDateTime(value)));
  const local = between(sql, low && lowestDateTime(low.local), high && highestTime(high.local), false);
  const offset = low?.offset ?? high?.offset ?? defaultOffset;
  if (offset === null) return local;
  const clauses: string[] = [`${instant} IS NOT NULL`];
  const values: number[] = [];
  const add = (operator: string, ms: number | undefined, own: number | null | undefined): void => {
    if (ms === undefined) return;
    clauses.push(`${instant} ${operator} ?`);
    values.push(ms - (own ?? offset) * 60_000);
  };
  add('>=', low && localDateTimeMs(low.local), low?.offset);
  add('<', high && (localDateTimeMs(high.local) ?? 0) + spanMs(high.local), high?.offset);
  return condition(`((${clauses.join(' AND ')}) OR (${instant} IS NULL AND ${local.sql}))`, [
    ...values,
    ...local.values,
  ]);
}

function between(sql: string, from: string | undefined, to: string | undefined, indexed: boolean): Condition {
  const clauses: string[] = [];
  const values: string[] = [];
  if (from !== undefined && from !== '') {
    clauses.push(`${sql} >= ?`);
    values.push(from);
  } else {
    // An open beginning takes no row without a value.
    clauses.push(`${sql} <> ''`);
  }
  if (to !== undefined) {
    clauses.push(`${sql} <= ?`);
    values.push(to);
  }
  return condition(
    clauses.length === 1 ? (clauses[0] ?? '') : `(${clauses.join(' AND ')})`,
    values,
    indexed && values.length > 0,
  );
}
