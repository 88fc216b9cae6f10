import type { HeaderItem, InstanceHeader } from '../dicom/header-reader.ts';
import { canonicalDate, canonicalTime, dateTimeUtcMs, instantMs, offsetMinutes } from './date-time.ts';
import { firstValueOf, integerOf, itemsOf, textOf, valuesOf } from './header-item.ts';
import { packUid } from './packed-uid.ts';
import { joinedNameKey, personNameKey } from './person-name-key.ts';
import { STUDY_MARK } from './study-marks.ts';

export type ColumnValue = string | number | Buffer | null;
export type Columns = Record<string, ColumnValue>;

export interface CodeValue {
  readonly value: string;
  readonly scheme: string;
  readonly version: string;
  readonly meaning: string;
}

export interface IssuerValue {
  readonly localId: string;
  readonly universalId: string;
  readonly universalType: string;
}

/** The header of one object as the rows it contributes to: columns by name, references to small tables apart. */
export interface InstanceProjection {
  readonly patient: {
    readonly patientId: string;
    readonly issuer: string;
    readonly issuerQualifier: IssuerValue | undefined;
    readonly charset: string;
    readonly columns: Columns;
    readonly attributes: Readonly<Record<string, string>>;
    readonly otherIds: readonly { readonly id: string; readonly issuer: string; readonly type: string }[];
    /** Somebody has said that it is this patient: describes a new row, and changes nothing of one that objects have described. */
    readonly isSaid?: true;
  };
  readonly study: {
    readonly uid: Buffer;
    readonly charset: string;
    readonly columns: Columns;
    readonly attributes: Readonly<Record<string, string>>;
    readonly accessionIssuer: IssuerValue | undefined;
    readonly admissionIssuer: IssuerValue | undefined;
    readonly procedureCodes: readonly CodeValue[];
    readonly flags: number;
  };
  readonly series: {
    readonly uid: Buffer;
    readonly modality: string;
    readonly columns: Columns;
    readonly attributes: Readonly<Record<string, string>>;
    readonly equipment: readonly [
      institution: string,
      department: string,
      station: string,
      manufacturer: string,
      model: string,
    ];
    readonly performers: readonly string[];
    readonly requests: readonly Columns[];
  };
  readonly instance: { readonly columns: Columns; readonly concept: CodeValue | undefined };
}

const MAX_LO = 64;
const MAX_CHARSET = 128;
const MAX_JOINED_ROWS = 64;
const PATIENT_ATTRIBUTES = ['PatientBirthTime', 'OtherPatientNames', 'EthnicGroup', 'PatientComments'];
const STUDY_ATTRIBUTES = [
  'NameOfPhysiciansReadingStudy',
  'AdmittingDiagnosesDescription',
  'PatientAge',
  'PatientSize',
  'PatientWeight',
  'Occupation',
  'AdditionalPatientHistory',
  'ServiceEpisodeID',
  'ServiceEpisodeDescription',
];
const SERIES_ATTRIBUTES = ['PerformedProcedureStepDescription', 'PatientPosition', 'ViewPosition'];

/** What the index keeps of a header. Undefined when study or series UID are none: the object could not be found again. */
export function projectInstance(header: InstanceHeader): InstanceProjection | undefined {
  const item = header.attributes;
  const charset = header.charset.slice(0, MAX_CHARSET);
  const studyUid = packUid(textOf(item, 'StudyInstanceUID'));
  const seriesUid = packUid(textOf(item, 'SeriesInstanceUID'));
  if (studyUid === undefined || seriesUid === undefined) return undefined;
  return {
    patient: projectPatient(item, charset),
    study: projectStudy(item, studyUid, charset),
    series: projectSeries(item, seriesUid),
    instance: {
      columns: {
        instance_number: integerOf(item, 'InstanceNumber'),
        content_date: dateOf(item, 'ContentDate'),
        content_time: timeOf(item, 'ContentTime'),
        acquisition_datetime: firstValueOf(item, 'AcquisitionDateTime'),
        acquisition_instant:
          dateTimeUtcMs(
            firstValueOf(item, 'AcquisitionDateTime'),
            offsetMinutes(textOf(item, 'TimezoneOffsetFromUTC')),
          ) ?? null,
        number_of_frames: integerOf(item, 'NumberOfFrames'),
        rows: integerOf(item, 'Rows'),
        columns: integerOf(item, 'Columns'),
      },
      concept: codesOf(item, 'ConceptNameCodeSequence')[0],
    },
  };
}

function projectPatient(item: HeaderItem, charset: string): InstanceProjection['patient'] {
  const name = firstValueOf(item, 'PatientName');
  const key = personNameKey(name);
  const issuerQualifier = universalIssuerOf(itemsOf(item, 'IssuerOfPatientIDQualifiersSequence')[0]);
  return {
    patientId: textOf(item, 'PatientID'),
    // Some senders name the issuer only by its OID in the qualifiers (PS3.3 10.16).
    issuer: textOf(item, 'IssuerOfPatientID') || (issuerQualifier?.universalId ?? ''),
    issuerQualifier,
    charset,
    columns: {
      name,
      name_key: key.alphabetic,
      name_ideographic_key: key.ideographic,
      name_phonetic_key: key.phonetic,
      birth_date: dateOf(item, 'PatientBirthDate'),
      sex: firstValueOf(item, 'PatientSex'),
    },
    attributes: attributesOf(item, PATIENT_ATTRIBUTES),
    otherIds: itemsOf(item, 'OtherPatientIDsSequence')
      .slice(0, MAX_JOINED_ROWS)
      .map((other) => ({
        id: textOf(other, 'PatientID'),
        issuer: textOf(other, 'IssuerOfPatientID'),
        type: textOf(other, 'TypeOfPatientID'),
      }))
      .filter((other) => other.id !== ''),
  };
}

