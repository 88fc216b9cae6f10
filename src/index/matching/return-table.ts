import type { QueryLevel } from './find-query.ts';
import { LEVELS } from './find-query.ts';
import { requiredTag } from './key-table.ts';
import { VISIBLE_COLUMNS } from './visibility.ts';

/** How a returned attribute is read: a column, a JSON attribute, or rows of another table as items. */
export type ReturnColumn =
  | { readonly kind: 'column'; readonly sql: string; readonly shape: 'text' | 'uid' | 'offset' }
  | { readonly kind: 'attribute'; readonly sql: string; readonly keyword: string }
  | { readonly kind: 'issuer'; readonly sql: string }
  /** `sql` selects the item's columns, in the order of `items`, for the id in `owner`. */
  | {
      readonly kind: 'items';
      readonly owner: string;
      readonly sql: string;
      readonly items: readonly (readonly [tag: number, shape: 'text' | 'uid'])[];
    }
  /** Known to the service, not to the index. */
  | { readonly kind: 'by-service' };

/** Stands among return keys for the patient's own row: no attribute, and nothing that a peer can ask for or is answered. */
export const PATIENT_ROW = -1;

const column = (sql: string): ReturnColumn => ({ kind: 'column', sql, shape: 'text' });
const uid = (sql: string): ReturnColumn => ({ kind: 'column', sql, shape: 'uid' });
const issuer = (sql: string): ReturnColumn => ({ kind: 'issuer', sql });
const attributes = (sql: string, keywords: readonly string[]): Record<string, ReturnColumn> =>
  Object.fromEntries(keywords.map((keyword) => [keyword, { kind: 'attribute', sql, keyword }]));
const items = (owner: string, sql: string, ...keywords: readonly string[]): ReturnColumn => ({
  kind: 'items',
  owner,
  sql,
  items: keywords.map((keyword) => [
    requiredTag(keyword),
    keyword.endsWith('UID') && keyword !== 'CodingSchemeUID' ? 'uid' : 'text',
  ]),
});
const CODE = ['CodeValue', 'CodingSchemeDesignator', 'CodingSchemeVersion', 'CodeMeaning'] as const;

