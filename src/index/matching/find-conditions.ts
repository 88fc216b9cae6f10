import { allOf, condition, NEVER } from './condition.ts';
import type { Condition } from './condition.ts';
import type { FindKey, FindQuery } from './find-query.ts';
import { matchKeyOf, requiredTag } from './key-table.ts';
import type { KeyColumn } from './key-table.ts';
import { combinedCondition, dateCondition, dateTimeCondition, rangeOf, timeCondition } from './range-conditions.ts';
import type { Range } from './range-conditions.ts';
import {
  integerCondition,
  joinedPersonCondition,
  personCondition,
  textCondition,
  uidCondition,
} from './text-conditions.ts';
import { visibleCondition } from './visibility.ts';
import { zonedStudyCondition } from './zoned-study-time.ts';

const STUDY_DATE = requiredTag('StudyDate');
const STUDY_TIME = requiredTag('StudyTime');

type Options = Pick<FindQuery, 'fuzzy' | 'timezoneOffset'>;

/** The WHERE clause of a query; undefined when every row matches. */
export function findConditions(query: FindQuery): Condition | undefined {
  const { date, time } = studyRanges(query.keys);
  const { timezoneOffset } = query;
  const zoned = timezoneOffset !== null && (date !== undefined || time !== undefined);
  const combined = !zoned && query.combinedDateTime && date !== undefined && time !== undefined;
  const conditions: Condition[] = [];
  if (zoned) conditions.push(zonedStudyCondition(date, time, query.combinedDateTime, timezoneOffset));
  if (combined) conditions.push(combinedCondition('t.study_date', 't.study_time', date, time));
  for (const key of query.keys) {
    if ((zoned || combined) && (key.tag === STUDY_DATE || key.tag === STUDY_TIME)) continue;
    const column = matchKeyOf(key.tag, query.level)?.column;
    const matched = column === undefined ? undefined : columnCondition(column, key, query);
    if (matched !== undefined) conditions.push(matched);
  }
  if (!query.rejectedToo) conditions.push(visibleCondition(query.level));
  return allOf(conditions);
}

function columnCondition(column: KeyColumn, key: FindKey, options: Options): Condition | undefined {
  if (key.kind === 'universal') return undefined;
  if (column.kind === 'sequence')
    return key.kind === 'sequence' ? sequenceCondition(column, key.keys, options) : undefined;
  if (key.kind === 'sequence') return undefined;
  if (column.kind === 'any-of') {
    const inner = columnCondition(column.column, key, options);
    return inner === undefined
      ? undefined
      : condition(
          column.exists.replace('$', () => inner.sql),
          inner.values,
          column.indexed,
        );
  }
  switch (column.kind) {
    case 'date':
      return key.kind === 'wildcard' ? NEVER : dateCondition(column.sql, key, column.indexed);
    case 'time':
      return key.kind === 'wildcard' ? NEVER : timeCondition(column.sql, key);
    case 'date-time':
      return key.kind === 'wildcard'
        ? NEVER
        : dateTimeCondition(column.sql, column.instant, key, options.timezoneOffset);
    default:
      return key.kind === 'range' ? NEVER : textualCondition(column, key, options);
  }
}

type TextualColumn = Extract<KeyColumn, { kind: 'text' | 'uid' | 'integer' | 'person' | 'joined-person' }>;

function textualCondition(
  column: TextualColumn,
  key: Extract<FindKey, { kind: 'single' | 'wildcard' | 'list' }>,
  options: Options,
): Condition {
  switch (column.kind) {
    case 'text':
      return textCondition(column.sql, key, column.indexed);
    case 'uid':
      return uidCondition(column.sql, key, column.indexed);
    case 'integer':
      return integerCondition(column.sql, key);
    case 'person':
      return personCondition(column.groups, key, options.fuzzy, column.indexed);
    case 'joined-person':
      return joinedPersonCondition(column.sql, key, options.fuzzy);
  }
}

/** An item without any key that narrows is universal matching (PS3.4 C.2.2.2.6). */
function sequenceCondition(
  column: Extract<KeyColumn, { kind: 'sequence' }>,
  keys: readonly FindKey[],
  options: Options,
): Condition | undefined {
  const inner = allOf(
    keys.flatMap((key) => {
      const item = column.items.get(key.tag);
      const matched = item === undefined ? undefined : columnCondition(item, key, options);
      return matched === undefined ? [] : [matched];
    }),
  );
  return inner === undefined
    ? undefined
    : condition(
        column.exists.replace('$', () => inner.sql),
        inner.values,
        column.indexed,
      );
}

function studyRanges(keys: readonly FindKey[]): { date: Range | undefined; time: Range | undefined } {
  const rangeFor = (tag: number): Range | undefined => {
    const key = keys.find((each) => each.tag === tag);
    return key?.kind === 'single' || key?.kind === 'range' ? rangeOf(key) : undefined;
  };
  return { date: rangeFor(STUDY_DATE), time: rangeFor(STUDY_TIME) };
}
