import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { errorCode } from '../core/errors.ts';
import type { DocumentRegister, RegisterResult } from './document-register.ts';
import { XML_LIMITS } from './xml-reader.ts';

export interface DocumentFile {
  readonly path: string;
  readonly size: number;
}

/** A file below the paths that could not be looked at. */
export interface UnreadableDocument {
  readonly path: string;
  readonly reason: string;
}

export interface DocumentImportCounts {
  readonly files: number;
  readonly new: number;
  readonly duplicate: number;
  readonly refused: number;
  /** In a folder and not named .xml. */
  readonly notXml: number;
}

export interface DocumentImportOptions {
  readonly register: Pick<DocumentRegister, 'add'>;
  readonly files: AsyncIterable<DocumentFile | UnreadableDocument>;
  /** Paths given by name are taken whatever they are called. */
  readonly named: ReadonlySet<string>;
  readonly source: string;
  readonly onFile: (path: string, counts: DocumentImportCounts, refusal: string | undefined) => void;
  readonly signal: AbortSignal;
}

/**
 * Registers every document of the files, in their order. One whose earlier version has not been seen yet is tried again behind the
 * others, since names of files say nothing about the order of versions. @throws StoreError, IndexError
 */
export async function importDocuments(options: DocumentImportOptions): Promise<DocumentImportCounts> {
  const counts = { files: 0, new: 0, duplicate: 0, refused: 0, notXml: 0 };
  const tell = (path: string, result: keyof typeof counts, refusal?: string): void => {
    counts.files += 1;
    counts[result] += 1;
    options.onFile(path, { ...counts }, refusal);
  };
  let early: DocumentFile[] = [];
  const take = async (file: DocumentFile, last: boolean): Promise<boolean> => {
    const result = await addFile(options, file);
    if (result.kind !== 'refused') tell(file.path, result.kind);
    else if (result.code === 'DOCUMENT_VERSION_MISSING' && !last) return false;
    else tell(file.path, 'refused', result.reason);
    return true;
  };

  for await (const file of options.files) {
    if (options.signal.aborted) return counts;
    if ('reason' in file) tell(file.path, 'refused', file.reason);
    else if (!options.named.has(file.path) && !/\.xml$/i.test(file.path)) tell(file.path, 'notXml');
    else if (!(await take(file, false))) early.push(file);
  }
  for (let before = early.length + 1; early.length > 0 && early.length < before;) {
    before = early.length;
    const still: DocumentFile[] = [];
    for (const file of early) if (!(await take(file, false))) still.push(file);
    early = still;
  }
  for (const file of early) await take(file, true);
  return counts;
}

async function addFile(
  { register, source }: DocumentImportOptions,
  { path, size }: DocumentFile,
): Promise<RegisterResult> {
  const refused = (code: string, reason: string): RegisterResult => ({ kind: 'refused', code, reason, faults: [] });
  if (size > XML_LIMITS.bytes) return refused('XML_TOO_LARGE', `it has more than ${XML_LIMITS.bytes} bytes`);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return refused('FILE_UNREADABLE', `the file cannot be read (${errorCode(error)})`);
  }
  return register.add(bytes, { name: source, uri: pathToFileURL(path).href });
}
