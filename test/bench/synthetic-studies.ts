import { createHash } from 'node:crypto';
import type { HeaderItem } from '../../src/dicom/header-reader.ts';
import type { NewInstance } from '../../src/index/index-types.ts';

const FAMILIES = [
  'Virtanen',
  'Korhonen',
  'Mäkinen',
  'Nieminen',
  'Hämäläinen',
  'Åström',
  'Öberg',
  'Lindqvist',
  'Žukauskas',
  'Näkkäläjärvi',
];
const GIVEN = ['Anna Maria', 'Åke Johannes', 'Matti', 'Aino', 'Niillas', 'Sofia Helena', 'Juhani', 'Märta'];
const DISTRICTS = ['HUS', 'Varha', 'Pirha', 'Pohde', 'Lapha'];
const EXAMINATIONS = [
  ['CT', 'AA1AD', 'Pään TT', '1.2.840.10008.5.1.4.1.1.2'],
  ['DX', 'GD1AA', 'Thorax', '1.2.840.10008.5.1.4.1.1.1.1'],
  ['MR', 'NG1BG', 'Polven MK', '1.2.840.10008.5.1.4.1.1.4'],
  ['ECG', 'FPA10', 'EKG, 12-kytkentäinen', '1.2.840.10008.5.1.4.1.1.9.1.1'],
] as const;
const SR = '1.2.840.10008.5.1.4.1.1.88.67';
const STUDIES_A_PATIENT = 2.5;
const FIRST_DAY = Date.UTC(2016, 0, 1);
const DAYS = 3900;

export function studyUid(study: number): string {
  return `1.2.246.10.1234567.14.${100_000 + (study % 89_000)}.${digits(`study ${study}`, 12)}.${study}`;
}

export function accessionNumber(study: number): string {
  return `A${String(study).padStart(9, '0')}`;
}

export function patientId(study: number): string {
  const patient = Math.floor(study / STUDIES_A_PATIENT);
  return `${String(patient % 1_000_000).padStart(6, '0')}-${String(Math.floor(patient / 1_000_000) + 900)}${'0123456789ABCDEFHJKLMNPRSTUVWXY'[patient % 31]}`;
}

/** One examination: four images in one series and a dose report in another, described as fully as a RIS-driven modality does. */
export function instancesOfStudy(study: number): NewInstance[] {
  const [modality, code, description, sopClassUid] = EXAMINATIONS[study % EXAMINATIONS.length] ?? EXAMINATIONS[0];
  const patient = Math.floor(study / STUDIES_A_PATIENT);
  const when = new Date(FIRST_DAY + ((study * 7919) % DAYS) * 86_400_000 + ((study * 104_729) % 86_400) * 1000);
  const [date, time] = [
    when.toISOString().slice(0, 10).replaceAll('-', ''),
    when.toISOString().slice(11, 19).replaceAll(':', ''),
  ];
  const district = DISTRICTS[study % DISTRICTS.length] ?? 'HUS';
  const uid = studyUid(study);
  const common: HeaderItem = {
    PatientID: patientId(study),
    IssuerOfPatientID: '1.2.246.21',
    PatientName: `${FAMILIES[patient % FAMILIES.length]}^${GIVEN[patient % GIVEN.length]} ${patient % 997}`,
    PatientBirthDate: `19${String(patient % 100).padStart(2, '0')}0${(patient % 9) + 1}15`,
    PatientSex: patient % 2 === 0 ? 'F' : 'M',
    StudyInstanceUID: uid,
    StudyDate: date,
    StudyTime: `${time}.123000`,
    AccessionNumber: accessionNumber(study),
    StudyID: String(study % 100_000),
    StudyDescription: `${code} ${description}`,
    ReferringPhysicianName: `Lääkäri^Nro ${study % 5000}`,
    InstitutionName: `${district} sairaala ${study % 12}`,
    TimezoneOffsetFromUTC: '+0200',
    ProcedureCodeSequence: [{ CodeValue: code, CodingSchemeDesignator: '1.2.246.537.6.4', CodeMeaning: description }],
    ContentDate: date,
    Manufacturer: 'Maker',
    ManufacturerModelName: `Model ${study % 20}`,
    StationName: `ST${study % 200}`,
    SeriesDate: date,
    SeriesTime: time,
    PerformedProcedureStepStartDate: date,
    PerformedProcedureStepStartTime: time,
    PerformedProcedureStepID: `P${study}`,
    PerformingPhysicianName: study % 3 === 0 ? `Hoitaja^Nro ${study % 3000}` : '',
    RequestAttributesSequence: [{ RequestedProcedureID: `R${study}`, ScheduledProcedureStepID: `S${study}` }],
  };
  return [0, 1, 2, 3, 4].map((at) => {
    const report = at === 4;
    const sop = `${uid}.${report ? 2 : 1}.${at + 1}`;
    return {
      sopInstanceUid: sop.length <= 64 ? sop : `2.25.${digits(sop, 38)}`,
      sopClassUid: report ? SR : sopClassUid,
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      sha256: createHash('sha256').update(sop).digest('hex'),
      size: 530_000 + at,
      receivedAt: when.getTime() + 60_000 + at,
      callingAET: `AE${study % 200}`,
      organisation: district,
      header: {
        charset: 'ISO_IR 100',
        truncated: false,
        attributes: {
          ...common,
          SeriesInstanceUID: `${uid}.${report ? 2 : 1}`,
          Modality: report ? 'SR' : modality,
          SeriesNumber: report ? '999' : '1',
          SeriesDescription: report ? 'Dose report' : 'Axial 5 mm',
          BodyPartExamined: report ? '' : 'HEAD',
          ProtocolName: report ? '' : 'Pää natiivi',
          InstanceNumber: String(at + 1),
          ContentTime: `${time}.${at}00000`,
          ...(report
            ? {
                ConceptNameCodeSequence: [
                  { CodeValue: '113701', CodingSchemeDesignator: 'DCM', CodeMeaning: 'X-Ray Radiation Dose Report' },
                ],
              }
            : { Rows: '512', Columns: '512' }),
        },
      },
    };
  });
}

function digits(seed: string, length: number): string {
  return BigInt(`0x1${createHash('sha256').update(seed).digest('hex').slice(0, 40)}`)
    .toString()
    .slice(0, length);
}
