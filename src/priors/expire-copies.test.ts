import { expect, test, vi } from 'vitest';
import { hookedFs } from '../../test/support/hooked-fs.ts';
import { openStore, sha256 } from '../../test/support/store-tree.ts';
import { syntheticDataSet } from '../../test/support/synthetic-object.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import { encodeFileMeta } from '../dicom/file-meta.ts';
import { UID } from '../dicom/uids.ts';
import { openIndex } from '../index/test-support/database-file.ts';
import { newInstance } from '../index/test-support/new-instance.ts';
import { createIngest } from '../ingest.ts';
import { NO_REJECTIONS } from '../ingest/note-collector.ts';
import { expireCopies } from './expire-copies.ts';
import type { ExpiringIndex, ExpiringObjects, ExpiryOptions } from './expire-copies.ts';

const copy = (studyInstanceUid: string, expiresAt: number) => ({
  studyInstanceUid,
  source: 'national',
  fetchedAt: 1,
  expiresAt,
  fetchedFor: '2.999.1',
});
const common = {
  aetOf: () => 'ARCHIVE',
  signal: new AbortController().signal,
  removing: () => Promise.resolve(),
  onForeign: () => undefined,
};

test('a copy goes with its files when its time is over; what is ours can never become one', async () => {
  const index = await openIndex();
  const removed: string[] = [];
  let arriving = true;
  const objects: ExpiringObjects = {
    remove: async (digest, isNamed) => {
      if (await isNamed()) return 'named';
      if (arriving) return 'arriving';
      removed.push(digest);
      return 'removed';
    },
  };
  const onForeign = vi.fn<ExpiryOptions['onForeign']>();
  const removing = vi.fn<ExpiryOptions['removing']>(() => Promise.resolve());
  const expire = (now: number) => expireCopies({ ...common, index, objects, now, removing, onForeign });
  expect(await index.write('studyCopyPut', copy('1.2.3', 1000))).toBe(true);
  expect(await index.write('studyCopyPut', copy('1.2.4', 2000))).toBe(true);
  const instances = ['1.2.3.1', '1.2.3.2', '1.2.4.1', '1.2.5.1'].map((sop) =>
    newInstance({ sop, study: sop.slice(0, 5), callingAET: 'ARCHIVE' }),
  );
  for (const instance of instances) await index.addInstance(instance);
  expect(await index.write('studyCopyPut', copy('1.2.5', 1))).toBe(false);
  expect(await index.write('studyCopyRemove', '1.2.3')).toBe(false);

  expect(await expire(999)).toBe(0);
  // Nothing goes of which the audit trail cannot be told.
  removing.mockRejectedValueOnce(new Error('full'));
  await expect(expire(1000)).rejects.toThrow('full');
  expect(await index.read('studyCopyInstances', '1.2.3')).toHaveLength(2);
  removing.mockClear();
  expect(await expire(1000)).toBe(1);
  // Somebody was sending the same bytes: looked at again the next time.
  expect(removed).toEqual([]);
  arriving = false;
  expect(await expire(1000)).toBe(0);
  expect(removed.toSorted()).toEqual([instances[0]!.sha256, instances[1]!.sha256].toSorted());
  expect(await index.read('copyFilesLeaving', 9)).toEqual([]);
  const studies = (await index.listStudies({ limit: 9 })).map(({ studyInstanceUid }) => studyInstanceUid);
  expect(studies).toEqual(['1.2.5', '1.2.4']);
  expect(await index.read('studyCopies', 9)).toMatchObject([{ studyInstanceUid: '1.2.4' }]);
  // Fetched again in time, it stays longer.
  await index.write('studyCopyPut', copy('1.2.4', 3000));
  expect(await expire(2500)).toBe(0);

  // A reindex loses who sent an object, and not that it came with the copy.
  await index.write('studyCopyFetched', '1.2.4', 'ARCHIVE');
  await index.dropInstance((await index.read('studyCopyInstances', '1.2.4'))[0]!.instanceId);
  await index.addInstance({ ...instances[2]!, callingAET: 'REINDEX' });
  // What somebody else has sent into it stays, and still is not forwarded.
  await index.addInstance(newInstance({ sop: '1.2.4.2', study: '1.2.4', callingAET: 'CT1' }));
  expect(await expire(3000)).toBe(0);
  expect(onForeign.mock.calls).toEqual([[{ studyInstanceUid: '1.2.4', objects: 1 }]]);
  expect(removing.mock.calls).toEqual([
    [{ studyInstanceUid: '1.2.3', objects: 2, isAll: true }],
    [{ studyInstanceUid: '1.2.4', objects: 1, isAll: false }],
  ]);
  expect(await index.read('studyCopyInstances', '1.2.4')).toMatchObject([{ isFetched: false }]);
  expect(await index.read('studyCopies', 9)).toMatchObject([{ expiresAt: 3000 + 86_400_000 }]);
});

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

