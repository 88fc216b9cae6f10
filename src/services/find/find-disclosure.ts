import { TAG } from '../../dicom/tags.ts';
import type { PatientKey, PermittedStudies } from '../../index/disclosure/disclosure-types.ts';
import { PATIENT_ROW } from '../../index/matching/return-table.ts';
import type { FactsTaker } from '../../index/disclosure/facts-codec.ts';
import type { FindQuery, FindRow } from '../../index/matching/find-query.ts';
import type { RequestGate } from '../../retrieve/disclosure-gate.ts';

/** Counts that tell of all studies of a patient: they are given of the permitted ones. */
const RELATED: readonly (readonly [tag: number, of: (permitted: PermittedStudies) => number])[] = [
  [TAG.NumberOfPatientRelatedStudies, ({ studyUids }) => studyUids.length],
  [TAG.NumberOfPatientRelatedSeries, ({ series }) => series],
  [TAG.NumberOfPatientRelatedInstances, ({ instances }) => instances],
];

/** What is kept of a patient beside who it is: of whichever object of the same organisation said it last, perhaps one of a withheld study. */
const OF_ANY_STUDY: readonly number[] = [
  TAG.PatientBirthTime,
  TAG.OtherPatientNames,
  TAG.OtherPatientIDsSequence,
  TAG.EthnicGroup,
  TAG.PatientComments,
];

/**
 * The query without the withheld ones of the studies that it names, so that what they hold costs no time and counts for no limit; undefined
 * when none is left, as when there had been none.
 */
export async function withoutWithheld(query: FindQuery, gate: RequestGate): Promise<FindQuery | undefined> {
  const named = query.keys.find(({ tag }) => tag === TAG.StudyInstanceUID);
  const below = query.level === 'SERIES' || query.level === 'IMAGE';
  if (gate.isOpen || !below || (named?.kind !== 'single' && named?.kind !== 'list')) return query;
  const uids = named.kind === 'single' ? [named.value] : named.values;
  const values = [...(await gate.permitted(uids))];
  if (values.length === 0) return undefined;
  if (values.length === uids.length) return query;
  return { ...query, keys: query.keys.map((key) => (key === named ? { tag: key.tag, kind: 'list', values } : key)) };
}

/** The query with what the gate has to be asked about, or told, among its return keys. */
export function disclosableQuery(query: FindQuery, gate: RequestGate): FindQuery {
  if (gate.isOpen && !gate.keepsLog) return query;
  const asked = [
    ...(query.level === 'PATIENT' ? [] : [TAG.StudyInstanceUID]),
    ...((gate.isOpen ? query.level === 'PATIENT' : needsPatient(query))
      ? [TAG.PatientID, TAG.IssuerOfPatientID, PATIENT_ROW]
      : []),
  ];
  return { ...query, returnKeys: [...new Set([...query.returnKeys, ...asked])] };
}

/** Takes what the search finds out of the studies that it gives; undefined where it gives none or nobody asks. */
export function learner(query: FindQuery, gate: RequestGate): FactsTaker | undefined {
  return !gate.keepsLog || query.level === 'PATIENT'
    ? undefined
    : { wills: !gate.isOpen, take: (facts) => gate.learn(facts) };
}

/**
 * The rows as their requester may see them: without those whose study, or every study of whose patient, is withheld. When this
 * resolves it is on record that they are shown. Of a patient each organisation has a row of its own: one of them is shown, and goes to
 * `patientsShown`.
 */
export async function discloseRows(
  rows: readonly FindRow[],
  query: FindQuery,
  gate: RequestGate,
  patientsShown: Set<string> = new Set(),
): Promise<FindRow[]> {
  if (gate.isOpen) return recordedRows(rows, query, gate);
  const mayBeShown = await permittedRows(rows, query, gate);
  const shown = query.level === 'PATIENT' ? notYetShown(mayBeShown, patientsShown) : mayBeShown;
  const patients = needsPatient(query) ? await permittedPatients(shown, query, gate) : undefined;
  await gate.reveal(
    query.level === 'PATIENT'
      ? [...(patients?.values() ?? [])].flatMap((patient) => patient?.studyUids ?? [])
      : shown.map((row) => textOf(row, TAG.StudyInstanceUID)),
  );
  const asked = askedOf(query, gate);
  return shown.map((row) => {
    const kept = asked(row);
    const permitted = patients?.get(rowKeyOf(row));
    for (const [tag, of] of RELATED) {
      if (tag in kept) kept[tag] = String(permitted === undefined ? 0 : of(permitted));
    }
    if (permitted?.isWhole !== true) for (const tag of OF_ANY_STUDY) if (tag in kept) kept[tag] = '';
    return kept;
  });
}

