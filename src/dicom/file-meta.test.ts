import { expect, it } from 'vitest';
import { encodeFileMeta, FileMetaError, readFileMeta } from './file-meta.ts';
import { UID } from './uids.ts';

const META = {
  sopClassUid: UID.CTImageStorage,
  sopInstanceUid: '1.2.3.4',
  transferSyntaxUid: UID.ExplicitVRLittleEndian,
};

const codeOf = (bytes: Buffer): string => {
  try {
    readFileMeta(bytes);
    return 'read';
  } catch (error) {
    if (error instanceof FileMetaError) return error.code;
    throw error;
  }
};

it('reads what it writes, and asks for more at every shorter prefix', () => {
  const meta = encodeFileMeta(META);
  const file = Buffer.concat([meta, Buffer.from('0800050043530a00', 'hex')]);
  expect(readFileMeta(file)).toEqual({ ...META, dataSetOffset: meta.length });
  for (let length = 0; length < meta.length; length += 1) expect(codeOf(file.subarray(0, length))).toBe('NEED_MORE');
});

it('is the same bytes for the same UIDs, with an even and right group length', () => {
  const meta = encodeFileMeta(META);
  expect(encodeFileMeta({ ...META })).toEqual(meta);
  expect(meta.subarray(0, 128).every((byte) => byte === 0)).toBe(true);
  expect(meta.toString('latin1', 128, 132)).toBe('DICM');
  expect(meta.readUInt32LE(140)).toBe(meta.length - 144);
  expect(meta.length % 2).toBe(0);
});

it('says what is wrong with other files', () => {
  expect(codeOf(Buffer.alloc(200))).toBe('NOT_DICOM');
  const meta = encodeFileMeta(META);
  const withoutSyntax = Buffer.concat([meta.subarray(0, 132), Buffer.from('0800050043530000', 'hex')]);
  expect(codeOf(withoutSyntax)).toBe('TRANSFER_SYNTAX_MISSING');
  const badUid = Buffer.from(meta);
  badUid.write('../', badUid.indexOf('1.2.3.4'), 'latin1');
  expect(codeOf(badUid)).toBe('UID_INVALID');
  const badVr = Buffer.from(meta);
  badVr.write('??', 136, 'latin1');
  expect(codeOf(badVr)).toBe('META_MALFORMED');
  const huge = Buffer.from(meta);
  huge.writeUInt32LE(0xfffffff0, 152);
  expect(codeOf(huge)).toBe('META_MALFORMED');
});
