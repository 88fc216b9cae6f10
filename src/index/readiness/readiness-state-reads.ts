import type { StatementCache } from '../reader/statement-cache.ts';
import type { ReadinessState } from './readiness-types.ts';

/** Undefined before the queue was judged for the first time. */
export function readinessState(statements: StatementCache): ReadinessState | undefined {
  const row = statements.get('SELECT day, profile FROM readiness_state').get();
  return row === undefined ? undefined : { day: String(row[0]), profile: String(row[1]) };
}
