import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createIngest } from '../../src/ingest.ts';
import { NO_REJECTIONS } from '../../src/ingest/note-collector.ts';
import type { Ingest } from '../../src/ingest.ts';
import { UID } from '../../src/dicom/uids.ts';
import { MEMORY_LIMITS } from '../../src/store/memory-budget.ts';
import type { ObjectStore } from '../../src/store/object-store.ts';
import { explicitDataSet, pixelData } from '../support/data-set-bytes.ts';
import { filesBelow, openStore, SPOOL_LIMITS } from '../support/store-tree.ts';
import { waitFor } from '../support/wait-for.ts';
import { canMount, tmpfs } from '../support/tmpfs.ts';
import type { Tmpfs } from '../support/tmpfs.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const source = { callingAET: 'CT1', organisation: null, address: null, associationId: null };
// 257 directories of the tree and the few others leave room for some objects.
const INODES = 290;

function createTestIngest(store: ObjectStore): { ingest: Ingest; acknowledged: Map<string, number> } {
  const acknowledged = new Map<string, number>();
  const index = {
    addInstance: async ({ sha256, size }: { sha256: string; size: number }) => {
      acknowledged.set(sha256, size);
      return { kind: 'new', instanceId: acknowledged.size } as const;
    },
    markDurable: () => undefined,
    indexedObjects: async (names: readonly string[]) => new Set(names.filter((name) => acknowledged.has(name))),
  };
  const onFatal = (error: Error): void => {
    throw error;
  };
  const ingest = createIngest({
    store,
    index,
    events: { ingested: () => undefined, unindexed: () => undefined, indexedLater: () => undefined },
    rejections: NO_REJECTIONS,
    onFatal,
    clock: Date.now,
    now: () => 0,
  });
  return { ingest, acknowledged };
}

let serial = 0;
async function send(ingest: Ingest, bytes: number): Promise<number> {
  const sopInstanceUid = `1.2.3.${(serial += 1)}`;
  const sink = ingest.begin(source, { sopClassUid: CT, sopInstanceUid, transferSyntaxUid: UID.ExplicitVRLittleEndian });
  const chunks = [
    explicitDataSet([
      [0x00080016, 'UI', CT],
      [0x00080018, 'UI', sopInstanceUid],
      [0x0020000d, 'UI', '1.2'],
      [0x0020000e, 'UI', '1.2.1'],
    ]),
    pixelData(randomBytes(bytes)),
  ];
  for (const chunk of chunks) {
    if (!sink.write(chunk)) await sink.drained();
  }
  return (await sink.finish()).code;
}

describe.skipIf(!canMount).each([
  ['direct', MEMORY_LIMITS],
  ['spooled', SPOOL_LIMITS],
])('a real small disk, %s', (_, limits) => {
  let disk: Tmpfs;
  let store: ObjectStore;
  let ingest: Ingest;
  let acknowledged: Map<string, number>;

  async function begin(options: string, reserveBytes = 0): Promise<void> {
    disk = tmpfs(options);
    store = await openStore(disk.path, { limits, reserveBytes });
    ({ ingest, acknowledged } = createTestIngest(store));
  }
  beforeEach(() => {
    serial = 0;
  });
  afterEach(async () => {
    await store.close(false);
    disk[Symbol.dispose]();
  });

  async function untilRefused(bytes: number): Promise<number> {
    for (;;) {
      const status = await send(ingest, bytes);
      if (status !== 0) return status;
    }
  }

  async function expectWhole(): Promise<void> {
    // Spool entries go after the acknowledgement.
    await waitFor('an empty spool', () => filesBelow(`${disk.path}/spool`).length === 0);
    const files = filesBelow(disk.path).filter((path) => path !== 'unclean');
    expect(files.map((path) => path.slice(-68, -4)).toSorted()).toEqual([...acknowledged.keys()].toSorted());
    for (const [sha256, size] of acknowledged) expect(await store.verify(sha256, size)).toBeUndefined();
  }

  test('full: A700 with nothing left behind, and on again when it has grown', async () => {
    await begin('size=4m');
    expect(await untilRefused(300_000)).toBe(0xa700);
    expect(await send(ingest, 300_000)).toBe(0xa700);
    await expectWhole();
    const before = acknowledged.size;
    expect(before).toBeGreaterThan(5);
    disk.remount('size=20m');
    for (let i = 0; i < 10; i += 1) expect(await send(ingest, 300_000)).toBe(0);
    expect(acknowledged.size).toBe(before + 10);
    await expectWhole();
  });

  test('full while sixteen send at once', async () => {
    await begin('size=4m');
    const statuses = await Promise.all(Array.from({ length: 32 }, () => send(ingest, 300_000)));
    expect(new Set(statuses)).toEqual(new Set([0, 0xa700]));
    await expectWhole();
    expect(store.bufferedBytes).toBe(0);
  });

  test('an object larger than the disk is taken to its end, refused, and leaves no byte', async () => {
    await begin('size=4m');
    expect(await send(ingest, 12_000_000)).toBe(0xa700);
    await expectWhole();
    expect(await store.freeBytes()).toBeGreaterThan(2_500_000);
    expect(await send(ingest, 300_000)).toBe(0);
  });

  test('the reserve is left for the others', async () => {
    await begin('size=6m', 3_000_000);
    expect(await untilRefused(300_000)).toBe(0xa700);
    expect(await store.freeBytes()).toBeGreaterThanOrEqual(3_000_000);
    disk.remount('size=12m');
    expect(await send(ingest, 300_000)).toBe(0);
    await expectWhole();
  });

  test('no inodes left: the same', async () => {
    await begin(`size=40m,nr_inodes=${INODES}`);
    expect(await untilRefused(20_000)).toBe(0xa700);
    await expectWhole();
    disk.remount('nr_inodes=2000');
    for (let i = 0; i < 10; i += 1) expect(await send(ingest, 20_000)).toBe(0);
    await expectWhole();
  });

  test('read-only for a while: the same', async () => {
    await begin('size=40m');
    expect(await send(ingest, 20_000)).toBe(0);
    // The mark is open for writing, which would keep the disk from becoming read-only.
    await store.close(false);
    disk.remount('ro');
    expect(await send(ingest, 20_000)).toBe(0xa700);
    await expectWhole();
    disk.remount('rw');
    expect(await send(ingest, 20_000)).toBe(0);
    await expectWhole();
  });
});
