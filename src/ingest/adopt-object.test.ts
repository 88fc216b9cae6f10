import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { explicitDataSet, pixelData } from '../../test/support/data-set-bytes.ts';
import { keep, openStore } from '../../test/support/store-tree.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import { encodeFileMeta } from '../dicom/file-meta.ts';
import { UID } from '../dicom/uids.ts';
import type { AddResult, NewInstance } from '../index/index-types.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { adoptObject } from './adopt-object.ts';
import { NO_REJECTIONS } from './note-collector.ts';

const announced = {
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '1.2.3.4',
  transferSyntaxUid: UID.ExplicitVRLittleEndian,
};
const known = { callingAET: '', organisation: null, receivedAt: 5 };
const IDENTITY = [
  [0x00080016, 'UI', announced.sopClassUid],
  [0x00080018, 'UI', '1.2.3.4'],
] as const;
// A private value of 600 kB before the UIDs: the first block of the file does not reach them.
const PRIVATE = Buffer.alloc(12);
PRIVATE.set([0x09, 0x00, 0x10, 0x10, 0x4f, 0x42, 0, 0], 0);
PRIVATE.writeUInt32LE(600_000, 8);
const STUDY = [
  [0x0020000d, 'UI', '1.2.3'],
  [0x0020000e, 'UI', '1.2.3.1'],
] as const;

let dir: TempDir;
let store: ObjectStore;
const addInstance = vi.fn<(row: NewInstance) => Promise<AddResult>>();
const markDurable = vi.fn<(id: number) => void>();
beforeEach(async () => {
  dir = await tempDir();
  store = await openStore(dir.path);
  addInstance.mockReset().mockResolvedValue({ kind: 'new', instanceId: 9 });
});
afterEach(async () => {
  await store.close(true);
  await dir[Symbol.asyncDispose]();
});

test('indexes an object from its own bytes, wherever its UIDs are', async () => {
  const dataSet = [
    explicitDataSet(IDENTITY),
    PRIVATE,
    randomBytes(600_000),
    explicitDataSet(STUDY),
    pixelData(randomBytes(500)),
  ];
  const { sha256, size } = await keep(store, encodeFileMeta(announced), ...dataSet);
  expect(
    await adoptObject({ store, index: { addInstance, markDurable }, known, rejections: NO_REJECTIONS }, sha256),
  ).toEqual({
    kind: 'new',
    instanceId: 9,
  });
  expect(addInstance.mock.calls).toMatchObject([
    [{ ...announced, ...known, sha256, size, header: { attributes: { StudyInstanceUID: '1.2.3' } } }],
  ]);
  expect(markDurable.mock.calls).toEqual([[9]]);
});

test('says why an object cannot be indexed', async () => {
  const adopt = (sha256: string) =>
    adoptObject({ store, index: { addInstance, markDurable }, known, rejections: NO_REJECTIONS }, sha256);
  const noStudy = await keep(store, encodeFileMeta(announced), explicitDataSet(IDENTITY));
  await expect(adopt(noStudy.sha256)).rejects.toMatchObject({ code: 'IDENTITY_MISSING' });
  await expect(adopt((await keep(store, randomBytes(500))).sha256)).rejects.toMatchObject({ code: 'NOT_DICOM' });
  await expect(adopt((await keep(store, Buffer.alloc(0))).sha256)).rejects.toMatchObject({ code: 'NOT_DICOM' });
  await expect(adopt('a'.repeat(64))).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  expect(addInstance).not.toHaveBeenCalled();
});
