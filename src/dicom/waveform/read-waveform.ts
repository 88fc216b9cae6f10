import { KuvaError } from '../../core/errors.ts';
import { decodeDataSet, getItems, getString, getUid, getUS } from '../data-set.ts';
import type { DataSet } from '../data-set.ts';
import { readFileMeta } from '../file-meta.ts';
import { TAG } from '../tags.ts';
import { ECG_LEADS } from './ecg-lead-table.ts';
import { sampleReader } from './sample-formats.ts';
import type { Waveform, WaveformChannel, WaveformGroup } from './waveform-types.ts';

/** An object that has no waveform that could be read: NO_WAVEFORM, WAVEFORM_INVALID. */
class WaveformError extends KuvaError {
  override readonly name = 'WaveformError';
}

// PS3.3 A.34: at most 24 channels in an ECG; more have no place on a page. A day of three channels has 130 million samples.
const MAX_CHANNELS = 256;
const MAX_VALUES = 200_000_000;

/**
 * The waveforms of a DICOM file (PS3.3 C.10.9), scaled to what was measured.
 * @throws WaveformError, FileMetaError, DataSetError
 */
export function readWaveform(file: Buffer): Waveform {
  const { dataSetOffset, transferSyntaxUid } = readFileMeta(file);
  const dataSet = decodeDataSet(file.subarray(dataSetOffset), transferSyntaxUid);
  const items = getItems(dataSet, TAG.WaveformSequence);
  if (items.length === 0) throw new WaveformError('NO_WAVEFORM', 'the object has no waveform');
  const charset = getString(dataSet, TAG.SpecificCharacterSet, '') ?? '';
  const text = (tag: number): string => getString(dataSet, tag, charset) ?? '';
  return {
    sopClassUid: getUid(dataSet, TAG.SOPClassUID) ?? '',
    sopInstanceUid: getUid(dataSet, TAG.SOPInstanceUID) ?? '',
    studyInstanceUid: getUid(dataSet, TAG.StudyInstanceUID) ?? '',
    patientName: text(TAG.PatientName),
    patientId: text(TAG.PatientID),
    acquired: text(TAG.AcquisitionDateTime) || `${text(TAG.StudyDate)}${text(TAG.StudyTime)}`,
    groups: items.map((item, at) => readGroup(item, at + 1, charset)),
  };
}

function readGroup(item: DataSet, ordinal: number, charset: string): WaveformGroup {
  const invalid = (what: string): WaveformError =>
    new WaveformError('WAVEFORM_INVALID', `multiplex group ${ordinal}: ${what}`);
  const channels = getUS(item, TAG.NumberOfWaveformChannels) ?? 0;
  const samples = unsignedLong(item, TAG.NumberOfWaveformSamples);
  const samplingFrequency = decimal(item, TAG.SamplingFrequency) ?? 0;
  const bits = getUS(item, TAG.WaveformBitsAllocated) ?? 0;
  const interpretation = getString(item, TAG.WaveformSampleInterpretation, '') ?? '';
  if (channels < 1 || channels > MAX_CHANNELS) throw invalid(`${channels} channels`);
  if (samples < 1 || samples * channels > MAX_VALUES) throw invalid(`${samples} samples of ${channels} channels`);
  if (!(samplingFrequency > 0)) throw invalid('no sampling frequency');
  const reader = sampleReader(bits, interpretation);
  if (reader === undefined) throw invalid(`samples of ${bits} bits, interpretation "${interpretation}", are not known`);
  const data = bytes(item, TAG.WaveformData);
  const { size } = reader;
  if (data === undefined || data.length < samples * channels * size)
    throw invalid(`${data?.length ?? 0} bytes of samples where ${samples * channels * size} are needed`);
  const definitions = getItems(item, TAG.ChannelDefinitionSequence);
  if (definitions.length !== channels)
    throw invalid(`${definitions.length} channel definitions for ${channels} channels`);
  const padding = bytes(item, TAG.WaveformPaddingValue);
  const pad = padding === undefined || padding.length < size ? undefined : reader.read(padding, 0);
  return {
    label: getString(item, TAG.MultiplexGroupLabel, charset) ?? '',
    samplingFrequency,
    samples,
    bits,
    timeOffset: decimal(item, TAG.MultiplexGroupTimeOffset) ?? 0,
    channels: definitions.map((definition, channel) => {
      const scale = scaleOf(definition);
      const values = new Float64Array(samples);
      for (let at = 0; at < samples; at += 1) {
        // PS3.3 C.10.9.1.3: channel by channel within each sample.
        const raw = reader.read(data, (at * channels + channel) * size);
        values[at] = raw === pad ? Number.NaN : raw * scale.sensitivity + scale.baseline;
      }
      return { ...nameOf(definition, channel + 1, charset), values, ...scale, ...filtersOf(definition) };
    }),
  };
}

