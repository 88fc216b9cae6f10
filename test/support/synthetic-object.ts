import { encodeDataSet } from '../../src/dicom/data-set.ts';
import { tagOf } from '../../src/dicom/dictionary.ts';
import type { HeaderItem } from '../../src/dicom/header-reader.ts';
import { UID } from '../../src/dicom/uids.ts';
import { itemDataSet } from '../../src/egress/manifest/item-data-set.ts';

/** What a synthetic object is; attributes by keyword are laid over the usual ones. */
export interface SyntheticObject {
  readonly study: string;
  readonly series: string;
  readonly sop: string;
  readonly sopClassUid?: string;
  readonly transferSyntaxUid?: string;
  readonly bytes?: number;
  readonly attributes?: HeaderItem;
}

/** The data set of an object with patient and study, and bytes that nobody looks at behind them. */
export function syntheticDataSet(object: SyntheticObject): Buffer {
  const { study, series, sop, sopClassUid = UID.CTImageStorage, bytes = 2000, attributes = {} } = object;
  const item: HeaderItem = {
    SpecificCharacterSet: 'ISO_IR 100',
    SOPClassUID: sopClassUid,
    SOPInstanceUID: sop,
    StudyDate: '20261101',
    StudyTime: '101500',
    AccessionNumber: 'ACC1',
    Modality: 'CT',
    StudyDescription: 'ZZ1CD test',
    PatientName: 'Koe^Åke',
    PatientID: '010190-900A',
    PatientBirthDate: '19900101',
    PatientSex: 'M',
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    ...attributes,
  };
  const dataSet = itemDataSet(item, 'ISO_IR 100');
  const tag = tagOf('PixelData')!;
  dataSet.set(tag, { tag, vr: 'OB', bytes: Buffer.alloc(bytes, sop) });
  return encodeDataSet(dataSet, object.transferSyntaxUid ?? UID.ExplicitVRLittleEndian);
}
