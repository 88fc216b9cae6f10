import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { explicitDataSet, pixelData } from '../test/support/data-set-bytes.ts';
import { gate, hookedFs, systemError } from '../test/support/hooked-fs.ts';
import type { FsHook } from '../test/support/hooked-fs.ts';
import { filesBelow, objectFile, openStore, sha256 } from '../test/support/store-tree.ts';
import { tempDir } from '../test/support/temp-dir.ts';
import type { TempDir } from '../test/support/temp-dir.ts';
import { KuvaError } from './core/errors.ts';
import { encodeFileMeta } from './dicom/file-meta.ts';
import { UID } from './dicom/uids.ts';
import { createIngest } from './ingest.ts';
import { NO_REJECTIONS } from './ingest/note-collector.ts';
import type { Ingest } from './ingest.ts';
import type { IngestSink } from './ingest/ingest-types.ts';
import type { AddResult, NewInstance } from './index/index-types.ts';
import type { ObjectStore } from './store/object-store.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const announced = { sopClassUid: CT, sopInstanceUid: '1.2.3.4', transferSyntaxUid: UID.ExplicitVRLittleEndian };
const source = { callingAET: 'CT1', organisation: 'HUS', address: '127.0.0.1', associationId: 7 };
const IDENTITY = [
  [0x00080016, 'UI', CT],
  [0x00080018, 'UI', '1.2.3.4'],
  [0x00100020, 'LO', '010190-123A'],
  [0x0020000d, 'UI', '1.2.3'],
  [0x0020000e, 'UI', '1.2.3.1'],
] as const;
const dataSet = (elements: readonly (readonly [number, string, string])[] = IDENTITY): Buffer =>
  Buffer.concat([explicitDataSet(elements), pixelData(randomBytes(2000))]);
const without = (tag: number) => IDENTITY.filter(([found]) => found !== tag);

let dir: TempDir;
let store: ObjectStore;
let ingest: Ingest;
let hook: FsHook;
const indexed = new Set<string>();
let addInstance: ReturnType<typeof vi.fn<(row: NewInstance) => Promise<AddResult>>>;
const markDurable = vi.fn<(instanceId: number) => void>();
const ingested = vi.fn<(facts: unknown) => void>();
const onFatal = vi.fn<(error: Error) => void>();

beforeEach(async () => {
  dir = await tempDir();
  hook = () => undefined;
  indexed.clear();
  for (const mock of [markDurable, ingested, onFatal]) mock.mockReset();
  addInstance = vi.fn<(row: NewInstance) => Promise<AddResult>>().mockResolvedValue({ kind: 'new', instanceId: 42 });
  store = await openStore(dir.path, { fs: hookedFs((operation, argument) => hook(operation, argument)), onFatal });
  const index = {
    addInstance: (row: NewInstance) => addInstance(row),
    markDurable,
    indexedObjects: async (names: readonly string[]) => new Set(names.filter((name) => indexed.has(name))),
  };
  ingest = createIngest({
    store,
    index,
    events: { ingested, unindexed: () => undefined, indexedLater: () => undefined },
    rejections: NO_REJECTIONS,
    onFatal,
    clock: () => Date.UTC(2026, 10, 22),
    now: () => 0,
  });
});
afterEach(async () => {
  ingest[Symbol.dispose]();
  await store.close(false);
  await dir[Symbol.asyncDispose]();
});

async function send(
  bytes: Buffer,
  cut = bytes.length,
): Promise<{ status: Awaited<ReturnType<IngestSink['finish']>>; sink: IngestSink }> {
  const sink = ingest.begin(source, announced);
  for (let at = 0; at < bytes.length; at += cut) {
    if (!sink.write(bytes.subarray(at, at + cut))) await sink.drained();
  }
  return { status: await sink.finish(), sink };
}
const kept = (): string[] => filesBelow(dir.path).filter((path) => path !== 'unclean');

