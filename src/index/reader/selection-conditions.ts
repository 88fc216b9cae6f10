import type { InstanceSelection } from '../index-types.ts';
import { allOf, condition, NEVER } from '../matching/condition.ts';
import type { Condition } from '../matching/condition.ts';
import { visibleCondition } from '../matching/visibility.ts';
import { packUid } from '../packed-uid.ts';

/** UIDs in one statement; longer lists go in several. */
const UIDS_A_QUERY = 500;

/** What a selection asks for, in as many parts as its longest list of UIDs needs. */
export function* conditionsOf(selection: InstanceSelection): Generator<Condition, void> {
  const { patientId, issuer, studyUids, seriesUids, sopUids } = selection;
  const fixed: Condition[] = [];
  if (patientId !== undefined) fixed.push(condition('p.patient_id = ?', [patientId]));
  if (selection.visibleOnly === true) fixed.push(visibleCondition('IMAGE'));
  if (issuer !== undefined) fixed.push(condition('p.issuer = ?', [issuer]));
  const lists = [
    { sql: 'i.sop_instance_uid', uids: sopUids },
    { sql: 's.series_instance_uid', uids: seriesUids },
    { sql: 't.study_instance_uid', uids: studyUids },
  ].flatMap(({ sql, uids }) => (uids === undefined ? [] : [{ sql, uids }]));
  const [deepest, ...above] = lists;
  if (deepest === undefined) {
    if (patientId === undefined) throw new TypeError('A selection of instances needs a Patient ID or UIDs');
    yield allOf(fixed) ?? NEVER;
    return;
  }
  const higher = above.map(({ sql, uids }) => uidsCondition(sql, uids));
  for (let at = 0; at < deepest.uids.length; at += UIDS_A_QUERY) {
    const part = uidsCondition(deepest.sql, deepest.uids.slice(at, at + UIDS_A_QUERY));
    yield allOf([part, ...higher, ...fixed]) ?? NEVER;
  }
}

function uidsCondition(sql: string, uids: readonly string[]): Condition {
  const packed = uids.map(packUid).filter((uid) => uid !== undefined);
  if (packed.length === 0) return NEVER;
  return condition(`${sql} IN (${packed.map(() => '?').join(', ')})`, packed);
}
