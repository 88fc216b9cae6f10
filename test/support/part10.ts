import { readFileSync } from 'node:fs';

/**
 * A file meta reader for tests only, written apart from the program's own so that one mistake cannot hide in both.
 * Undefined when the file has no `DICM` prefix.
 */
export interface Part10 {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  /** everything after group 2: the bytes that are the sender's */
  readonly dataSet: Buffer;
}

const LONG_VRS = new Set(['OB', 'OW', 'OF', 'SQ', 'UN', 'UT']);

export function parsePart10(file: Buffer): Part10 | undefined {
  if (file.length < 132 || file.toString('latin1', 128, 132) !== 'DICM') return undefined;
  const uids = new Map<number, string>();
  let offset = 132;
  // PS3.10 7.1: group 2 is Explicit VR Little Endian whatever follows it.
  while (offset + 8 <= file.length && file.readUInt16LE(offset) === 0x0002) {
    const element = file.readUInt16LE(offset + 2);
    const long = LONG_VRS.has(file.toString('latin1', offset + 4, offset + 6));
    const length = long ? file.readUInt32LE(offset + 8) : file.readUInt16LE(offset + 6);
    const start = offset + (long ? 12 : 8);
    uids.set(element, file.toString('latin1', start, start + length).replace(/[\0 ]+$/, ''));
    offset = start + length;
  }
  return {
    sopClassUid: uids.get(0x0002) ?? '',
    sopInstanceUid: uids.get(0x0003) ?? '',
    transferSyntaxUid: uids.get(0x0010) ?? '',
    dataSet: file.subarray(offset),
  };
}

/** As `parsePart10`, from a path; throws when it is not a Part 10 file. */
export function readPart10(path: string): Part10 {
  const parsed = parsePart10(readFileSync(path));
  if (parsed === undefined) throw new Error(`${path} has no DICM prefix`);
  return parsed;
}
