import { dataSetOf, sequence, text, uid, unsignedShort, type DataSet, type Element } from '../data-set.ts';
import { DEFAULT_HEADER_BYTES, HeaderError, HeaderReader, type InstanceHeader } from '../header-reader.ts';
import { TAG } from '../tags.ts';
import { UID } from '../uids.ts';

/** Reads a header from chunks of `chunk` bytes; `used` bytes were asked for. */
export function read(
  bytes: Buffer,
  transferSyntaxUid: string = UID.ExplicitVRLittleEndian,
  chunk = bytes.length,
  maxBytes = DEFAULT_HEADER_BYTES,
): InstanceHeader & { used: number } {
  const reader = new HeaderReader({ transferSyntaxUid, maxBytes });
  let used = 0;
  for (let at = 0; at < bytes.length; at += Math.max(chunk, 1)) {
    used = Math.min(bytes.length, at + chunk);
    // A chunk of its own, so that a value that is not kept right shows.
    if (reader.push(Buffer.from(bytes.subarray(at, used)))) break;
  }
  return { ...reader.finish(), used };
}

/** Code, tag and offset of the HeaderError that bytes give. */
export const faultOf = (bytes: Buffer, syntax: string = UID.ExplicitVRLittleEndian): string => {
  try {
    read(bytes, syntax);
    return 'read';
  } catch (error) {
    if (error instanceof HeaderError) return `${error.code} ${error.tag.toString(16).padStart(8, '0')} ${error.offset}`;
    throw error;
  }
};

export const hex = (...parts: string[]): Buffer => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');
const LATIN = 'ISO_IR 100';

export const INSTANCE: readonly Element[] = [
  text(TAG.SpecificCharacterSet, 'CS', LATIN, ''),
  uid(TAG.SOPClassUID, UID.CTImageStorage),
  uid(TAG.SOPInstanceUID, '1.2.3.4'),
  text(TAG.Modality, 'CS', 'CT', ''),
  text(TAG.PatientName, 'PN', 'Mäkinen^Åsa ', LATIN),
  text(TAG.ImageType, 'CS', 'ORIGINAL \\ PRIMARY', ''),
  sequence(TAG.ProcedureCodeSequence, [
    dataSetOf(
      text(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 192', ''),
      text(TAG.CodeValue, 'SH', 'AB1AA', ''),
      text(TAG.CodeMeaning, 'LO', 'pään röntgen', 'ISO_IR 192'),
    ),
    dataSetOf(text(TAG.CodeMeaning, 'LO', 'ääni', LATIN)),
  ]),
  uid(TAG.StudyInstanceUID, '1.2.3'),
  uid(TAG.SeriesInstanceUID, '1.2.3.1'),
  unsignedShort(TAG.Rows, 512),
  { tag: 0x00091001, vr: 'OB', bytes: Buffer.alloc(400, 7) },
];
export const PIXELS: Element = { tag: TAG.PixelData, vr: 'OW', bytes: Buffer.alloc(4096, 1) };
export const whole = (...more: Element[]): DataSet => dataSetOf(...INSTANCE, ...more);

export const EXPECTED = {
  charset: LATIN,
  truncated: false,
  attributes: {
    SpecificCharacterSet: LATIN,
    SOPClassUID: UID.CTImageStorage,
    SOPInstanceUID: '1.2.3.4',
    Modality: 'CT',
    PatientName: 'Mäkinen^Åsa',
    ImageType: 'ORIGINAL\\PRIMARY',
    ProcedureCodeSequence: [
      { SpecificCharacterSet: 'ISO_IR 192', CodeValue: 'AB1AA', CodeMeaning: 'pään röntgen' },
      { CodeMeaning: 'ääni' },
    ],
    StudyInstanceUID: '1.2.3',
    SeriesInstanceUID: '1.2.3.1',
    Rows: '512',
  },
};
