export interface SampleReader {
  /** Bytes of one sample. */
  readonly size: number;
  read(data: Buffer, offset: number): number;
}

/**
 * How samples are read (PS3.3 C.10.9.1.5), from little endian data as data sets are held here; undefined when it is not known.
 * Audio in µ-law and A-law is no measurement.
 */
export function sampleReader(bits: number, interpretation: string): SampleReader | undefined {
  return FORMATS[`${bits} ${interpretation}`];
}

const FORMATS: Readonly<Record<string, SampleReader>> = {
  '8 SB': { size: 1, read: (data, offset) => data.readInt8(offset) },
  '8 UB': { size: 1, read: (data, offset) => data.readUInt8(offset) },
  '16 SS': { size: 2, read: (data, offset) => data.readInt16LE(offset) },
  '16 US': { size: 2, read: (data, offset) => data.readUInt16LE(offset) },
  '32 SL': { size: 4, read: (data, offset) => data.readInt32LE(offset) },
  '32 UL': { size: 4, read: (data, offset) => data.readUInt32LE(offset) },
};
