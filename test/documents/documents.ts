import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_PROFILE, shippedFile } from '../../src/config/shipped-files.ts';
import { sampleCda } from '../../src/documents/sample/sample-cda.ts';
import type { SampleDocument } from '../../src/documents/sample/sample-cda.ts';
import { sampleSet } from '../../src/documents/sample/sample-set.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const SET = sampleSet().map(({ document }) => document);

/** Request, entry, statement and its second version of the first made-up person. */
export const [REQUEST, ENTRY, STATEMENT, SECOND_STATEMENT] = SET as [
  SampleDocument,
  SampleDocument,
  SampleDocument,
  SampleDocument,
];

export function cda(document: SampleDocument, changes: Partial<SampleDocument> = {}): string {
  return sampleCda({ ...document, ...changes }, PROFILE);
}

/** Writes texts as files of a folder. @returns their paths */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string[] {
  mkdirSync(folder, { recursive: true });
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
}
