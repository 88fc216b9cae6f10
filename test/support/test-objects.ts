import { dataSetOf, encodeDataSet, sequence, text, uid } from '../../src/dicom/data-set.ts';
import type { Element } from '../../src/dicom/data-set.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import type { Peer } from './dcmtk.ts';
import { associate } from './own-sender.ts';

const TS = UID.ExplicitVRLittleEndian;

/** A small object of any class, ready to be sent in Explicit VR Little Endian. */
export interface TestObject {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly dataSet: Buffer;
}

export interface ObjectIdentity {
  readonly study: string;
  readonly sop: string;
  readonly series?: string;
  readonly sopClass?: string;
  readonly modality?: string;
}

/** An object with the attributes of every composite IOD's patient, study and series modules, and `more`. */
export function testObject(identity: ObjectIdentity, more: readonly Element[] = []): TestObject {
  const { study, sop, series = `${study}.1`, sopClass = UID.CTImageStorage, modality = 'CT' } = identity;
  const dataSet = dataSetOf(
    text(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 100', ''),
    uid(TAG.SOPClassUID, sopClass),
    uid(TAG.SOPInstanceUID, sop),
    text(TAG.StudyDate, 'DA', '20260102', ''),
    text(TAG.StudyTime, 'TM', '101112', ''),
    text(TAG.AccessionNumber, 'SH', 'A1', ''),
    text(TAG.Modality, 'CS', modality, ''),
    text(TAG.PatientName, 'PN', 'Testi^Potilas', ''),
    text(TAG.PatientID, 'LO', 'PID-1', ''),
    uid(TAG.StudyInstanceUID, study),
    uid(TAG.SeriesInstanceUID, series),
    text(TAG.InstanceNumber, 'IS', '1', ''),
    ...more,
  );
  return {
    sopClassUid: sopClass,
    sopInstanceUid: sop,
    studyInstanceUid: study,
    seriesInstanceUid: series,
    dataSet: encodeDataSet(new Map([...dataSet].toSorted(([a], [b]) => a - b)), TS),
  };
}

/** A rejection note (PS3.3 A.35.4, IHE IOCM) with this title for these objects, which are of one study and series. */
export function rejectionNote(
  sop: string,
  title: string,
  objects: readonly TestObject[],
  more: readonly Element[] = [],
): TestObject {
  const [first] = objects as [TestObject, ...TestObject[]];
  const code = dataSetOf(
    text(TAG.CodeValue, 'SH', title, ''),
    text(TAG.CodingSchemeDesignator, 'SH', 'DCM', ''),
    text(TAG.CodeMeaning, 'LO', 'Rejected', ''),
  );
  const references = objects.map((object) =>
    dataSetOf(
      uid(TAG.ReferencedSOPClassUID, object.sopClassUid),
      uid(TAG.ReferencedSOPInstanceUID, object.sopInstanceUid),
    ),
  );
  const series = dataSetOf(
    sequence(TAG.ReferencedSOPSequence, references),
    uid(TAG.SeriesInstanceUID, first.seriesInstanceUid),
  );
  const evidence = dataSetOf(
    sequence(TAG.ReferencedSeriesSequence, [series]),
    uid(TAG.StudyInstanceUID, first.studyInstanceUid),
  );
  return testObject(
    {
      study: first.studyInstanceUid,
      sop,
      series: `${first.studyInstanceUid}.9`,
      sopClass: UID.KeyObjectSelectionDocumentStorage,
      modality: 'KO',
    },
    [
      text(TAG.ValueType, 'CS', 'CONTAINER', ''),
      sequence(TAG.ConceptNameCodeSequence, [code]),
      sequence(TAG.CurrentRequestedProcedureEvidenceSequence, [evidence]),
      ...more,
    ],
  );
}

/** Stores the objects in order over one association; gives the status of each, -1 when the association ended meanwhile. */
export async function sendObjects(peer: Peer, objects: readonly TestObject[]): Promise<number[]> {
  const classes = [...new Set(objects.map(({ sopClassUid }) => sopClassUid))];
  const assoc = await associate(
    peer,
    classes.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [TS] })),
  );
  const statuses: number[] = [];
  for (const object of objects) {
    try {
      const { code } = await assoc.store({
        pc: assoc.contextFor(object.sopClassUid)!,
        affectedSOPClassUID: object.sopClassUid,
        affectedSOPInstanceUID: object.sopInstanceUid,
        priority: 0,
        dataSet: object.dataSet,
      });
      statuses.push(code);
    } catch {
      statuses.push(-1);
    }
  }
  if (assoc.isOpen) await assoc.release();
  return statuses;
}
