import { VISIBLE_COLUMNS } from '../matching/visibility.ts';
import { UNPEEKED } from '../unpeeked.ts';
import { packUid, unpackUid } from '../packed-uid.ts';
import { organisationByKey } from '../registers/register-reads.ts';
import { registeredId } from './registered-id.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type {
  AskerFacts,
  CountedStudy,
  DisclosedStudy,
  DisclosureFacts,
  PatientKey,
  PatientWill,
  WillRegister,
  WillRegisters,
} from './disclosure-types.ts';
import { columnOf, WILL_REGISTERS, willColumns, willOf, willRow } from './will-columns-table.ts';

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

/** Who asks: the organisations of these keys, and what any of them is authorised to read of a whole register. */
export function disclosureAsker(statements: StatementCache, keys: readonly string[]): AskerFacts {
  const organisations = keys.flatMap((key) => organisationByKey(statements, key) ?? []);
  const producers = new Set(organisations.flatMap(({ oid, controllerOid }) => [oid, controllerOid]));
  return {
    organisations,
    authorisations: [...producers].flatMap((producer) =>
      rowsOf(statements, 'authorisation', "patient_id = '' AND producer = ?", producer),
    ),
  };
}

// One statement for all registers: it is run for every patient of every search.
const WILL = WILL_REGISTERS.map(
  (register, at) =>
    `SELECT ${at}, json_array(${columnList(register)}) FROM ${register} WHERE patient_id = +@patient AND patient_id <> ''`,
).join(' UNION ALL ');

/** What the registers say of each patient (in capitals). */
export function patientWills(statements: StatementCache, patientIds: readonly string[]): [string, PatientWill][] {
  return patientIds.map((patientId) => [
    patientId,
    willOf(willRows(statements, patientId).map(([at, json]) => [at, JSON.parse(json) as Cell[]])),
  ]);
}

/** As the registers keep it: where in `WILL_REGISTERS`, and the row as JSON. */
export function willRows(statements: StatementCache, patientId: string): [number, string][] {
  return statements
    .get(WILL)
    .all({ patient: patientId })
    .map(([at, json]) => [Number(at), String(json)]);
}

function rowsOf<Name extends WillRegister>(
  statements: StatementCache,
  register: Name,
  where: string,
  value: string,
): WillRegisters[Name][] {
  return statements
    .get(`${select(register)} WHERE ${where}`)
    .all(value)
    .map((row) => willRow(register, row));
}

// What the document feed says of a study counts before what is known of its sender.
const COLUMNS = `t.study_instance_uid, p.patient_id, p.issuer, p.birth_date, t.study_date, b.organisation,
  l.controller_oid, l.register_code, l.register_specifier, l.service_event_oid,
  o.controller_oid, o.register_code, o.register_specifier, o.kind,
  (SELECT k.kind FROM organisation k WHERE k.controller_oid = l.controller_oid LIMIT 1)`;
const FROM = `FROM study t JOIN patient p ON p.id = t.patient_fk JOIN bucket b ON b.id = t.bucket_id
  LEFT JOIN study_link l ON l.study_instance_uid = t.study_instance_uid LEFT JOIN organisation o ON o.key = b.organisation`;

/** Of those of the studies that are here, with what the registers say of patients that are not `known` yet (in capitals). */
export function disclosureOfStudies(
  statements: StatementCache,
  studyUids: readonly string[],
  known: readonly string[] | 'all',
): DisclosureFacts {
  const studies = disclosedStudies(statements, studyUids);
  return { studies, wills: willsOf(statements, studies, known) };
}

const ONE_STUDY = `SELECT ${COLUMNS} ${FROM} WHERE t.study_instance_uid = ${UNPEEKED}`;

export function disclosedStudies(statements: StatementCache, studyUids: readonly string[]): DisclosedStudy[] {
  const find = statements.get(ONE_STUDY);
  return studyUids.flatMap((uid) => {
    const packed = packUid(uid);
    const row = packed === undefined ? undefined : find.get(packed);
    return row === undefined ? [] : [disclosedStudy(row)];
  });
}

/** All studies of each patient, in the order of the patients, with what they hold: of what rejection notes hide only with `rejectedToo`. */
export function disclosureOfPatients(
  statements: StatementCache,
  patients: readonly PatientKey[],
  rejectedToo: boolean,
  known: readonly string[] | 'all',
): { readonly studies: CountedStudy[][]; readonly wills: [string, PatientWill][] } {
  const counts = rejectedToo
    ? 't.num_series, t.num_instances'
    : `${VISIBLE_COLUMNS['NumberOfStudyRelatedSeries']}, ${VISIBLE_COLUMNS['NumberOfStudyRelatedInstances']}`;
  const find = statements.get(
    `SELECT ${COLUMNS}, ${counts}, t.patient_fk ${FROM} WHERE p.patient_id = ${UNPEEKED} AND p.issuer = ${UNPEEKED}`,
  );
  const studies = patients.map(({ patientId, issuer }) =>
    find
      .all(patientId, issuer)
      .map((row) => ({
        ...disclosedStudy(row),
        series: Number(row[15]),
        instances: Number(row[16]),
        patientRow: Number(row[17]),
      }))
      .filter(({ instances }) => instances > 0),
  );
  return { studies, wills: willsOf(statements, studies.flat(), known) };
}

function willsOf(
  statements: StatementCache,
  studies: readonly DisclosedStudy[],
  known: readonly string[] | 'all',
): [string, PatientWill][] {
  if (known === 'all') return [];
  const ids = new Set(studies.map(({ patientId }) => registeredId(patientId)));
  return patientWills(
    statements,
    [...ids].filter((id) => !known.includes(id)),
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
  return `SELECT ${columnList(register)} FROM ${register}`;
}

function columnList(register: WillRegister): string {
  return willColumns(register)
    .map(([field]) => columnOf(field))
    .join(', ');
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
