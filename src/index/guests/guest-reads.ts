import { unpackUid } from '../packed-uid.ts';
import type { StatementCache } from '../reader/statement-cache.ts';

/** Organisations that have sent objects into the studies of others. */
export function guestOrganisations(statements: StatementCache): string[] {
  return statements
    .get('SELECT DISTINCT organisation FROM guest_object')
    .all()
    .map(([organisation]) => String(organisation));
}

/** A study of the view of a guest. */
export interface GuestStudy {
  readonly studyInstanceUid: string;
  /** The archive has it as this organisation's own, without what lies under SOP Instance UIDs of others. */
  readonly isOwn: boolean;
}

/** To be asked of the view of a guest: its studies. */
export function guestStudies(statements: StatementCache): GuestStudy[] {
  return statements
    .get(
      `SELECT t.study_instance_uid, EXISTS (SELECT 1 FROM main.study m JOIN main.bucket n ON n.id = m.bucket_id
         WHERE m.study_instance_uid = t.study_instance_uid AND n.organisation = b.organisation)
       FROM study t JOIN bucket b ON b.id = t.bucket_id`,
    )
    .all()
    .map((row) => ({ studyInstanceUid: unpackUid(row[0] as Buffer), isOwn: row[1] === 1 }));
}
