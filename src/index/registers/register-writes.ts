import type { SqliteDatabase } from '../database.ts';
import { upsert } from './upsert.ts';
import type { CertificationRow, NewEnablement, OrganisationRow } from './register-types.ts';

/** Organisations, how far their deployment has come, and certifications. */
export function nationalRegisterWrites(db: SqliteDatabase) {
  return {
    organisationPut: (row: OrganisationRow): void => {
      upsert(db, 'organisation', 'key', {
        key: row.key,
        name: row.name,
        oid: row.oid,
        kind: row.kind,
        controller_oid: row.controllerOid,
        register_code: row.registerCode,
        register_specifier: row.registerSpecifier,
        egress_aet: row.egressAet,
        system_entity: row.systemEntity,
        joined_on: row.joinedOn,
        attributes: JSON.stringify(row.attributes),
      });
    },

    /** False when there was none. Its enablements stay: they are history of the controller. */
    organisationRemove: (key: string): boolean =>
      db.prepare('DELETE FROM organisation WHERE key = ?').run(key).changes > 0,

    enablementAdd: (row: NewEnablement): void => {
      db.prepare(
        'INSERT INTO enablement (controller_oid, content_type, state, from_day, note, recorded_at) VALUES (?, ?, ?, ?, ?, ?)',
      ).run(row.controllerOid, row.contentType, row.state, row.from, row.note, row.recordedAt);
    },

    certificationPut: (row: CertificationRow): void => {
      upsert(db, 'certification', 'register_id', {
        register_id: row.registerId,
        system_entity: row.systemEntity,
        version: row.version,
        class: row.class,
        content_types: JSON.stringify(row.contentTypes),
        spec_versions: JSON.stringify(row.specVersions),
        joint_test_day: row.jointTestDay,
        valid_from: row.validFrom,
        valid_to: row.validTo,
      });
    },

    /** False when there was none. */
    certificationRemove: (registerId: string): boolean =>
      db.prepare('DELETE FROM certification WHERE register_id = ?').run(registerId).changes > 0,
  };
}
