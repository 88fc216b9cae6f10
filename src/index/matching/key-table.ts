import { tagOf, vrOf } from '../../dicom/dictionary.ts';
import type { VR } from '../../dicom/vr-table.ts';
import { LEVELS } from './find-query.ts';
import type { QueryLevel } from './find-query.ts';

/**
 * Where a key is matched. Aliases: p patient, t study, s series, i instance, e equipment of the series, c SOP class.
 * `indexed`: a single value or a beginning is found through an index.
 */
export type KeyColumn =
  | { readonly kind: 'text' | 'integer' | 'uid'; readonly sql: string; readonly indexed: boolean }
  | { readonly kind: 'date' | 'time'; readonly sql: string; readonly indexed: boolean }
  | { readonly kind: 'date-time'; readonly sql: string; readonly instant: string; readonly indexed: false }
  | { readonly kind: 'person'; readonly groups: readonly string[]; readonly indexed: boolean }
  /** One column with the groups of a name joined by '='. */
  | { readonly kind: 'joined-person'; readonly sql: string; readonly indexed: boolean }
  /** The key matches when one of several rows does; `$` in `exists` stands for the condition on `column`. */
  | { readonly kind: 'any-of'; readonly exists: string; readonly column: KeyColumn; readonly indexed: boolean }
  /** Sequence matching (PS3.4 C.2.2.2.6): one row has to match all keys of the item. */
  | {
      readonly kind: 'sequence';
      readonly exists: string;
      readonly items: ReadonlyMap<number, KeyColumn>;
      readonly indexed: boolean;
    };

export interface MatchKey {
  readonly tag: number;
  readonly vr: VR;
  readonly level: QueryLevel;
  readonly column: KeyColumn;
}

const text = (sql: string, indexed = false): KeyColumn => ({ kind: 'text', sql, indexed });
const date = (sql: string, indexed = false): KeyColumn => ({ kind: 'date', sql, indexed });
const time = (sql: string): KeyColumn => ({ kind: 'time', sql, indexed: false });
const integer = (sql: string): KeyColumn => ({ kind: 'integer', sql, indexed: false });
const uid = (sql: string, indexed = false): KeyColumn => ({ kind: 'uid', sql, indexed });
const anyOf = (exists: string, column: KeyColumn, indexed = false): KeyColumn => ({
  kind: 'any-of',
  exists,
  column,
  indexed,
});

function sequence(exists: string, items: Readonly<Record<string, KeyColumn>>): KeyColumn {
  return {
    kind: 'sequence',
    exists,
    items: new Map(Object.entries(items).map(([keyword, column]) => [requiredTag(keyword), column])),
    indexed: false,
  };
}

function issuerSequence(column: string): KeyColumn {
  return sequence(`EXISTS (SELECT 1 FROM issuer n WHERE n.id = ${column} AND $)`, {
    LocalNamespaceEntityID: text('n.local_id'),
    UniversalEntityID: text('n.universal_id'),
    UniversalEntityIDType: text('n.universal_type'),
  });
}

const CODE_ITEM = {
  CodeValue: text('k.value'),
  CodingSchemeDesignator: text('k.scheme'),
  CodingSchemeVersion: text('k.version'),
  CodeMeaning: text('k.meaning'),
};

