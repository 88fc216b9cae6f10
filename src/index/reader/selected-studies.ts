import type { InstanceSelection } from '../index-types.ts';
import { fromClause } from '../matching/find-sql.ts';
import { unpackUid } from '../packed-uid.ts';
import { conditionsOf } from './selection-conditions.ts';
import type { StatementCache } from './statement-cache.ts';

/** The studies that a selection reaches into, found without a look at the instances that it does not name. */
export function selectedStudies(statements: StatementCache, selection: InstanceSelection): string[] {
  const level = selection.sopUids !== undefined ? 'IMAGE' : selection.seriesUids !== undefined ? 'SERIES' : 'STUDY';
  const studies = new Set<string>();
  for (const where of conditionsOf({ ...selection, visibleOnly: false })) {
    const sql = `SELECT DISTINCT t.study_instance_uid FROM ${fromClause(level, `${where.sql} t.`)} WHERE ${where.sql}`;
    for (const [uid] of statements.get(sql).all(...where.values)) studies.add(unpackUid(uid as Buffer));
  }
  return [...studies];
}
