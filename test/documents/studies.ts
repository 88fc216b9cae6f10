import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataSetOf, encodeDataSet, text, uid } from '../../src/dicom/data-set.ts';
import { encodeFileMeta } from '../../src/dicom/file-meta.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';

export interface MadeUpStudy {
  readonly study: string;
  readonly patientId: string;
  readonly accession: string;
  readonly description: string;
  readonly modality?: string;
  readonly date?: string;
}

/** Writes a study of one image as a Part 10 file. @returns its path */
export function writeStudy(folder: string, made: MadeUpStudy): string {
  const sop = `${made.study}.1.1`;
  const meta = encodeFileMeta({
    sopClassUid: UID.CTImageStorage,
    sopInstanceUid: sop,
    transferSyntaxUid: UID.ExplicitVRLittleEndian,
  });
  const dataSet = encodeDataSet(
    dataSetOf(
      text(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 192', ''),
      uid(TAG.SOPClassUID, UID.CTImageStorage),
      uid(TAG.SOPInstanceUID, sop),
      text(TAG.StudyDate, 'DA', made.date ?? '20260103', ''),
      text(TAG.StudyTime, 'TM', '120000', ''),
      text(TAG.AccessionNumber, 'SH', made.accession, ''),
      text(TAG.Modality, 'CS', made.modality ?? 'CT', ''),
      text(TAG.StudyDescription, 'LO', made.description, ''),
      text(TAG.PatientName, 'PN', 'Testinen^Aino', ''),
      text(TAG.PatientID, 'LO', made.patientId, ''),
      text(TAG.IssuerOfPatientID, 'LO', '1.2.246.21', ''),
      uid(TAG.StudyInstanceUID, made.study),
      uid(TAG.SeriesInstanceUID, `${made.study}.1`),
    ),
    UID.ExplicitVRLittleEndian,
  );
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${sop}.dcm`);
  writeFileSync(path, Buffer.concat([meta, dataSet]));
  return path;
}
