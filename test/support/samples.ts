import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parsePart10 } from './part10.ts';

/** One of python3-pydicom's sample files and what its own file meta says. */
export interface Sample {
  readonly path: string;
  /** path below the data directory, for test names */
  readonly name: string;
  readonly size: number;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
}

let found: string | undefined | null = null;

/** pydicom's data directory (`test_files`, `charset_files`, `palettes`), undefined when it is not installed. */
export function sampleDir(): string | undefined {
  if (found === null) found = fromDpkg() ?? fromPython();
  return found;
}

function fromDpkg(): string | undefined {
  try {
    const files = execFileSync('dpkg', ['-L', 'python3-pydicom'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const dir = files.split('\n').find((line) => line.endsWith('/pydicom/data'));
    return dir !== undefined && existsSync(join(dir, 'test_files')) ? dir : undefined;
  } catch {
    return undefined;
  }
}

function fromPython(): string | undefined {
  try {
    const init = execFileSync('python3', ['-c', 'import pydicom; print(pydicom.__file__)'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const dir = join(dirname(init.trim()), 'data');
    return existsSync(join(dir, 'test_files')) ? dir : undefined;
  } catch {
    return undefined;
  }
}

/** The path of one sample below the data directory, e.g. `samplePath('test_files/CT_small.dcm')`. */
export function samplePath(name: string): string {
  const dir = sampleDir();
  if (dir === undefined) throw new Error('python3-pydicom is not installed: apt-get install python3-pydicom');
  return join(dir, name);
}

/** Every DICOM file of the package that has file meta and is no DICOMDIR, sorted by name. */
export function samples(): Sample[] {
  const dir = sampleDir();
  if (dir === undefined) return [];
  const list: Sample[] = [];
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const file = readFileSync(path);
    const meta = parsePart10(file);
    if (meta === undefined || meta.sopClassUid === MEDIA_DIRECTORY || meta.transferSyntaxUid === '') continue;
    const { sopClassUid, sopInstanceUid, transferSyntaxUid } = meta;
    list.push({ path, name: relative(dir, path), size: file.length, sopClassUid, sopInstanceUid, transferSyntaxUid });
  }
  return list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const MEDIA_DIRECTORY = '1.2.840.10008.1.3.10';

/**
 * Splits samples so that no SOP Instance UID appears twice in a round: the package holds the same image in many
 * syntaxes under one UID, and an archive serves the first of them only.
 */
export function rounds(
  list: readonly Sample[],
  uidOf: (sample: Sample) => string = (s) => s.sopInstanceUid,
): Sample[][] {
  const result: { uids: Set<string>; files: Sample[] }[] = [];
  for (const sample of list) {
    const uid = uidOf(sample);
    let round = result.find((r) => !r.uids.has(uid));
    if (round === undefined) result.push((round = { uids: new Set(), files: [] }));
    round.uids.add(uid);
    round.files.push(sample);
  }
  return result.map((r) => r.files);
}
