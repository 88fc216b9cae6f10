import { dataSetOf, sequence, text } from '../../src/dicom/data-set.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import { rejectionNote, testObject } from '../support/test-objects.ts';
import type { TestObject } from '../support/test-objects.ts';

/** A study of the soak, and what must become of it. */
export interface SoakStudy {
  readonly studyInstanceUid: string;
  /** key of the organisation whose modality sends it */
  readonly organisation: string;
  readonly objects: readonly TestObject[];
  /** What comes after the study was archived: an object that was forgotten, or that and a note that rejects it and another. */
  readonly late: readonly TestObject[];
  /** Code of the finding that must hold it; null: it must be archived. */
  readonly heldBy: string | null;
}

export const ORGANISATIONS = ['north', 'south', 'west'] as const;

// What is wrong with a study, by the code that the rules must find.
const FAULTS = ['PID_INVALID', 'CODE_UNKNOWN', 'ATTRIBUTE_MISSING', 'ISSUER_MISSING', 'ARCHIVE_A777'] as const;
type Fault = (typeof FAULTS)[number];

const SR = '1.2.840.10008.5.1.4.1.1.88.11';
export const CT_CODE = 'ZG1AD Fictitious chest, CT';
const ECG_CODE = 'ZZ9EA Fictitious resting ECG';
const EXERCISE_CODE = 'ZZ9EB Fictitious exercise ECG';

/** CT, ECG, CT with a structured report, exercise ECG as PDF, of three organisations; every eighth has a fault. */
export function soakStudies(count: number): SoakStudy[] {
  return Array.from({ length: count }, (_, n) => {
    const fault = n % 8 === 5 ? (FAULTS[Math.floor(n / 8) % FAULTS.length] ?? null) : null;
    const studyInstanceUid = `2.25.9${String(n).padStart(5, '0')}`;
    const objects = objectsOf(studyInstanceUid, n, fault);
    return {
      studyInstanceUid,
      organisation: ORGANISATIONS[n % ORGANISATIONS.length] ?? 'north',
      objects,
      late: fault === null ? lateObjects(studyInstanceUid, n, objects) : [],
      heldBy: fault,
    };
  });
}

/** IHE IOCM: rejected for quality reasons. */
const QUALITY_REASONS = '113001';

function lateObjects(study: string, n: number, objects: readonly TestObject[]): TestObject[] {
  const more = attributes(n, CT_CODE, null, 1);
  if (n % 12 !== 4 && n % 12 !== 10) return [];
  const forgotten = testObject({ study, sop: `${study}.1.9` }, more);
  // The archive has the one that the note names, and not the other yet.
  const note = rejectionNote(`${study}.9.1`, QUALITY_REASONS, [...objects.slice(0, 1), forgotten], more);
  return n % 12 === 4 ? [forgotten] : [forgotten, note];
}

function objectsOf(study: string, n: number, fault: Fault | null): TestObject[] {
  const make = (at: number, sopClass: string, modality: string, description: string, series = 1): TestObject =>
    testObject(
      { study, sop: `${study}.1.${at}`, series: `${study}.${series}`, sopClass, modality },
      attributes(n, description, fault, at),
    );
  switch (n % 4) {
    case 0:
      return [1, 2, 3].map((at) => make(at, UID.CTImageStorage, 'CT', CT_CODE));
    case 1:
      return [make(1, UID.TwelveLeadECGWaveformStorage, 'ECG', ECG_CODE)];
    case 2:
      return [make(1, UID.CTImageStorage, 'CT', CT_CODE), make(2, SR, 'SR', CT_CODE, 2)];
    default:
      return [make(1, UID.EncapsulatedPDFStorage, 'ECG', EXERCISE_CODE)];
  }
}

/** What the objects of one study of the soak have in common. */
export function attributes(n: number, description: string, fault: Fault | null, at: number) {
  const hetu = testHetu(n);
  return [
    text(TAG.PatientID, 'LO', fault === 'PID_INVALID' ? `${hetu.slice(0, 10)}?` : hetu, ''),
    text(TAG.IssuerOfPatientID, 'LO', fault === 'ISSUER_MISSING' ? '' : '1.2.246.21', ''),
    text(TAG.PatientName, 'PN', `Testi^${n}`, ''),
    text(TAG.PatientBirthDate, 'DA', '19810101', ''),
    text(TAG.PatientSex, 'CS', n % 2 === 0 ? 'F' : 'M', ''),
    text(TAG.AccessionNumber, 'SH', fault === 'ATTRIBUTE_MISSING' ? '' : `A${n}`, ''),
    text(TAG.StudyDescription, 'LO', fault === 'CODE_UNKNOWN' ? 'QQ9QQ no such code' : description, ''),
    text(TAG.TimezoneOffsetFromUTC, 'SH', '+0200', ''),
    text(TAG.InstitutionName, 'LO', 'Test hospital', ''),
    text(TAG.ImageComments, 'LT', 'x'.repeat(2000 * at), ''),
    sequence(TAG.ProcedureCodeSequence, [
      dataSetOf(
        text(TAG.CodeValue, 'SH', description.slice(0, 5), ''),
        text(TAG.CodingSchemeDesignator, 'SH', '99TEST', ''),
        text(TAG.CodeMeaning, 'LO', description.slice(6), ''),
      ),
    ]),
  ];
}

/** A personal identity code of the 900 series, which is given to nobody: odd numbers are men, even ones women. */
function testHetu(n: number): string {
  const serial = 900 + (Math.floor(n / 2) % 49) * 2 + (n % 2);
  const check = '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(`010181${serial}`) % 31];
  return `010181-${serial}${check}`;
}