test.each([1, 7, 1_000_000])(
  'keeps the bytes behind our file meta information and indexes the header, cut at %i',
  async (cut) => {
    const bytes = dataSet();
    const file = Buffer.concat([encodeFileMeta(announced), bytes]);
    const { status, sink } = await send(bytes, cut);
    expect(status).toEqual({ code: 0 });
    const name = sha256(file);
    expect(kept()).toEqual([objectFile(name)]);
    expect(readFileSync(dir.file(objectFile(name)))).toEqual(file);
    expect(sink.result).toEqual({ kind: 'new', sha256: name, size: file.length, instanceId: 42 });
    expect(addInstance.mock.calls).toMatchObject([
      [{ ...announced, sha256: name, size: file.length, callingAET: 'CT1', organisation: 'HUS' }],
    ]);
    expect(addInstance.mock.calls[0]![0].header.attributes).toMatchObject({
      StudyInstanceUID: '1.2.3',
      PatientID: '010190-123A',
    });
    expect(markDurable.mock.calls).toEqual([[42]]);
    expect(ingested.mock.calls).toMatchObject([[{ result: 'new', associationId: 7, bytes: file.length }]]);
  },
);

describe('success is answered only after', () => {
  test.each(['fdatasync', 'fsync', 'the index'])('%s has returned', async (last) => {
    const { reached, wait, open } = gate();
    if (last === 'the index') {
      addInstance.mockImplementation(async () => {
        await wait();
        return { kind: 'new', instanceId: 1 };
      });
    } else {
      hook = (operation) => (operation === last ? wait() : undefined);
    }
    let answered = false;
    const sending = send(dataSet()).then((result) => {
      answered = true;
      return result;
    });
    await reached;
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    expect(answered).toBe(false);
    open();
    expect((await sending).status.code).toBe(0);
  });
});

test.each(['duplicate', 'conflict'] as const)('a %s is a success, and said so in the result', async (kind) => {
  addInstance.mockResolvedValue({ kind, instanceId: 5 });
  const { status, sink } = await send(dataSet());
  expect(status.code).toBe(0);
  expect(sink.result.kind).toBe(kind);
  expect(ingested.mock.calls).toMatchObject([[{ result: kind }]]);
});

test('a missing Patient ID is no reason to refuse', async () => {
  expect((await send(dataSet(without(0x00100020)))).status.code).toBe(0);
});

test.each([
  ['SOP Class UID', 0x00080016, '1.2.840.10008.5.1.4.1.1.4'],
  ['SOP Instance UID', 0x00080018, '1.2.3.5'],
])('a header with another %s than the command is A900, and leaves nothing', async (name, tag, other) => {
  const { status, sink } = await send(
    dataSet(IDENTITY.map((element) => (element[0] === tag ? ([tag, 'UI', other] as const) : element))),
  );
  expect(status).toEqual({
    code: 0xa900,
    errorComment: `${name} differs between command and data set`,
    offendingElement: [tag],
  });
  expect(sink.result).toMatchObject({ kind: 'refused', code: 'DATA_SET_MISMATCH', quarantined: null });
  expect(kept()).toEqual([]);
  expect(addInstance).not.toHaveBeenCalled();
});

test.each([
  ['without Study Instance UID', () => dataSet(without(0x0020000d)), 0x0020000d],
  ['without Series Instance UID', () => dataSet(without(0x0020000e)), 0x0020000e],
  ['without SOP Instance UID', () => dataSet(without(0x00080018)), 0x00080018],
  ['that is noise', () => Buffer.from('\x08\0\x05\0ZZ this is no data set at all', 'latin1'), undefined],
  ['that is empty', () => Buffer.alloc(0), undefined],
])('a data set %s is C000, and its bytes are set aside', async (_, make, tag) => {
  const bytes = make();
  const { status, sink } = await send(bytes);
  expect(status.code).toBe(0xc000);
  expect(status.errorComment!.length).toBeLessThanOrEqual(64);
  if (tag !== undefined) expect(status.offendingElement).toEqual([tag]);
  const name = sha256(encodeFileMeta(announced), bytes);
  expect(kept()).toEqual([`quarantine/2026/${name}.dcm`, `quarantine/2026/${name}.json`]);
  expect(sink.result).toMatchObject({ kind: 'refused', quarantined: expect.stringContaining(name) as string });
  expect(await store.quarantine.show(name)).toMatchObject({ facts: { callingAET: 'CT1', sopInstanceUid: '1.2.3.4' } });
  expect(readFileSync(dir.file(`quarantine/2026/${name}.json`), 'utf8')).not.toContain('010190');
});

