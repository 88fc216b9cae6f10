import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dataSetOf, encodeDataSet, sequence, text, uid } from '../dicom/data-set.ts';
import { encodeFileMeta } from '../dicom/file-meta.ts';
import type { FileMeta } from '../dicom/file-meta.ts';
import { UID } from '../dicom/uids.ts';
import { findFiles } from './find-files.ts';
import { importFiles } from './import-files.ts';
import type { ImportProgress, ImportResult } from './import-files.ts';
import { ImportJournal } from './import-journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kuva-import-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const META: FileMeta = {
  sopClassUid: UID.CTImageStorage,
  sopInstanceUid: '1.2.3',
  transferSyntaxUid: UID.ExplicitVRLittleEndian,
};

function dataSet(syntax: string = META.transferSyntaxUid): Buffer {
  return encodeDataSet(
    dataSetOf(
      uid(0x0008_0016, META.sopClassUid),
      uid(0x0008_0018, META.sopInstanceUid),
      uid(0x0020_000d, '1.2'),
      text(0x0010_0020, 'LO', 'A', ''),
    ),
    syntax,
  );
}

/** File meta information without (0002,0010), its group length left as it was. */
function withoutSyntax(): Buffer {
  const meta = encodeFileMeta(META);
  const at = meta.indexOf(Buffer.from([0x02, 0x00, 0x10, 0x00]));
  return Buffer.concat([meta.subarray(0, at), meta.subarray(at + 8 + meta.readUInt16LE(at + 6))]);
}

/** Stands for ingest: remembers what arrived. */
class Intake {
  readonly taken: { meta: FileMeta; bytes: Buffer }[] = [];
  readonly kind: ImportResult;

  constructor(kind: ImportResult = 'new') {
    this.kind = kind;
  }

  begin = (meta: FileMeta) => {
    const chunks: Buffer[] = [];
    return {
      write: (chunk: Buffer) => chunks.push(chunk) % 2 === 0,
      drained: async () => {},
      abort: () => {},
      finish: async () => {
        this.taken.push({ meta, bytes: Buffer.concat(chunks) });
        return this.kind === 'refused' ? { code: 0xc000, errorComment: 'no Study Instance UID' } : { code: 0 };
      },
      result: { kind: this.kind },
    };
  };
}

async function run(paths: readonly string[], intake: Intake, signal = new AbortController().signal) {
  await using journal = await ImportJournal.open(join(folder, 'journals'), paths);
  const progress: ImportProgress[] = [];
  const counts = await importFiles({
    paths,
    begin: intake.begin,
    journal,
    parallel: 2,
    onProgress: (step) => progress.push(step),
    signal,
  });
  return { counts, progress };
}

function put(name: string, content: Buffer): string {
  const path = join(folder, 'in', name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe('files as they are met', () => {
  const full = Buffer.concat([encodeFileMeta(META), dataSet()]);
  const part = encodeFileMeta(META).subarray(128);

  test.each([
    ['a Part 10 file', full, META],
    ['without preamble', Buffer.concat([part, dataSet()]), META],
    ['without preamble and prefix', Buffer.concat([part.subarray(4), dataSet()]), META],
    ['a bare data set, explicit', dataSet(), META],
    [
      'a bare data set, implicit',
      dataSet(UID.ImplicitVRLittleEndian),
      { ...META, transferSyntaxUid: UID.ImplicitVRLittleEndian },
    ],
    [
      'a bare data set, big endian',
      dataSet(UID.ExplicitVRBigEndian),
      { ...META, transferSyntaxUid: UID.ExplicitVRBigEndian },
    ],
    [
      'meta information with other UIDs',
      Buffer.concat([encodeFileMeta({ ...META, sopInstanceUid: '9.9' }), dataSet()]),
      META,
    ],
    ['meta information without transfer syntax', Buffer.concat([withoutSyntax(), dataSet()]), META],
    [
      'meta information without UIDs',
      Buffer.concat([encodeFileMeta({ ...META, sopClassUid: '', sopInstanceUid: '' }), dataSet()]),
      META,
    ],
  ])('%s: the data set goes in bit for bit', async (_, content, meta) => {
    const intake = new Intake();
    const { counts } = await run([put('a.dcm', content)], intake);
    expect(counts).toMatchObject({ files: 1, new: 1, refused: 0 });
    expect(intake.taken[0]?.meta).toEqual(meta);
    expect(intake.taken[0]?.bytes).toEqual(dataSet(meta.transferSyntaxUid));
  });

  test.each([
    ['an empty file', Buffer.alloc(0), 'the file is empty'],
    ['text', Buffer.from('Hello, this is a letter and no image at all.'), 'this is not a DICOM file'],
    [
      'a JPEG',
      Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(500)]),
      'this is not a DICOM file',
    ],
    ['zeros', Buffer.alloc(4096), 'this is not a DICOM file'],
    [
      'group 0008 and then noise',
      Buffer.concat([Buffer.from('08000500', 'hex'), Buffer.alloc(64, 0xff)]),
      'this is not a DICOM file',
    ],
  ])('%s is counted as not DICOM, and as refused under the name of an image', async (_, content, reason) => {
    const { counts, progress } = await run([put('x', content)], new Intake());
    expect(counts).toMatchObject({ files: 1, refused: 0, notDicom: 1, new: 0, bytes: 0 });
    expect(progress[0]?.reason).toContain(reason);
    expect((await run([put('x.DCM', content)], new Intake())).counts).toMatchObject({ refused: 1, notDicom: 0 });
  });

  test.each([
    ['a file cut within its meta information', full.subarray(0, 200), 'the file ends before its data set'],
    [
      'meta information without UIDs before a data set without UIDs',
      Buffer.concat([
        encodeFileMeta({ ...META, sopClassUid: '', sopInstanceUid: '' }),
        encodeDataSet(dataSetOf(text(0x0010_0020, 'LO', 'A', '')), META.transferSyntaxUid),
      ]),
      'it has no SOP Class UID',
    ],
    [
      'no transfer syntax before noise',
      Buffer.concat([withoutSyntax(), Buffer.alloc(64, 0xff)]),
      'names no transfer syntax',
    ],
  ])('%s is refused with the reason', async (_, content, reason) => {
    const { counts, progress } = await run([put('x', content)], new Intake());
    expect(counts).toMatchObject({ files: 1, refused: 1, notDicom: 0, new: 0 });
    expect(progress[0]?.reason).toContain(reason);
  });

  test('what ingest refuses is counted with its comment', async () => {
    const { counts, progress } = await run([put('a', full)], new Intake('refused'));
    expect(counts.refused).toBe(1);
    expect(progress[0]?.reason).toBe('no Study Instance UID (status C000)');
  });
});