/** PS3.3 C.10.9.1.4: what one step means, and what zero means. Volts of any size become millivolts. */
function scaleOf(definition: DataSet): Pick<WaveformChannel, 'unit' | 'sensitivity' | 'baseline'> {
  const sensitivity = decimal(definition, TAG.ChannelSensitivity);
  if (sensitivity === undefined) return { unit: '', sensitivity: 1, baseline: 0 };
  const [units] = getItems(definition, TAG.ChannelSensitivityUnitsSequence);
  const unit = units === undefined ? '' : (getString(units, TAG.CodeValue, '') ?? '');
  const millivolts = MILLIVOLTS[unit];
  const factor = millivolts ?? 1;
  const correction = decimal(definition, TAG.ChannelSensitivityCorrectionFactor) ?? 1;
  return {
    unit: millivolts === undefined ? unit : 'mV',
    sensitivity: sensitivity * correction * factor,
    baseline: (decimal(definition, TAG.ChannelBaseline) ?? 0) * factor,
  };
}

const MILLIVOLTS: Readonly<Record<string, number>> = { nV: 1e-6, uV: 1e-3, mV: 1, V: 1000 };

function nameOf(
  definition: DataSet,
  number: number,
  charset: string,
): Pick<WaveformChannel, 'lead' | 'code' | 'codingScheme' | 'meaning'> {
  const [source] = getItems(definition, TAG.ChannelSourceSequence);
  const of = (tag: number): string => (source === undefined ? '' : (getString(source, tag, charset) ?? ''));
  const code = of(TAG.CodeValue);
  const codingScheme = of(TAG.CodingSchemeDesignator);
  const meaning = of(TAG.CodeMeaning);
  const label = getString(definition, TAG.ChannelLabel, charset) ?? '';
  const isLead = (codingScheme === 'MDC' && code.startsWith('2:')) || /^SCPECG$/i.test(codingScheme);
  const known = isLead ? ECG_LEADS[/(\d+)$/.exec(code)?.[1] ?? ''] : undefined;
  return {
    lead: known ?? (label || meaning.replace(/^Lead /, '') || `channel ${number}`),
    code,
    codingScheme,
    meaning,
  };
}

function filtersOf(definition: DataSet): Pick<WaveformChannel, 'filterLow' | 'filterHigh'> {
  return {
    filterLow: decimal(definition, TAG.FilterLowFrequency) ?? null,
    filterHigh: decimal(definition, TAG.FilterHighFrequency) ?? null,
  };
}

function bytes(dataSet: DataSet, tag: number): Buffer | undefined {
  const element = dataSet.get(tag);
  return element === undefined || element.vr === 'SQ' ? undefined : element.bytes;
}

function unsignedLong(dataSet: DataSet, tag: number): number {
  const value = bytes(dataSet, tag);
  return value === undefined || value.length < 4 ? 0 : value.readUInt32LE(0);
}

function decimal(dataSet: DataSet, tag: number): number | undefined {
  const text = getString(dataSet, tag, '');
  if (text === undefined || text === '') return undefined;
  const value = Number(text.split('\\')[0]);
  return Number.isFinite(value) ? value : undefined;
}
