import { VISIBLE_COLUMNS } from '../matching/visibility.ts';
import { packUid, unpackUid } from '../packed-uid.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type {
  AskerNames,
  CountedStudy,
  DisclosedStudy,
  PatientKey,
  PatientWill,
  WillRegister,
  WillRegisters,
} from './disclosure-types.ts';
import { columnOf, willColumns, willRow } from './will-columns-table.ts';

/** Everything that a register keeps, of one patient or of everyone, ended rows too; newest first. */
export function willList<Name extends WillRegister>(
  statements: StatementCache,
  register: Name,
  patientId: string | null,
  limit: number,
): WillRegisters[Name][] {
  const rows =
    patientId === null
      ? statements.get(`${select(register)} ORDER BY id DESC LIMIT ?`).all(limit)
      : statements.get(`${select(register)} WHERE patient_id = ? ORDER BY id DESC LIMIT ?`).all(patientId, limit);
  return rows.map((row) => willRow(register, row));
}

/** What the registers say of each patient, in the order of the ids (in capitals). */
export function patientWills(
  statements: StatementCache,
  patientIds: readonly string[],
  asker: AskerNames,
): PatientWill[] {
  const rows = <Name extends WillRegister>(register: Name, where: string, ...values: string[]): WillRegisters[Name][] =>
    statements
      .get(`${select(register)} WHERE ${where}`)
      .all(...values)
      .map((row) => willRow(register, row));
  const ofRegister = asker.producers.flatMap((producer) =>
    rows('authorisation', "patient_id = '' AND producer = ?", producer),
  );
  return patientIds.map((patientId) => ({
    consents: rows('consent', 'patient_id = ?', patientId),
    denials: rows('denial', 'patient_id = ?', patientId),
    informings: rows('informing', 'patient_id = ?', patientId),
    authorisations: [
      ...ofRegister,
      ...(patientId === ''
        ? []
        : asker.producers.flatMap((producer) =>
            rows('authorisation', 'patient_id = ? AND producer = ?', patientId, producer),
          )),
    ],
    relations: asker.controllers.flatMap((controller) =>
      rows('relation', 'patient_id = ? AND controller = ?', patientId, controller),
    ),
  }));
}

// What the document feed says of a study counts before what is known of its sender.
const COLUMNS = `t.study_instance_uid, p.patient_id, p.issuer, p.birth_date, t.study_date, b.organisation,
  l.controller_oid, l.register_code, l.register_specifier, l.service_event_oid,
  o.controller_oid, o.register_code, o.register_specifier, o.kind,
  (SELECT k.kind FROM organisation k WHERE k.controller_oid = l.controller_oid LIMIT 1)`;
const FROM = `FROM study t JOIN patient p ON p.id = t.patient_fk JOIN bucket b ON b.id = t.bucket_id
  LEFT JOIN study_link l ON l.study_instance_uid = t.study_instance_uid LEFT JOIN organisation o ON o.key = b.organisation`;

/** Of the studies that are here. */
export function disclosedStudies(statements: StatementCache, studyUids: readonly string[]): DisclosedStudy[] {
  const find = statements.get(`SELECT ${COLUMNS} ${FROM} WHERE t.study_instance_uid = ?`);
  return studyUids.flatMap((uid) => {
    const packed = packUid(uid);
    const row = packed === undefined ? undefined : find.get(packed);
    return row === undefined ? [] : [disclosedStudy(row)];
  });
}

/** All studies of each patient, in the order of the patients, with what they hold: of what rejection notes hide only with `rejectedToo`. */
export function disclosedStudiesOf(
  statements: StatementCache,
  patients: readonly PatientKey[],
  rejectedToo: boolean,
): CountedStudy[][] {
  const counts = rejectedToo
    ? 't.num_series, t.num_instances'
    : `${VISIBLE_COLUMNS['NumberOfStudyRelatedSeries']}, ${VISIBLE_COLUMNS['NumberOfStudyRelatedInstances']}`;
  const find = statements.get(`SELECT ${COLUMNS}, ${counts} ${FROM} WHERE p.patient_id = ? AND p.issuer = ?`);
  return patients.map(({ patientId, issuer }) =>
    find
      .all(patientId, issuer)
      .map((row) => ({ ...disclosedStudy(row), series: Number(row[15]), instances: Number(row[16]) }))
      .filter(({ instances }) => instances > 0),
  );
}

function disclosedStudy(row: readonly Cell[]): DisclosedStudy {
  const text = (at: number): string => (row[at] === null ? '' : String(row[at]));
  const linked = text(6) !== '';
  const kind = linked ? text(14) : text(13);
  return {
    studyInstanceUid: unpackUid(row[0] as Buffer),
    patientId: text(1),
    issuer: text(2),
    birthDate: text(3),
    studyDate: text(4),
    organisation: text(5) === '' ? null : text(5),
    controller: linked ? text(6) : text(10),
    registerCode: linked ? text(7) : text(11),
    specifier: linked ? text(8) : text(12),
    serviceEvent: text(9),
    kind: kind === 'public' || kind === 'private' ? kind : 'unknown',
  };
}

function select(register: WillRegister): string {
  return `SELECT ${willColumns(register)
    .map(([field]) => columnOf(field))
    .join(', ')} FROM ${register}`;
}

/** The AE that sent each of these instances, of those that are here. */
export function instanceSenders(
  statements: StatementCache,
  sopUids: readonly string[],
): { readonly sopInstanceUid: string; readonly aet: string }[] {
  const find = statements.get(
    'SELECT n.aet FROM instance i JOIN sender n ON n.id = i.sender_id WHERE i.sop_instance_uid = ?',
  );
  return sopUids.flatMap((sopInstanceUid) => {
    const packed = packUid(sopInstanceUid);
    const row = packed === undefined ? undefined : find.get(packed);
    return row === undefined ? [] : [{ sopInstanceUid, aet: String(row[0]) }];
  });
}