test.each([
  ['ENOSPC', 'Disk full: free space on the archive, then send again'],
  ['EROFS', 'Storage is mounted read-only: call the archive administrator'],
  ['EACCES', 'Storage may not be written: call the archive administrator'],
  ['EMFILE', 'Too many open files at the archive: send again later'],
])('%s is A700 with words for the administrator, and the next object is kept', async (code, errorComment) => {
  hook = (operation, path) => {
    if (operation === 'open' && String(path).endsWith('.dcm')) throw systemError(code);
  };
  const { status, sink } = await send(dataSet());
  expect(status).toEqual({ code: 0xa700, errorComment });
  expect(sink.result.kind).toBe('refused');
  expect(kept()).toEqual([]);
  hook = () => undefined;
  expect((await send(dataSet())).status.code).toBe(0);
});

test('bytes that can neither be understood nor set aside are A700, so that the sender keeps them', async () => {
  hook = (operation) => {
    if (operation === 'writeAll') throw systemError('ENOSPC');
  };
  const { status, sink } = await send(dataSet(without(0x0020000d)));
  expect(status.code).toBe(0xa700);
  expect(sink.result).toMatchObject({ kind: 'refused', code: 'STORE_DISK_FULL', quarantined: null });
});

test('a failed sync is never a success', async () => {
  hook = (operation) => {
    if (operation === 'fdatasync') throw systemError('EIO');
  };
  expect((await send(dataSet())).status.code).toBe(0xa700);
  expect(onFatal).toHaveBeenCalledTimes(1);
  expect(markDurable).not.toHaveBeenCalled();
});

test.each([
  ['INDEX_FULL', 0xa700, false],
  ['INDEX_BUSY', 0xa700, false],
  ['INDEX_FATAL', 0xa700, true],
  ['INDEX_FAILED', 0x0110, false],
  ['SOMETHING_ELSE', 0x0110, false],
])('an index that answers %s', async (code, expected, fatal) => {
  addInstance.mockRejectedValue(new KuvaError(code, 'x'));
  const { status } = await send(dataSet());
  expect(status.code).toBe(expected);
  expect(onFatal).toHaveBeenCalledTimes(fatal ? 1 : 0);
  addInstance.mockResolvedValue({ kind: 'new', instanceId: 1 });
});

test('an object that the index cannot take is C000, and set aside', async () => {
  addInstance.mockRejectedValue(new KuvaError('INDEX_ROW_REJECTED', 'x'));
  const { status, sink } = await send(dataSet());
  expect(status.code).toBe(0xc000);
  expect(kept()).toHaveLength(2);
  expect(kept().every((path) => path.startsWith('quarantine/'))).toBe(true);
  expect(sink.result).toMatchObject({ code: 'INDEX_ROW_REJECTED', quarantined: expect.any(String) as string });
});

test.each(['was there before', 'is named by a row'])(
  'an object that the index cannot take stays in the tree when it %s',
  async (why) => {
    const bytes = dataSet();
    const name = sha256(encodeFileMeta(announced), bytes);
    if (why === 'was there before') await send(bytes);
    else indexed.add(name);
    addInstance.mockRejectedValue(new KuvaError('INDEX_ROW_REJECTED', 'x'));
    const { status, sink } = await send(bytes);
    expect(status.code).toBe(0xc000);
    expect(sink.result).toMatchObject({ code: 'INDEX_ROW_REJECTED', quarantined: null });
    expect(kept()).toEqual([objectFile(name)]);
  },
);

test('a sender that leaves half-way leaves nothing', async () => {
  const sink = ingest.begin(source, announced);
  sink.write(dataSet().subarray(0, 100));
  sink.abort(new Error('gone'));
  expect(sink.result).toMatchObject({ kind: 'refused', code: 'UNFINISHED' });
  expect(kept()).toEqual([]);
  expect(store.bufferedBytes).toBe(0);
});
