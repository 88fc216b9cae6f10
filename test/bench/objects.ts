import { randomBytes } from 'node:crypto';
import { explicitElement, explicitHead, item, unsignedShort } from './elements.ts';

export type ObjectKind = 'tiny' | 'ct8k' | 'ecg290k' | 'ct530k';

/** What tells objects apart; each has a fixed width, so that a prepared object becomes another one by patching. */
export interface ObjectIdentity {
  readonly patientId: string;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly sopUid: string;
}

export interface ObjectShape {
  readonly sopClassUid: string;
  /** objects in a series, series in a study */
  readonly perSeries: number;
  readonly seriesPerStudy: number;
  /** side of a square 16-bit image; 0 for an ECG */
  readonly side: number;
}

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const TWELVE_LEAD_ECG_STORAGE = '1.2.840.10008.5.1.4.1.1.9.1.1';
export const MULTI_FRAME_WORD_SC_STORAGE = '1.2.840.10008.5.1.4.1.1.7.3';

export const SHAPES: Readonly<Record<ObjectKind, ObjectShape>> = {
  tiny: { sopClassUid: CT_IMAGE_STORAGE, perSeries: 2, seriesPerStudy: 2, side: 16 },
  ct8k: { sopClassUid: CT_IMAGE_STORAGE, perSeries: 50, seriesPerStudy: 4, side: 62 },
  ecg290k: { sopClassUid: TWELVE_LEAD_ECG_STORAGE, perSeries: 1, seriesPerStudy: 1, side: 0 },
  ct530k: { sopClassUid: CT_IMAGE_STORAGE, perSeries: 50, seriesPerStudy: 4, side: 512 },
};

/** The n-th object of a run. `run` is 9 digits, so that runs against one server never meet. */
export function identityOf(kind: ObjectKind, run: number, n: number): ObjectIdentity {
  const { perSeries, seriesPerStudy } = SHAPES[kind];
  const series = Math.floor(n / perSeries);
  const study = Math.floor(series / seriesPerStudy);
  return {
    patientId: `B${String(study).padStart(9, '0')}`,
    studyUid: uid(run, 1, study),
    seriesUid: uid(run, 2, series),
    sopUid: uid(run, 3, n),
  };
}

// A UID derived from a number (PS3.5 B.2), always 26 characters.
function uid(run: number, kind: number, n: number): string {
  return `2.25.9${String(run).padStart(9, '0')}${kind}${String(n).padStart(10, '0')}`;
}

/** The data set in Explicit VR Little Endian, about the size that its kind is named for, of incompressible values. */
export function buildDataSet(kind: ObjectKind, id: ObjectIdentity): Buffer {
  const { sopClassUid, side } = SHAPES[kind];
  const modality = side === 0 ? 'ECG' : 'CT';
  const value = side === 0 ? ecgModule() : [...imageModule(side), imagePixels(side)];
  return Buffer.concat([...header(sopClassUid, modality, id), ...value]);
}

/** Everything of a multi-frame object but its pixel value, which follows as `frames * side * side * 2` bytes. */
export function buildMultiFrameHead(id: ObjectIdentity, side: number, frames: number): Buffer {
  return Buffer.concat([
    ...header(MULTI_FRAME_WORD_SC_STORAGE, 'OT', id),
    ...imageModule(side, frames),
    explicitHead(0x7fe00010, 'OW', frames * side * side * 2),
  ]);
}

function header(sopClassUid: string, modality: string, id: ObjectIdentity): Buffer[] {
  return [
    explicitElement(0x00080005, 'CS', 'ISO_IR 100'),
    explicitElement(0x00080016, 'UI', sopClassUid),
    explicitElement(0x00080018, 'UI', id.sopUid),
    explicitElement(0x00080020, 'DA', '20261122'),
    explicitElement(0x00080030, 'TM', '101500'),
    explicitElement(0x00080050, 'SH', id.patientId),
    explicitElement(0x00080060, 'CS', modality),
    explicitElement(0x00080070, 'LO', 'Bench'),
    explicitElement(0x00080080, 'LO', 'Bench Hospital'),
    explicitElement(0x00080090, 'PN', 'Referring^Doctor'),
    explicitElement(0x00081030, 'LO', 'Bench study'),
    explicitElement(0x0008103e, 'LO', 'Bench series'),
    explicitElement(0x00100010, 'PN', `Bench^${id.patientId}`),
    explicitElement(0x00100020, 'LO', id.patientId),
    explicitElement(0x00100030, 'DA', '19700101'),
    explicitElement(0x00100040, 'CS', 'O'),
    explicitElement(0x0020000d, 'UI', id.studyUid),
    explicitElement(0x0020000e, 'UI', id.seriesUid),
    explicitElement(0x00200010, 'SH', '1'),
    explicitElement(0x00200011, 'IS', '1'),
    explicitElement(0x00200013, 'IS', '1'),
  ];
}

function imageModule(side: number, frames = 1): Buffer[] {
  return [
    explicitElement(0x00280002, 'US', unsignedShort(1)),
    explicitElement(0x00280004, 'CS', 'MONOCHROME2'),
    ...(frames === 1 ? [] : [explicitElement(0x00280008, 'IS', String(frames))]),
    explicitElement(0x00280010, 'US', unsignedShort(side)),
    explicitElement(0x00280011, 'US', unsignedShort(side)),
    explicitElement(0x00280100, 'US', unsignedShort(16)),
    explicitElement(0x00280101, 'US', unsignedShort(16)),
    explicitElement(0x00280102, 'US', unsignedShort(15)),
    explicitElement(0x00280103, 'US', unsignedShort(0)),
  ];
}

function imagePixels(side: number): Buffer {
  return explicitElement(0x7fe00010, 'OW', randomBytes(side * side * 2));
}

// PS3.3 C.10.9: one multiplex group of 12 channels, 12 000 samples each.
function ecgModule(): Buffer[] {
  const samples = 12_000;
  const count = Buffer.alloc(4);
  count.writeUInt32LE(samples);
  const group = item(
    explicitElement(0x003a0004, 'CS', 'ORIGINAL'),
    explicitElement(0x003a0005, 'US', unsignedShort(12)),
    explicitElement(0x003a0010, 'UL', count),
    explicitElement(0x003a001a, 'DS', '1000'),
    explicitElement(0x54001004, 'US', unsignedShort(16)),
    explicitElement(0x54001006, 'CS', 'SS'),
    explicitElement(0x54001010, 'OW', randomBytes(12 * samples * 2)),
  );
  return [explicitElement(0x54000100, 'SQ', group)];
}
