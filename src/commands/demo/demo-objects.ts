import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeDataSet, sequence } from '../../dicom/data-set.ts';
import type { DataSet, Element } from '../../dicom/data-set.ts';
import { tagOf } from '../../dicom/dictionary.ts';
import { encodeFileMeta } from '../../dicom/file-meta.ts';
import type { HeaderItem } from '../../dicom/header-reader.ts';
import { UID } from '../../dicom/uids.ts';
import type { VR } from '../../dicom/vr-table.ts';
import { itemDataSet } from '../../egress/manifest/item-data-set.ts';

/** A made-up examination; the arc 2.999 is for examples. */
export interface DemoStudy {
  readonly studyUid: string;
  readonly accessionNumber: string;
  readonly patient: { readonly id: string; readonly name: string; readonly birthDate: string; readonly sex: string };
  /** Issuer of the patient's id. */
  readonly issuer: string;
  readonly examination: { readonly code: string; readonly list: string; readonly name: string };
  readonly institution: string;
  /** YYYYMMDD */
  readonly day: string;
}

const CHARSET = 'ISO_IR 192';
const TWELVE_LEAD_ECG = '1.2.840.10008.5.1.4.1.1.9.1.1';

/** Three small CT images in a folder. */
export function writeCt(folder: string, study: DemoStudy): void {
  for (const number of [1, 2, 3]) {
    const pixels = Buffer.alloc(64 * 64 * 2);
    for (let i = 0; i < 64 * 64; i += 1) pixels.writeInt16LE(((i % 64) * number) % 1000, 2 * i);
    write(folder, UID.CTImageStorage, `${study.studyUid}.1.${number}`, [
      ...common(study, 'CT', UID.CTImageStorage, number),
      ...items({ ImageType: 'ORIGINAL\\PRIMARY\\AXIAL', PhotometricInterpretation: 'MONOCHROME2', KVP: '120' }),
      number16('SamplesPerPixel', 1),
      number16('Rows', 64),
      number16('Columns', 64),
      number16('BitsAllocated', 16),
      number16('BitsStored', 16),
      number16('HighBit', 15),
      number16('PixelRepresentation', 1),
      binary('PixelData', 'OW', pixels),
    ]);
  }
}

const LEADS = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
const LEAD_CODES = ['2:1', '2:2', '2:61', '2:62', '2:63', '2:64', '2:3', '2:4', '2:5', '2:6', '2:7', '2:8'];
const HERTZ = 500;
const SECONDS = 10;

/** A resting ECG of twelve leads (PS3.3 A.34.3): ten made-up seconds at 500 Hz. */
export function writeEcg(folder: string, study: DemoStudy): void {
  const samples = Buffer.alloc(HERTZ * SECONDS * LEADS.length * 2);
  for (let at = 0, offset = 0; at < HERTZ * SECONDS; at += 1)
    for (let lead = 0; lead < LEADS.length; lead += 1, offset += 2)
      samples.writeInt16LE(Math.round(beat((at / HERTZ) % 0.8) * 1000 * (1 - lead / 16)), offset);
  const channels = LEADS.map((lead, i) =>
    dataSet([
      sequence(tag('ChannelSourceSequence'), [
        itemDataSet({ CodeValue: LEAD_CODES[i]!, CodingSchemeDesignator: 'MDC', CodeMeaning: `Lead ${lead}` }, ''),
      ]),
      sequence(tag('ChannelSensitivityUnitsSequence'), [
        itemDataSet({ CodeValue: 'uV', CodingSchemeDesignator: 'UCUM', CodeMeaning: 'microvolt' }, ''),
      ]),
      ...items({
        ChannelSensitivity: '1',
        ChannelSensitivityCorrectionFactor: '1',
        ChannelBaseline: '0',
        ChannelSampleSkew: '0',
      }),
      number16('WaveformBitsStored', 16),
    ]),
  );
  const waveform = dataSet([
    ...items({ WaveformOriginality: 'ORIGINAL', SamplingFrequency: String(HERTZ), WaveformSampleInterpretation: 'SS' }),
    number16('NumberOfWaveformChannels', LEADS.length),
    number32('NumberOfWaveformSamples', HERTZ * SECONDS),
    number16('WaveformBitsAllocated', 16),
    sequence(tag('ChannelDefinitionSequence'), channels),
    binary('WaveformData', 'OW', samples),
  ]);
  write(folder, TWELVE_LEAD_ECG, `${study.studyUid}.1.1`, [
    ...common(study, 'ECG', TWELVE_LEAD_ECG, 1),
    ...items({ AcquisitionDateTime: `${study.day}101112` }),
    sequence(tag('WaveformSequence'), [waveform]),
  ]);
}

/** One heart beat in millivolts: P wave, QRS complex, T wave. */
function beat(seconds: number): number {
  const wave = (centre: number, width: number, height: number): number =>
    height * Math.exp(-(((seconds - centre) / width) ** 2));
  return (
    wave(0.16, 0.025, 0.12) +
    wave(0.26, 0.008, -0.1) +
    wave(0.28, 0.01, 1.1) +
    wave(0.31, 0.009, -0.25) +
    wave(0.5, 0.05, 0.3)
  );
}

function common(study: DemoStudy, modality: string, sopClassUid: string, number: number): Element[] {
  const { patient, examination } = study;
  return items({
    SpecificCharacterSet: CHARSET,
    SOPClassUID: sopClassUid,
    SOPInstanceUID: `${study.studyUid}.1.${number}`,
    StudyDate: study.day,
    StudyTime: '101112',
    ContentDate: study.day,
    ContentTime: '101112',
    TimezoneOffsetFromUTC: '+0200',
    AccessionNumber: study.accessionNumber,
    Modality: modality,
    Manufacturer: 'Made up',
    InstitutionName: study.institution,
    StudyDescription: `${examination.code} ${examination.name}`,
    ProcedureCodeSequence: [
      { CodeValue: examination.code, CodingSchemeDesignator: examination.list, CodeMeaning: examination.name },
    ],
    PatientName: patient.name,
    PatientID: patient.id,
    IssuerOfPatientID: study.issuer,
    PatientBirthDate: patient.birthDate,
    PatientSex: patient.sex,
    StudyInstanceUID: study.studyUid,
    SeriesInstanceUID: `${study.studyUid}.1`,
    SeriesNumber: '1',
    InstanceNumber: String(number),
  });
}

function write(folder: string, sopClassUid: string, sopInstanceUid: string, elements: Element[]): void {
  mkdirSync(folder, { recursive: true });
  const transferSyntaxUid = UID.ExplicitVRLittleEndian;
  const meta = encodeFileMeta({ sopClassUid, sopInstanceUid, transferSyntaxUid });
  writeFileSync(
    join(folder, `${sopInstanceUid}.dcm`),
    Buffer.concat([meta, encodeDataSet(dataSet(elements), transferSyntaxUid)]),
  );
}

function dataSet(elements: readonly Element[]): DataSet {
  return new Map(elements.map((element) => [element.tag, element]));
}

function items(item: HeaderItem): Element[] {
  return [...itemDataSet(item, CHARSET).values()];
}

function number16(keyword: string, value: number): Element {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return binary(keyword, 'US', bytes);
}

function number32(keyword: string, value: number): Element {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return binary(keyword, 'UL', bytes);
}

function binary(keyword: string, vr: Exclude<VR, 'SQ'>, bytes: Buffer): Element {
  return { tag: tag(keyword), vr, bytes };
}

function tag(keyword: string): number {
  const known = tagOf(keyword);
  if (known === undefined) throw new TypeError(`${keyword} is not in the data dictionary`);
  return known;
}
