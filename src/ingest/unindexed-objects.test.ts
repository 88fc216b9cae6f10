import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { explicitDataSet, pixelData } from '../../test/support/data-set-bytes.ts';
import { gate } from '../../test/support/hooked-fs.ts';
import { filesBelow, objectFile, openStore, sha256 } from '../../test/support/store-tree.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { TempDir } from '../../test/support/temp-dir.ts';
import { KuvaError } from '../core/errors.ts';
import { encodeFileMeta } from '../dicom/file-meta.ts';
import { UID } from '../dicom/uids.ts';
import type { AddResult, NewInstance } from '../index/index-types.ts';
import { createIngest } from '../ingest.ts';
import { NO_REJECTIONS } from './note-collector.ts';
import type { Ingest } from '../ingest.ts';
import type { ObjectStore } from '../store/object-store.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const FULL = new KuvaError('INDEX_FULL', 'x');
const source = { callingAET: 'CT1', organisation: 'HUS', address: '127.0.0.1', associationId: 7 };

let dir: TempDir;
let store: ObjectStore;
let ingest: Ingest;
let time = 0;
const indexed = new Set<string>();
const addInstance = vi.fn<(row: NewInstance) => Promise<AddResult>>();
const unindexed = vi.fn<(count: number, error: Error) => void>();
const indexedLater = vi.fn<(count: number) => void>();

beforeEach(async () => {
  dir = await tempDir();
  store = await openStore(dir.path);
  indexed.clear();
  for (const mock of [addInstance, unindexed, indexedLater]) mock.mockReset();
  ingest = createIngest({
    store,
    index: {
      addInstance,
      markDurable: () => undefined,
      indexedObjects: async (names) => new Set(names.filter((name) => indexed.has(name))),
    },
    events: { ingested: () => undefined, unindexed, indexedLater },
    rejections: NO_REJECTIONS,
    onFatal: () => undefined,
    clock: Date.now,
    now: () => time,
  });
});
afterEach(async () => {
  ingest[Symbol.dispose]();
  await store.close(false);
  await dir[Symbol.asyncDispose]();
});

const dataSet = (sopInstanceUid: string): Buffer =>
  Buffer.concat([
    explicitDataSet([
      [0x00080016, 'UI', CT],
      [0x00080018, 'UI', sopInstanceUid],
      [0x0020000d, 'UI', '1.2.3'],
      [0x0020000e, 'UI', '1.2.3.1'],
    ]),
    pixelData(randomBytes(2000)),
  ]);
const metaOf = (sopInstanceUid: string) => ({
  sopClassUid: CT,
  sopInstanceUid,
  transferSyntaxUid: UID.ExplicitVRLittleEndian,
});

async function send(sopInstanceUid: string, bytes = dataSet(sopInstanceUid)): Promise<number> {
  const sink = ingest.begin(source, metaOf(sopInstanceUid));
  sink.write(bytes);
  return (await sink.finish()).code;
}
const kept = (): string[] => filesBelow(dir.path).filter((path) => path !== 'unclean');
const nameOf = (sopInstanceUid: string, bytes: Buffer) => sha256(encodeFileMeta(metaOf(sopInstanceUid)), bytes);

describe('when the index is full', () => {
  test('what it refused is kept, nothing more is published, and it is indexed when there is room', async () => {
    const bytes = dataSet('1.2.1');
    const name = nameOf('1.2.1', bytes);
    addInstance.mockRejectedValue(FULL);
    expect(await send('1.2.1', bytes)).toBe(0xa700);
    expect(kept()).toEqual([objectFile(name)]);
    expect(ingest.unindexed).toMatchObject({ count: 1, blocked: FULL });
    expect(unindexed.mock.calls).toEqual([[1, FULL]]);
    expect(await send('1.2.2')).toBe(0xa700);
    expect(kept()).toEqual([objectFile(name)]);
    expect(addInstance).toHaveBeenCalledTimes(1);
    time += 1000;
    expect(await send('1.2.2')).toBe(0xa700);
    expect(addInstance).toHaveBeenCalledTimes(2);

    addInstance.mockResolvedValue({ kind: 'new', instanceId: 9 });
    time += 1000;
    expect(await send('1.2.2')).toBe(0);
    expect(addInstance.mock.calls[2]).toMatchObject([{ sha256: name, callingAET: 'CT1', organisation: 'HUS' }]);
    expect(ingest.unindexed).toMatchObject({ count: 0, blocked: undefined });
    expect(indexedLater.mock.calls).toEqual([[1]]);
    expect(kept()).toHaveLength(2);
  });

  test('a twin that was told of success keeps its file, and no second row is made', async () => {
    const bytes = dataSet('1.2.1');
    const name = nameOf('1.2.1', bytes);
    const { reached, wait, open } = gate();
    addInstance.mockResolvedValue({ kind: 'new', instanceId: 9 });
    addInstance.mockImplementationOnce(async () => {
      await wait();
      throw FULL;
    });
    const first = send('1.2.1', bytes);
    await reached;
    expect(await send('1.2.1', bytes)).toBe(0);
    indexed.add(name);
    open();
    expect(await first).toBe(0xa700);
    expect(kept()).toEqual([objectFile(name)]);
    time += 1000;
    expect(await send('1.2.2')).toBe(0);
    expect(ingest.unindexed.count).toBe(0);
    expect(addInstance.mock.calls.map(([row]) => row.sopInstanceUid)).toEqual(['1.2.1', '1.2.1', '1.2.2']);
  });

  test('a stop meanwhile leaves the store to be recovered', async () => {
    addInstance.mockRejectedValue(FULL);
    await send('1.2.1');
    await store.close(true);
    const next = await openStore(dir.path);
    expect(next.strayableSince).toBeDefined();
    await next.close(true);
  });
});

test('an object that the index fails at for a reason of its own keeps no other one out', async () => {
  addInstance.mockRejectedValueOnce(new KuvaError('INDEX_FAILED', 'x'));
  addInstance.mockResolvedValue({ kind: 'new', instanceId: 9 });
  expect(await send('1.2.1')).toBe(0x0110);
  expect(ingest.unindexed).toMatchObject({ count: 1, blocked: undefined });
  expect(await send('1.2.2')).toBe(0);
});