/** All of the rows; when this resolves it is on record that they are shown. Of a patient that is which studies there are. */
async function recordedRows(rows: readonly FindRow[], query: FindQuery, gate: RequestGate): Promise<FindRow[]> {
  if (!gate.keepsLog) return [...rows];
  if (query.level === 'PATIENT') {
    const patients = await permittedPatients(rows, query, gate);
    await gate.reveal([...patients.values()].flatMap((patient) => patient?.studyUids ?? []));
  } else {
    const uids = rows.map((row) => textOf(row, TAG.StudyInstanceUID));
    await gate.permitted(uids);
    await gate.reveal(uids);
  }
  return rows.map(askedOf(query, gate));
}

/** Takes out of a row what was read for the gate alone. */
function askedOf(query: FindQuery, gate: RequestGate): (row: FindRow) => FindRow {
  const added = disclosableQuery(query, gate).returnKeys.filter((tag) => !query.returnKeys.includes(tag));
  return (row) => {
    if (added.length === 0) return row;
    const kept = { ...row };
    for (const tag of added) delete kept[tag];
    return kept;
  };
}

/** Those of the rows that may be shown, without a word of it on record: to be counted. */
export async function permittedRows(
  rows: readonly FindRow[],
  query: FindQuery,
  gate: RequestGate,
): Promise<readonly FindRow[]> {
  if (query.level !== 'PATIENT') {
    const permitted = await gate.permitted(rows.map((row) => textOf(row, TAG.StudyInstanceUID)));
    return rows.filter((row) => permitted.has(textOf(row, TAG.StudyInstanceUID)));
  }
  const patients = await permittedPatients(rows, query, gate);
  return rows.filter((row) => patients.get(rowKeyOf(row)) !== undefined);
}

async function permittedPatients(
  rows: readonly FindRow[],
  { rejectedToo }: FindQuery,
  gate: RequestGate,
): Promise<Map<string, PermittedStudies | undefined>> {
  // Nobody can tell whose studies a row without an id would reveal.
  const patients = new Map<string, PatientKey>(
    rows.filter((row) => textOf(row, TAG.PatientID) !== '').map((row) => [rowKeyOf(row), patientOf(row)]),
  );
  const permitted = await gate.permittedOf([...patients.values()], rejectedToo);
  return new Map([...patients.keys()].map((key, at) => [key, permitted[at]]));
}

function needsPatient(query: FindQuery): boolean {
  const ofPatient = [...RELATED.map(([tag]) => tag), ...OF_ANY_STUDY];
  return query.level === 'PATIENT' || ofPatient.some((tag) => query.returnKeys.includes(tag));
}

function patientOf(row: FindRow): PatientKey {
  const key = { patientId: textOf(row, TAG.PatientID), issuer: textOf(row, TAG.IssuerOfPatientID) };
  const one = textOf(row, PATIENT_ROW);
  return one === '' ? key : { ...key, row: Number(one) };
}

function rowKeyOf(row: FindRow): string {
  return `${patientKeyOf(row)}\\${textOf(row, PATIENT_ROW)}`;
}

function notYetShown(rows: readonly FindRow[], patientsShown: Set<string>): FindRow[] {
  return rows.filter((row) => {
    const key = patientKeyOf(row);
    if (patientsShown.has(key)) return false;
    patientsShown.add(key);
    return true;
  });
}

/** Names the patient of a row that was asked for with what the gate has to know. */
function patientKeyOf(row: FindRow): string {
  return `${textOf(row, TAG.PatientID)}\\${textOf(row, TAG.IssuerOfPatientID)}`;
}

function textOf(row: FindRow, tag: number): string {
  const value = row[tag];
  return typeof value === 'string' ? value : '';
}