const KEYS: Readonly<Record<QueryLevel, Readonly<Record<string, KeyColumn>>>> = {
  PATIENT: {
    PatientName: {
      kind: 'person',
      groups: ['p.name_key', 'p.name_ideographic_key', 'p.name_phonetic_key'],
      indexed: true,
    },
    PatientID: text('p.patient_id', true),
    IssuerOfPatientID: text('p.issuer'),
    PatientBirthDate: date('p.birth_date'),
    PatientSex: text('p.sex'),
    IssuerOfPatientIDQualifiersSequence: issuerSequence('p.issuer_qualifier_id'),
    OtherPatientIDsSequence: sequence('EXISTS (SELECT 1 FROM patient_other_id o WHERE o.patient_fk = p.id AND $)', {
      PatientID: text('o.other_id'),
      IssuerOfPatientID: text('o.issuer'),
      TypeOfPatientID: text('o.type'),
    }),
  },
  STUDY: {
    StudyInstanceUID: uid('t.study_instance_uid', true),
    StudyDate: date('t.study_date', true),
    StudyTime: time('t.study_time'),
    AccessionNumber: text('t.accession_number', true),
    StudyID: text('t.study_id'),
    StudyDescription: text('t.study_description'),
    ReferringPhysicianName: { kind: 'joined-person', sql: 't.referring_physician_key', indexed: false },
    InstitutionName: text('t.institution_name'),
    AdmissionID: text('t.admission_id'),
    ModalitiesInStudy: anyOf(
      'EXISTS (SELECT 1 FROM study_modality m WHERE m.study_fk = t.id AND $)',
      text('m.modality'),
    ),
    SOPClassesInStudy: anyOf(
      'EXISTS (SELECT 1 FROM study_sop_class x JOIN sop_class y ON y.id = x.sop_class_id WHERE x.study_fk = t.id AND $)',
      text('y.uid'),
    ),
    IssuerOfAccessionNumberSequence: issuerSequence('t.accession_issuer_id'),
    IssuerOfAdmissionIDSequence: issuerSequence('t.admission_issuer_id'),
    ProcedureCodeSequence: sequence(
      'EXISTS (SELECT 1 FROM study_procedure_code q JOIN code k ON k.id = q.code_id WHERE q.study_fk = t.id AND $)',
      CODE_ITEM,
    ),
  },
  SERIES: {
    SeriesInstanceUID: uid('s.series_instance_uid', true),
    Modality: text('s.modality'),
    SeriesNumber: integer('s.series_number'),
    SeriesDescription: text('s.series_description'),
    BodyPartExamined: text('s.body_part_examined'),
    Laterality: text('s.laterality'),
    ProtocolName: text('s.protocol_name'),
    SeriesDate: date('s.series_date'),
    SeriesTime: time('s.series_time'),
    PerformedProcedureStepStartDate: date('s.step_start_date'),
    PerformedProcedureStepStartTime: time('s.step_start_time'),
    PerformedProcedureStepID: text('s.step_id'),
    PerformingPhysicianName: anyOf('EXISTS (SELECT 1 FROM series_performer f WHERE f.series_fk = s.id AND $)', {
      kind: 'joined-person',
      sql: 'f.name_key',
      indexed: false,
    }),
    InstitutionName: text('e.institution_name'),
    InstitutionalDepartmentName: text('e.department_name'),
    StationName: text('e.station_name'),
    Manufacturer: text('e.manufacturer'),
    ManufacturerModelName: text('e.model_name'),
    RequestAttributesSequence: sequence('EXISTS (SELECT 1 FROM series_request r WHERE r.series_fk = s.id AND $)', {
      RequestedProcedureID: text('r.requested_procedure_id'),
      ScheduledProcedureStepID: text('r.scheduled_procedure_step_id'),
      AccessionNumber: text('r.accession_number'),
      StudyInstanceUID: uid('r.study_instance_uid'),
      RequestedProcedureDescription: text('r.requested_procedure_description'),
      ScheduledProcedureStepDescription: text('r.scheduled_procedure_step_description'),
    }),
  },
  IMAGE: {
    SOPInstanceUID: uid('i.sop_instance_uid', true),
    SOPClassUID: text('c.uid'),
    InstanceNumber: integer('i.instance_number'),
    ContentDate: date('i.content_date'),
    ContentTime: time('i.content_time'),
    AcquisitionDateTime: {
      kind: 'date-time',
      sql: 'i.acquisition_datetime',
      instant: 'i.acquisition_instant',
      indexed: false,
    },
    NumberOfFrames: integer('i.number_of_frames'),
    ConceptNameCodeSequence: sequence('EXISTS (SELECT 1 FROM code k WHERE k.id = i.concept_code_id AND $)', CODE_ITEM),
  },
};

/** The unique key of each level (PS3.4 C.6.1.1, C.6.2.1). */
export const UNIQUE_KEYS: Readonly<Record<QueryLevel, string>> = {
  PATIENT: 'PatientID',
  STUDY: 'StudyInstanceUID',
  SERIES: 'SeriesInstanceUID',
  IMAGE: 'SOPInstanceUID',
};

const BY_TAG: ReadonlyMap<QueryLevel, ReadonlyMap<number, MatchKey>> = new Map(
  LEVELS.map((level) => [
    level,
    new Map(Object.entries(KEYS[level]).map(([keyword, column]) => matchKey(keyword, level, column))),
  ]),
);

/** How `tag` is matched in a query at `level`: the nearest level at or above it that has the key. */
export function matchKeyOf(tag: number, level: QueryLevel): MatchKey | undefined {
  for (let at = LEVELS.indexOf(level); at >= 0; at -= 1) {
    const found = BY_TAG.get(LEVELS[at] ?? 'PATIENT')?.get(tag);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function requiredTag(keyword: string): number {
  const tag = tagOf(keyword);
  if (tag === undefined) throw new TypeError(`${keyword} is not in the dictionary`);
  return tag;
}

function matchKey(keyword: string, level: QueryLevel, column: KeyColumn): [number, MatchKey] {
  const tag = requiredTag(keyword);
  const vr = vrOf(tag);
  if (vr === undefined) throw new TypeError(`${keyword} has no VR`);
  return [tag, { tag, vr, level, column }];
}