const COLUMNS: Readonly<Record<QueryLevel, Readonly<Record<string, ReturnColumn>>>> = {
  PATIENT: {
    PatientName: column('p.name'),
    PatientID: column('p.patient_id'),
    IssuerOfPatientID: column('p.issuer'),
    PatientBirthDate: column('p.birth_date'),
    PatientSex: column('p.sex'),
    IssuerOfPatientIDQualifiersSequence: issuer('p.issuer_qualifier_id'),
    OtherPatientIDsSequence: items(
      'p.id',
      'SELECT other_id, issuer, type FROM patient_other_id WHERE patient_fk = ? ORDER BY other_id, issuer',
      'PatientID',
      'IssuerOfPatientID',
      'TypeOfPatientID',
    ),
    NumberOfPatientRelatedStudies: column('(SELECT count(*) FROM study z WHERE z.patient_fk = p.id)'),
    NumberOfPatientRelatedSeries: column(
      '(SELECT COALESCE(sum(z.num_series), 0) FROM study z WHERE z.patient_fk = p.id)',
    ),
    NumberOfPatientRelatedInstances: column(
      '(SELECT COALESCE(sum(z.num_instances), 0) FROM study z WHERE z.patient_fk = p.id)',
    ),
    ...attributes('p.attributes', ['PatientBirthTime', 'OtherPatientNames', 'EthnicGroup', 'PatientComments']),
    InstanceAvailability: { kind: 'by-service' },
    RetrieveAETitle: { kind: 'by-service' },
  },
  STUDY: {
    StudyInstanceUID: uid('t.study_instance_uid'),
    StudyDate: column('t.study_date'),
    StudyTime: column('t.study_time'),
    AccessionNumber: column('t.accession_number'),
    IssuerOfAccessionNumberSequence: issuer('t.accession_issuer_id'),
    StudyID: column('t.study_id'),
    StudyDescription: column('t.study_description'),
    ReferringPhysicianName: column('t.referring_physician'),
    InstitutionName: column('t.institution_name'),
    AdmissionID: column('t.admission_id'),
    IssuerOfAdmissionIDSequence: issuer('t.admission_issuer_id'),
    ModalitiesInStudy: column("(SELECT group_concat(m.modality, '\\') FROM study_modality m WHERE m.study_fk = t.id)"),
    SOPClassesInStudy: column(
      "(SELECT group_concat(y.uid, '\\') FROM study_sop_class x JOIN sop_class y ON y.id = x.sop_class_id WHERE x.study_fk = t.id)",
    ),
    ProcedureCodeSequence: items(
      't.id',
      `SELECT k.value, k.scheme, k.version, k.meaning FROM study_procedure_code q JOIN code k ON k.id = q.code_id WHERE q.study_fk = ?`,
      ...CODE,
    ),
    NumberOfStudyRelatedSeries: column('t.num_series'),
    NumberOfStudyRelatedInstances: column('t.num_instances'),
    TimezoneOffsetFromUTC: { kind: 'column', sql: 't.timezone_offset', shape: 'offset' },
    ...attributes('t.attributes', [
      'NameOfPhysiciansReadingStudy',
      'AdmittingDiagnosesDescription',
      'PatientAge',
      'PatientSize',
      'PatientWeight',
      'Occupation',
      'AdditionalPatientHistory',
      'ServiceEpisodeID',
      'ServiceEpisodeDescription',
    ]),
  },
  SERIES: {
    SeriesInstanceUID: uid('s.series_instance_uid'),
    Modality: column('s.modality'),
    SeriesNumber: column('s.series_number'),
    SeriesDescription: column('s.series_description'),
    BodyPartExamined: column('s.body_part_examined'),
    Laterality: column('s.laterality'),
    ProtocolName: column('s.protocol_name'),
    SeriesDate: column('s.series_date'),
    SeriesTime: column('s.series_time'),
    PerformedProcedureStepStartDate: column('s.step_start_date'),
    PerformedProcedureStepStartTime: column('s.step_start_time'),
    PerformingPhysicianName: column('s.performing_physician'),
    InstitutionName: column('e.institution_name'),
    InstitutionalDepartmentName: column('e.department_name'),
    StationName: column('e.station_name'),
    Manufacturer: column('e.manufacturer'),
    ManufacturerModelName: column('e.model_name'),
    NumberOfSeriesRelatedInstances: column('s.num_instances'),
    RequestAttributesSequence: items(
      's.id',
      `SELECT requested_procedure_id, scheduled_procedure_step_id, accession_number, study_instance_uid, requested_procedure_description,
       scheduled_procedure_step_description FROM series_request WHERE series_fk = ? ORDER BY ordinal`,
      'RequestedProcedureID',
      'ScheduledProcedureStepID',
      'AccessionNumber',
      'StudyInstanceUID',
      'RequestedProcedureDescription',
      'ScheduledProcedureStepDescription',
    ),
    PerformedProcedureStepID: column('s.step_id'),
    OperatorsName: column('s.operators_name'),
    ...attributes('s.attributes', ['PerformedProcedureStepDescription', 'PatientPosition', 'ViewPosition']),
  },
  IMAGE: {
    SOPInstanceUID: uid('i.sop_instance_uid'),
    SOPClassUID: column('c.uid'),
    InstanceNumber: column('i.instance_number'),
    ContentDate: column('i.content_date'),
    ContentTime: column('i.content_time'),
    AcquisitionDateTime: column('i.acquisition_datetime'),
    NumberOfFrames: column('i.number_of_frames'),
    Rows: column('i."rows"'),
    Columns: column('i."columns"'),
    AvailableTransferSyntaxUID: column('x.uid'),
    ConceptNameCodeSequence: items(
      'i.concept_code_id',
      'SELECT value, scheme, version, meaning FROM code WHERE id = ?',
      ...CODE,
    ),
  },
};

type TagTable = ReadonlyMap<QueryLevel, ReadonlyMap<number, ReturnColumn>>;

function byTag(visibleOnly: boolean): TagTable {
  const columnOf = (keyword: string, read: ReturnColumn): ReturnColumn => {
    const visible = visibleOnly ? VISIBLE_COLUMNS[keyword] : undefined;
    return visible === undefined ? read : column(visible);
  };
  return new Map(
    LEVELS.map((level) => [
      level,
      new Map(Object.entries(COLUMNS[level]).map(([keyword, read]) => [requiredTag(keyword), columnOf(keyword, read)])),
    ]),
  );
}

const ALL: TagTable = byTag(false);
const VISIBLE: TagTable = byTag(true);

/** How `tag` is returned in a query at `level`; undefined when the index does not keep it there. `rejectedToo`: as quality control sees it. */
export function returnColumnOf(tag: number, level: QueryLevel, rejectedToo = false): ReturnColumn | undefined {
  if (tag === PATIENT_ROW) return column('p.id');
  const table = rejectedToo ? ALL : VISIBLE;
  for (let at = LEVELS.indexOf(level); at >= 0; at -= 1) {
    const found = table.get(LEVELS[at] ?? 'PATIENT')?.get(tag);
    if (found !== undefined) return found;
  }
  return undefined;
}