/** Store, index and write path, whose every step calls `step`. */
async function stepped() {
  const dir = await tempDir();
  const hook: { step: () => Promise<void> | void } = { step: () => undefined };
  const store = await openStore(dir.path, { fs: hookedFs(() => hook.step()) });
  const index = await openIndex();
  const around = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      await hook.step();
      const result = await call(...args);
      await hook.step();
      return result;
    };
  };
  const indexedObjects = around((digests: readonly string[]) => index.indexedObjects(digests));
  const addInstance = around((row: Parameters<typeof index.addInstance>[0]) => index.addInstance(row));
  const ingest = createIngest({
    store,
    index: { addInstance, markDurable: (id) => index.markDurable(id), indexedObjects },
    events: { ingested: () => undefined, unindexed: () => undefined, indexedLater: () => undefined },
    rejections: NO_REJECTIONS,
    onFatal: (error) => {
      throw error;
    },
    clock: Date.now,
    now: () => performance.now(),
  });
  const send = async (study: string, callingAET: string) => {
    const sop = `${study}.1.1`;
    const transferSyntaxUid = UID.ExplicitVRLittleEndian;
    const announced = { sopClassUid: UID.CTImageStorage, sopInstanceUid: sop, transferSyntaxUid };
    const source = { callingAET, organisation: 'A', address: '127.0.0.1', associationId: 1 };
    const bytes = syntheticDataSet({ study, series: `${study}.1`, sop });
    const sink = ingest.begin(source, announced);
    sink.write(bytes);
    const { code } = await sink.finish();
    return { code, digest: sha256(encodeFileMeta(announced), bytes) };
  };
  const expiring: ExpiringIndex = {
    read: around(index.read.bind(index)) as ExpiringIndex['read'],
    write: around(index.write.bind(index)) as ExpiringIndex['write'],
    dropInstance: around((id: number) => index.dropInstance(id)),
    indexedObjects,
  };
  const expire = (now = 1000) => expireCopies({ ...common, index: expiring, objects: store, now });
  const isWhole = async (digest: string): Promise<boolean> => {
    const size = (await store.stat(digest))?.size ?? 0;
    return size > 0 && (await store.verify(digest, size)) === undefined;
  };
  const close = async (): Promise<void> => {
    ingest[Symbol.dispose]();
    await store.close(true);
    await dir[Symbol.asyncDispose]();
  };
  return { hook, index, send, expire, isWhole, close };
}

test.each(['expiry', 'reception'] as const)(
  'the same bytes sent again at any step of the %s: what is acknowledged has its row and its file',
  async (outer) => {
    const { hook, index, send, expire, isWhole, close } = await stepped();
    let expired = 0;
    for (let at = 1; ; at += 1) {
      const study = `1.2.3.${at}`;
      await index.write('studyCopyPut', copy(study, 1000));
      const { digest } = await send(study, 'ARCHIVE');
      const inner: Promise<unknown>[] = [];
      let steps = 0;
      hook.step = async () => {
        if ((steps += 1) !== at) return;
        // A reception may wait for the removal, never the other way round.
        inner.push(outer === 'expiry' ? send(study, 'CT1') : expire());
        await (outer === 'expiry' ? turns() : inner[0]);
      };
      const result: unknown = await (outer === 'expiry' ? expire() : send(study, 'CT1'));
      hook.step = () => undefined;
      const answers = (await Promise.all([result, ...inner])).filter((each) => typeof each === 'object');
      for (const answer of answers) expect(answer, `step ${at}`).toEqual({ code: 0, digest });
      if (inner.length > 0) {
        await expire(1000 + 2 * 86_400_000);
        const isNamed = (await index.indexedObjects([digest])).has(digest);
        // A sender that was told of the copy's own row loses nothing: these bytes are the archive's.
        expect(await isWhole(digest), `step ${at}`).toBe(isNamed);
        if (isNamed) expect(await index.read('studyCopyInstances', study).then((rows) => rows.length)).toBeLessThan(2);
        else expired += 1;
      }
      if (steps < at) break;
    }
    expect(expired).toBeGreaterThan(0);
    await close();
  },
);
