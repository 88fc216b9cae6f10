import { packUid, unpackUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';

const KEY_OBJECT_SELECTION = '1.2.840.10008.5.1.4.1.1.88.59';

/** Who a Patient ID is, as studies have it. Dates are YYYYMMDD as sent. */
export interface PictureIdentity {
  readonly issuer: string;
  readonly name: string;
  readonly birthDate: string;
  readonly sex: string;
}

/** A list of a study's objects (KOS): received as an object, or made by us for the archive. */
export interface PictureManifest {
  readonly origin: 'received' | 'made';
  readonly sopInstanceUid: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** Of one that we made: when the archive took it; null for not yet, and for received ones. */
  readonly deliveredAt: number | null;
}

/** Of the patients of these studies, each different one once. */
export function pictureIdentities(statements: StatementCache, studyUids: readonly string[]): PictureIdentity[] {
  const find = statements.get(
    `SELECT p.issuer, p.name, p.birth_date, p.sex FROM study t JOIN patient p ON p.id = t.patient_fk
     WHERE t.study_instance_uid = ? AND p.patient_id <> ''`,
  );
  const identities = new Map<string, PictureIdentity>();
  for (const uid of studyUids) {
    const packed = packUid(uid);
    const row = packed === undefined ? undefined : find.get(packed);
    if (row === undefined) continue;
    const [issuer = '', name = '', birthDate = '', sex = ''] = row.map(String);
    identities.set(JSON.stringify(row), { issuer, name, birthDate, sex });
  }
  return [...identities.values()];
}

export function pictureManifests(statements: StatementCache, studyInstanceUid: string): PictureManifest[] {
  const uid = packUid(studyInstanceUid);
  if (uid === undefined) return [];
  const received = statements
    .get(
      `SELECT i.sop_instance_uid, i.received_at FROM study t JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id
       WHERE t.study_instance_uid = ? AND s.modality = 'KO' AND i.sop_class_id = (SELECT id FROM sop_class WHERE uid = ?) ORDER BY i.id`,
    )
    .all(uid, KEY_OBJECT_SELECTION)
    .map(([sop, at]): PictureManifest => ({
      origin: 'received',
      sopInstanceUid: unpackUid(sop as Buffer),
      at: Number(at),
      deliveredAt: null,
    }));
  const made = statements
    .get(
      `SELECT m.sop_instance_uid, m.created_at, m.delivered_at FROM egress_job j JOIN egress_manifest m ON m.job_id = j.id
       WHERE j.study_instance_uid = ? ORDER BY m.created_at`,
    )
    .all(uid)
    .map(([sop, at, deliveredAt]): PictureManifest => ({
      origin: 'made',
      sopInstanceUid: String(sop),
      at: Number(at),
      deliveredAt: deliveredAt === null ? null : Number(deliveredAt),
    }));
  return [...received, ...made];
}
