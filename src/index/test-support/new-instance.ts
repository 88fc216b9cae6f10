import { createHash } from 'node:crypto';
import type { HeaderItem } from '../../dicom/header-reader.ts';
import type { NewInstance } from '../index-types.ts';

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** What a test wants to be different about an object; attributes by keyword. */
export interface InstanceWishes {
  readonly study?: string;
  readonly series?: string;
  readonly sop: string;
  readonly bytes?: string;
  readonly size?: number;
  readonly receivedAt?: number;
  readonly callingAET?: string;
  readonly organisation?: string | null;
  readonly sopClassUid?: string;
  readonly attributes?: HeaderItem;
}

/** An object as ingest hands it over; its SHA-256 follows from `bytes`, by default from the SOP Instance UID. */
export function newInstance(wishes: InstanceWishes): NewInstance {
  const study = wishes.study ?? '1.2.3';
  const series = wishes.series ?? `${study}.1`;
  return {
    sopInstanceUid: wishes.sop,
    sopClassUid: wishes.sopClassUid ?? CT_IMAGE_STORAGE,
    transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN,
    sha256: createHash('sha256')
      .update(wishes.bytes ?? wishes.sop)
      .digest('hex'),
    size: wishes.size ?? 1000,
    receivedAt: wishes.receivedAt ?? Date.UTC(2026, 10, 22),
    callingAET: wishes.callingAET ?? 'CT1',
    organisation: wishes.organisation ?? null,
    header: {
      charset: 'ISO_IR 192',
      truncated: false,
      attributes: {
        StudyInstanceUID: study,
        SeriesInstanceUID: series,
        PatientID: '010190-123A',
        PatientName: 'Testihenkilö^Åke',
        StudyDate: '20260102',
        StudyTime: '101112',
        Modality: 'CT',
        ...wishes.attributes,
      },
    },
  };
}
