import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readFileMeta } from '../../src/dicom/file-meta.ts';
import { canRecode, recode } from '../../src/dicom/recode.ts';
import { UID } from '../../src/dicom/uids.ts';
import { sampleDataSets } from './sample-data-sets.ts';

const dir = mkdtempSync(join(tmpdir(), 'recode-'));
afterAll(() => rmSync(dir, { recursive: true }));

const OPTIONS: Readonly<Record<string, string>> = {
  [UID.ImplicitVRLittleEndian]: '+ti',
  [UID.ExplicitVRLittleEndian]: '+te',
  [UID.ExplicitVRBigEndian]: '+tb',
  [UID.DeflatedExplicitVRLittleEndian]: '+td',
};

/** The data set as dcmconv re-encodes it, without group lengths and with sequences of undefined length as ours. */
function byDcmtk(path: string, to: string): Buffer {
  const target = join(dir, 'reference.dcm');
  try {
    execFileSync('dcmconv', [OPTIONS[to]!, '-g', '-e', '--padding-retain', path, target], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    if (code === 'ENOENT') throw new Error('dcmconv is not installed: apt-get install dcmtk', { cause: error });
    throw new Error(String(stderr), { cause: error });
  }
  const file = readFileSync(target);
  return file.subarray(readFileMeta(file).dataSetOffset);
}

async function ours(dataSet: Buffer, from: string, to: string): Promise<Buffer> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < dataSet.length; at += 5000) yield dataSet.subarray(at, at + 5000);
  }
  const parts: Buffer[] = [];
  for await (const part of recode(chunks(), from, to)) parts.push(part);
  return Buffer.concat(parts);
}

const inflated = (dataSet: Buffer, syntax: string): Buffer =>
  syntax === UID.DeflatedExplicitVRLittleEndian ? inflateRawSync(dataSet) : dataSet;

// Directories of fifty alike images add time and nothing else.
const cases = sampleDataSets()
  .filter(
    ({ name, transferSyntaxUid }) =>
      !/truncated|dicomdirtests|palettes/.test(name) && canRecode(transferSyntaxUid, UID.ImplicitVRLittleEndian),
  )
  .flatMap((sample) => Object.keys(OPTIONS).map((to) => ({ ...sample, to })))
  .filter(({ transferSyntaxUid, to }) => transferSyntaxUid !== to);
// Explicit little endian is only deflated or inflated, not re-encoded: there the bytes are the sender's.
const onlyDeflated = (from: string, to: string): boolean =>
  [from, to].every((uid) => uid === UID.ExplicitVRLittleEndian || uid === UID.DeflatedExplicitVRLittleEndian);

describe('byte for byte what dcmconv makes', () => {
  it.each(cases.filter(({ transferSyntaxUid, to }) => !onlyDeflated(transferSyntaxUid, to)))(
    '$name to $to',
    async ({ path, dataSet, transferSyntaxUid, to }) => {
      expect(inflated(await ours(dataSet, transferSyntaxUid, to), to).equals(inflated(byDcmtk(path, to), to))).toBe(
        true,
      );
    },
  );
});

describe('bytes as they were, deflated or inflated', () => {
  it.each(cases.filter(({ transferSyntaxUid, to }) => onlyDeflated(transferSyntaxUid, to)))(
    '$name to $to',
    async ({ dataSet, transferSyntaxUid, to }) => {
      expect(
        inflated(await ours(dataSet, transferSyntaxUid, to), to).equals(inflated(dataSet, transferSyntaxUid)),
      ).toBe(true);
    },
  );
});

it('has enough cases to mean something', () => {
  expect(cases.length).toBeGreaterThan(100);
});