describe('folders', () => {
  const content = Buffer.concat([encodeFileMeta(META), dataSet()]);

  test('recursively, without following links to folders, past unreadable ones', async () => {
    put('a/1', content);
    put('a/b/2', content);
    put('c', content);
    symlinkSync(join(folder, 'in'), join(folder, 'in', 'a', 'loop'));
    const intake = new Intake();
    const { counts } = await run([join(folder, 'in')], intake);
    expect(counts).toMatchObject({ files: 3, new: 3, bytes: 3 * content.length });
  });

  test('a second run passes over what is done and takes what changed', async () => {
    put('1', content);
    const second = put('2', content);
    const paths = [join(folder, 'in')];
    expect((await run(paths, new Intake())).counts).toMatchObject({ new: 2, skipped: 0 });
    writeFileSync(second, Buffer.concat([content, Buffer.alloc(2)]));
    const again = new Intake('duplicate');
    expect((await run(paths, again)).counts).toMatchObject({ skipped: 1, duplicate: 1 });
    expect(again.taken).toHaveLength(1);
  });

  test('what was refused is tried again', async () => {
    put('1', content);
    await run([join(folder, 'in')], new Intake('refused'));
    expect((await run([join(folder, 'in')], new Intake())).counts).toMatchObject({ new: 1, skipped: 0 });
  });

  test('an abort ends it after the files under way', async () => {
    for (let i = 0; i < 20; i += 1) put(String(i), content);
    const { counts } = await run([join(folder, 'in')], new Intake(), AbortSignal.abort());
    expect(counts.files).toBe(2);
  });

  test('a path that does not exist is named', async () => {
    await expect(run([join(folder, 'nowhere')], new Intake())).rejects.toThrow(/nowhere cannot be read \(ENOENT\)/);
  });
});

describe('DICOMDIR', () => {
  function dicomdir(...fileIds: string[]): Buffer {
    const records = fileIds.map((id) => dataSetOf(text(0x0004_1500, 'CS', id, '')));
    return Buffer.concat([
      encodeFileMeta({ ...META, sopClassUid: UID.MediaStorageDirectoryStorage }),
      encodeDataSet(dataSetOf(sequence(0x0004_1220, records)), META.transferSyntaxUid),
    ]);
  }

  test('named itself, it stands for its files, also on media mounted in lower case', async () => {
    put('IMG/1', Buffer.from('1'));
    put('img2/x', Buffer.from('22'));
    put('other', Buffer.from('333'));
    const path = put('DICOMDIR', dicomdir('IMG\\1', 'IMG2\\X', 'IMG\\GONE', '..\\..\\etc\\passwd', '', 'a/b'));
    const found = await allOf(findFiles([path]));
    expect(found.map((file) => ('reason' in file ? file.reason : file.path.slice(folder.length)))).toEqual([
      '/in/IMG/1',
      '/in/img2/x',
      'the file cannot be read (ENOENT)',
    ]);
  });

  test('below a folder it is passed over', async () => {
    put('DICOMDIR', dicomdir('A'));
    put('A', Buffer.from('1'));
    expect(await allOf(findFiles([join(folder, 'in')]))).toHaveLength(1);
  });

  test('under another name it is known by its SOP class', async () => {
    put('IMG/1', Buffer.concat([encodeFileMeta(META), dataSet()]));
    const path = put('DICOMDIR-implicit', dicomdir('IMG\\1'));
    expect(await allOf(findFiles([path]))).toMatchObject([{ path: join(folder, 'in', 'IMG', '1') }]);
    expect((await run([join(folder, 'in')], new Intake())).counts).toMatchObject({ files: 1, new: 1, refused: 0 });
  });

  test('a broken one is named', async () => {
    const path = put('DICOMDIR', Buffer.from('nonsense'));
    await expect(allOf(findFiles([path]))).rejects.toThrow(/DICOMDIR cannot be read/);
  });
});

test('the journal holds no file names', async () => {
  const path = put('VIRTANEN^MAIJA.dcm', Buffer.concat([encodeFileMeta(META), dataSet()]));
  await run([path], new Intake());
  const [name = ''] = readdirSync(join(folder, 'journals'));
  const journal = readFileSync(join(folder, 'journals', name), 'utf8');
  expect(journal).toMatch(/^[\w-]{43}\n$/);
  expect(name).not.toContain('VIRTANEN');
});

async function allOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}
