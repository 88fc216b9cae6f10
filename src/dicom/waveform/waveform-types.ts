/** One channel of a multiplex group (PS3.3 C.10.9). */
export interface WaveformChannel {
  /** Short name such as `V1`; the code's meaning when the lead is not one of a standard ECG. */
  readonly lead: string;
  readonly code: string;
  readonly codingScheme: string;
  readonly meaning: string;
  /** Values in `unit`: sample x sensitivity x correction + baseline; NaN where the sample is the padding value. */
  readonly values: Float64Array;
  /** `mV` for everything electric; else the unit as coded (UCUM), '' when samples are bare numbers. */
  readonly unit: string;
  /** Of one step of the samples, in `unit`. */
  readonly sensitivity: number;
  readonly baseline: number;
  /** Hz; null when the object does not say. */
  readonly filterLow: number | null;
  readonly filterHigh: number | null;
}

/** Channels that were sampled together. */
export interface WaveformGroup {
  readonly label: string;
  /** Hz. */
  readonly samplingFrequency: number;
  readonly samples: number;
  /** Bits of one sample as stored. */
  readonly bits: number;
  /** Milliseconds after the acquisition's start. */
  readonly timeOffset: number;
  readonly channels: readonly WaveformChannel[];
}

export interface Waveform {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly patientName: string;
  readonly patientId: string;
  /** DICOM DT or DA and TM as sent; '' when the object does not say. */
  readonly acquired: string;
  readonly groups: readonly WaveformGroup[];
}