function projectStudy(item: HeaderItem, uid: Buffer, charset: string): InstanceProjection['study'] {
  const date = dateOf(item, 'StudyDate');
  const time = timeOf(item, 'StudyTime');
  const referringPhysician = firstValueOf(item, 'ReferringPhysicianName');
  return {
    uid,
    charset,
    columns: {
      study_date: date,
      study_time: time,
      study_instant: instantMs(date, time),
      timezone_offset: offsetMinutes(textOf(item, 'TimezoneOffsetFromUTC')),
      accession_number: firstValueOf(item, 'AccessionNumber'),
      study_id: firstValueOf(item, 'StudyID'),
      study_description: textOf(item, 'StudyDescription'),
      referring_physician: referringPhysician,
      referring_physician_key: joinedNameKey(referringPhysician),
      institution_name: textOf(item, 'InstitutionName'),
      admission_id: textOf(item, 'AdmissionID'),
    },
    attributes: attributesOf(item, STUDY_ATTRIBUTES),
    accessionIssuer: localIssuerOf(itemsOf(item, 'IssuerOfAccessionNumberSequence')[0]),
    admissionIssuer: localIssuerOf(itemsOf(item, 'IssuerOfAdmissionIDSequence')[0]),
    procedureCodes: codesOf(item, 'ProcedureCodeSequence'),
    flags: patientIdMarks(textOf(item, 'PatientID')),
  };
}

function projectSeries(item: HeaderItem, uid: Buffer): InstanceProjection['series'] {
  const performers = valuesOf(item, 'PerformingPhysicianName').slice(0, MAX_JOINED_ROWS);
  return {
    uid,
    modality: firstValueOf(item, 'Modality'),
    columns: {
      series_number: integerOf(item, 'SeriesNumber'),
      series_description: textOf(item, 'SeriesDescription'),
      body_part_examined: firstValueOf(item, 'BodyPartExamined'),
      laterality: firstValueOf(item, 'Laterality'),
      protocol_name: textOf(item, 'ProtocolName'),
      series_date: dateOf(item, 'SeriesDate'),
      series_time: timeOf(item, 'SeriesTime'),
      step_start_date: dateOf(item, 'PerformedProcedureStepStartDate'),
      step_start_time: timeOf(item, 'PerformedProcedureStepStartTime'),
      step_id: firstValueOf(item, 'PerformedProcedureStepID'),
      performing_physician: performers.join('\\'),
      operators_name: textOf(item, 'OperatorsName'),
    },
    attributes: attributesOf(item, SERIES_ATTRIBUTES),
    equipment: [
      textOf(item, 'InstitutionName'),
      textOf(item, 'InstitutionalDepartmentName'),
      textOf(item, 'StationName'),
      textOf(item, 'Manufacturer'),
      textOf(item, 'ManufacturerModelName'),
    ],
    performers,
    requests: itemsOf(item, 'RequestAttributesSequence').slice(0, MAX_JOINED_ROWS).map(requestColumns),
  };
}

function requestColumns(request: HeaderItem): Columns {
  return {
    requested_procedure_id: textOf(request, 'RequestedProcedureID'),
    scheduled_procedure_step_id: textOf(request, 'ScheduledProcedureStepID'),
    accession_number: textOf(request, 'AccessionNumber'),
    study_instance_uid: packUid(textOf(request, 'StudyInstanceUID')) ?? Buffer.alloc(0),
    requested_procedure_description: textOf(request, 'RequestedProcedureDescription'),
    scheduled_procedure_step_description: textOf(request, 'ScheduledProcedureStepDescription'),
  };
}

/** PS3.3 table 8.8-1: exactly one of the three carries the code, by its length and kind. */
function codesOf(item: HeaderItem, keyword: string): CodeValue[] {
  return itemsOf(item, keyword)
    .slice(0, MAX_JOINED_ROWS)
    .map((code) => ({
      value: textOf(code, 'CodeValue') || textOf(code, 'LongCodeValue') || textOf(code, 'URNCodeValue'),
      scheme: textOf(code, 'CodingSchemeDesignator'),
      version: textOf(code, 'CodingSchemeVersion'),
      meaning: textOf(code, 'CodeMeaning'),
    }))
    .filter((code) => code.value !== '');
}

function localIssuerOf(item: HeaderItem | undefined): IssuerValue | undefined {
  const issuer = {
    localId: textOf(item, 'LocalNamespaceEntityID'),
    universalId: textOf(item, 'UniversalEntityID'),
    universalType: textOf(item, 'UniversalEntityIDType'),
  };
  return issuer.localId === '' && issuer.universalId === '' ? undefined : issuer;
}

function universalIssuerOf(item: HeaderItem | undefined): IssuerValue | undefined {
  const issuer = localIssuerOf(item);
  return issuer === undefined || issuer.universalId === '' ? undefined : { ...issuer, localId: '' };
}

function patientIdMarks(patientId: string): number {
  if (patientId === '') return STUDY_MARK.PATIENT_ID_MISSING;
  return patientId.length > MAX_LO || /[\u0000-\u001f\u007f\\]/.test(patientId) ? STUDY_MARK.PATIENT_ID_ODD : 0;
}

function dateOf(item: HeaderItem, keyword: string): string {
  return canonicalDate(firstValueOf(item, keyword));
}

function timeOf(item: HeaderItem, keyword: string): string {
  return canonicalTime(firstValueOf(item, keyword));
}

function attributesOf(item: HeaderItem, keywords: readonly string[]): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const keyword of keywords) {
    const value = textOf(item, keyword);
    if (value !== '') attributes[keyword] = value;
  }
  return attributes;
}
