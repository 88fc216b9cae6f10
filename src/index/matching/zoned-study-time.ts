import { dayMs, timeOfDayMs } from '../date-time.ts';
import { condition } from './condition.ts';
import type { Condition } from './condition.ts';
import type { Range } from './range-conditions.ts';
import { spanMs } from './time-bounds.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * Study Date and Study Time meant in the identifier's Timezone Offset From UTC (PS3.4 C.4.1.1.3.1, timezone query
 * adjustment): each study is moved from its own offset to that one. A study that does not say its offset is taken
 * as it is written.
 */
export function zonedStudyCondition(
  date: Range | undefined,
  time: Range | undefined,
  combined: boolean,
  offset: number,
): Condition {
  const shifted = `(t.study_instant + (${offset} - COALESCE(t.timezone_offset, ${offset})) * ${MINUTE_MS})`;
  const clauses = ['t.study_instant IS NOT NULL'];
  const values: (string | number)[] = [];
  const add = (sql: string, ...more: (string | number)[]): void => {
    clauses.push(sql);
    values.push(...more);
  };
  const [fromDay, toDay] = [date?.from, date?.to].map((day) => (day === undefined ? undefined : dayMs(day)));
  // Offsets move a study by less than two days: the index on the date still narrows.
  if (fromDay !== undefined) add('t.study_date >= ?', dateText(fromDay - 2 * DAY_MS));
  if (toDay !== undefined) add('t.study_date <= ?', dateText(toDay + 2 * DAY_MS));
  const [fromTime, toTime] = [timeMs(time?.from), timeEndMs(time?.to)];
  if (combined && date !== undefined && time !== undefined) {
    if (fromDay !== undefined) add(`${shifted} >= ?`, fromDay + (fromTime ?? 0));
    if (toDay !== undefined) add(`${shifted} < ?`, toDay + (toTime ?? DAY_MS));
  } else {
    if (fromDay !== undefined) add(`${shifted} >= ?`, fromDay);
    if (toDay !== undefined) add(`${shifted} < ?`, toDay + DAY_MS);
    const ofDay = `((${shifted} % ${DAY_MS} + ${DAY_MS}) % ${DAY_MS})`;
    if (time !== undefined) add("t.study_time <> ''");
    if (fromTime !== undefined) add(`${ofDay} >= ?`, fromTime);
    if (toTime !== undefined) add(`${ofDay} < ?`, toTime);
  }
  return condition(`(${clauses.join(' AND ')})`, values, fromDay !== undefined || toDay !== undefined);
}

function timeMs(time: string | undefined): number | undefined {
  return time === undefined ? undefined : timeOfDayMs(time);
}

function timeEndMs(time: string | undefined): number | undefined {
  const start = timeMs(time);
  return time === undefined || start === undefined ? undefined : start + spanMs(`20000101${time}`);
}

function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
}
