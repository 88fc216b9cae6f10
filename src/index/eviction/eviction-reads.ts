import type { JobState } from '../egress/job-state-table.ts';
import { inForce } from '../identity/stored-identity.ts';
import { packUid, unpackUid } from '../packed-uid.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type { EvictableInstance, EvictedInstance, EvictionFacts } from './eviction-types.ts';

const FACTS = `SELECT t.id, t.study_instance_uid, t.accession_number, t.study_date, t.num_instances, t.bytes, t.last_received_at,
  (SELECT count(*) FROM evicted_instance e WHERE e.study_instance_uid = t.study_instance_uid),
  EXISTS (SELECT 1 FROM egress_changed c WHERE c.study_instance_uid = t.study_instance_uid),
  (SELECT count(*) FROM instance_conflict f WHERE f.study_instance_uid = t.study_instance_uid),
  COALESCE((SELECT h.instances FROM hidden_study h WHERE h.study_fk = t.id), 0),
  (SELECT count(*) FROM undurable u JOIN instance i ON i.id = u.id JOIN series s ON s.id = i.series_fk WHERE s.study_fk = t.id),
  ${inForce('identity', 't.study_instance_uid')} IS NOT NULL
  FROM study t`;

/** Studies in the order of their rows, from after `after`. */
export function evictionPage(statements: StatementCache, after: number, limit: number): EvictionFacts[] {
  return statements
    .get(`${FACTS} WHERE t.id > ? ORDER BY t.id LIMIT ?`)
    .all(after, limit)
    .map((row) => factsOf(statements, row));
}

export function evictionFacts(statements: StatementCache, studyInstanceUid: string): EvictionFacts | undefined {
  const row = statements
    .get(`${FACTS} WHERE t.study_instance_uid = ?`)
    .get(packUid(studyInstanceUid) ?? Buffer.alloc(0));
  return row === undefined ? undefined : factsOf(statements, row);
}

function factsOf(statements: StatementCache, row: readonly Cell[]): EvictionFacts {
  const studyUid = row[1] as Buffer;
  return {
    row: Number(row[0]),
    studyInstanceUid: unpackUid(studyUid),
    accessionNumber: String(row[2]),
    studyDate: String(row[3]),
    instances: Number(row[4]),
    bytes: Number(row[5]),
    lastReceivedAt: Number(row[6]),
    evicted: Number(row[7]),
    changed: row[8] === 1,
    conflicts: Number(row[9]),
    rejected: Number(row[10]),
    undurable: Number(row[11]),
    corrected: row[12] === 1,
    destinations: destinationsOf(statements, studyUid),
  };
}

function destinationsOf(statements: StatementCache, studyUid: Buffer): EvictionFacts['destinations'] {
  const jobs = statements
    .get(
      `SELECT j.destination, j.state, j.calling_aet, (SELECT max(r.at) FROM egress_transition r WHERE r.job_id = j.id AND r.to_state = 'ARCHIVED')
       FROM egress_job j WHERE j.study_instance_uid = ? ORDER BY j.destination, j.version`,
    )
    .all(studyUid);
  return [...Map.groupBy(jobs, (job) => String(job[0]))].map(([destination, versions]) => {
    const archived = versions.map((job) => job[3]).filter((at) => at !== null && at !== undefined);
    return {
      destination,
      callingAet: String(versions.at(-1)?.[2] ?? ''),
      states: versions.map((job) => String(job[1]) as JobState),
      archivedAt: archived.length === 0 ? null : Math.max(...archived.map(Number)),
      committed: committed(statements, studyUid, destination),
    };
  });
}

function committed(statements: StatementCache, studyUid: Buffer, destination: string): number {
  const row = statements
    .get(
      `SELECT count(*) FROM study t JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id WHERE t.study_instance_uid = ?
       AND EXISTS (SELECT 1 FROM egress_instance e JOIN egress_job o ON o.id = e.job_id WHERE e.sop_instance_uid = i.sop_instance_uid
         AND e.sha256 = i.sha256 AND e.state = 'COMMITTED' AND o.destination = ? AND o.state = 'ARCHIVED')`,
    )
    .get(studyUid, destination);
  return Number(row?.[0] ?? 0);
}

/** Instances of a study whose file is here. */
export function evictableInstances(statements: StatementCache, studyInstanceUid: string): EvictableInstance[] {
  return statements
    .get(
      `SELECT i.sop_instance_uid, s.series_instance_uid, c.uid, x.uid, i.sha256, i.size, i.received_at, n.aet, b.organisation
       FROM study t JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id JOIN sop_class c ON c.id = i.sop_class_id
       JOIN transfer_syntax x ON x.id = i.transfer_syntax_id JOIN sender n ON n.id = i.sender_id JOIN bucket b ON b.id = i.bucket_id
       WHERE t.study_instance_uid = ? AND NOT EXISTS (SELECT 1 FROM evicted_instance e WHERE e.sop_instance_uid = i.sop_instance_uid)
       ORDER BY i.id`,
    )
    .all(packUid(studyInstanceUid) ?? Buffer.alloc(0))
    .map((row) => ({
      sopInstanceUid: unpackUid(row[0] as Buffer),
      seriesInstanceUid: unpackUid(row[1] as Buffer),
      sopClassUid: String(row[2]),
      transferSyntaxUid: String(row[3]),
      sha256: (row[4] as Buffer).toString('hex'),
      size: Number(row[5]),
      receivedAt: Number(row[6]),
      callingAET: String(row[7]),
      organisation: row[8] === '' ? null : String(row[8]),
    }));
}

/** Evicted instances whose file was still to be removed when the process ended. */
export function evictedWithFile(statements: StatementCache, limit: number): EvictedInstance[] {
  return statements.get(`${EVICTED} WHERE file_gone = 0 ORDER BY evicted_at LIMIT ?`).all(limit).map(evictedOf);
}

/** All evicted instances, in the order of their UIDs from after `after`; for a reindex. */
export function evictedPage(statements: StatementCache, after: string | null, limit: number): EvictedInstance[] {
  const uid = after === null ? undefined : packUid(after);
  return statements
    .get(`${EVICTED} WHERE sop_instance_uid > ? ORDER BY sop_instance_uid LIMIT ?`)
    .all(uid ?? Buffer.alloc(0), limit)
    .map(evictedOf);
}

/** Those of the given instances that are evicted. */
export function evictedAmong(statements: StatementCache, sopInstanceUids: readonly string[]): EvictedInstance[] {
  return sopInstanceUids.flatMap((uid) => {
    const row = statements.get(`${EVICTED} WHERE sop_instance_uid = ?`).get(packUid(uid) ?? Buffer.alloc(0));
    return row === undefined ? [] : [evictedOf(row)];
  });
}

const EVICTED = 'SELECT sop_instance_uid, sha256, destination, calling_aet, described FROM evicted_instance';

function evictedOf(row: readonly Cell[]): EvictedInstance {
  return {
    sopInstanceUid: unpackUid(row[0] as Buffer),
    sha256: (row[1] as Buffer).toString('hex'),
    destination: String(row[2]),
    callingAet: String(row[3]),
    described: row[4] as Buffer,
  };
}
