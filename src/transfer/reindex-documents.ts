import type { DocumentRegister, RegisterResult } from '../documents/document-register.ts';
import { toError } from '../core/errors.ts';
import type { TreeFile } from '../store/tree-walk.ts';

/** Port: the index. */
export interface ReindexedRegister {
  read(operation: 'documentFilesKnown', sha256: readonly string[]): Promise<string[]>;
}

/** Port: the tree of documents. */
export interface ReindexedDocuments {
  files(): AsyncIterable<readonly TreeFile[]>;
  read(sha256: string): Promise<Buffer>;
}

export interface DocumentReindexCounts {
  readonly registered: number;
  /** Kept and not registered: they were refused before, or are damaged. */
  readonly left: number;
}

type Found = TreeFile & { readonly sha256: string };

/**
 * Registers documents of the tree that no row names, in the order in which they were kept: after the database was lost, or after a
 * crash between file and row. Links made by hand and invalidations without a document are lost with the database.
 */
export async function reindexDocuments(
  index: ReindexedRegister,
  documents: ReindexedDocuments,
  register: Pick<DocumentRegister, 'add'>,
  onFault: (path: string, reason: string) => void,
): Promise<DocumentReindexCounts> {
  const found: Found[] = [];
  for await (const batch of documents.files()) {
    const named = batch.flatMap(({ sha256, ...file }) => (sha256 === undefined ? [] : [{ sha256, ...file }]));
    const known = new Set(
      await index.read(
        'documentFilesKnown',
        named.map(({ sha256 }) => sha256),
      ),
    );
    found.push(...named.filter(({ sha256 }) => !known.has(sha256)));
  }
  let registered = 0;
  let left = found.toSorted((a, b) => a.mtimeMs - b.mtimeMs);
  // Times of files are coarse: a version may stand before the one that it replaces.
  for (let before = left.length + 1; left.length > 0 && left.length < before;) {
    before = left.length;
    const still: Found[] = [];
    for (const file of left) {
      const reason = await addFile(documents, register, file);
      if (reason === undefined) registered += 1;
      else still.push(file);
    }
    left = still;
  }
  for (const file of left) onFault(file.path, (await addFile(documents, register, file)) ?? 'registered');
  return { registered, left: left.length };
}

/** @returns why not */
async function addFile(
  documents: ReindexedDocuments,
  register: Pick<DocumentRegister, 'add'>,
  { sha256 }: Found,
): Promise<string | undefined> {
  let result: RegisterResult;
  try {
    result = await register.add(await documents.read(sha256), { name: 'REINDEX', uri: '' });
  } catch (error) {
    return toError(error).message;
  }
  return result.kind === 'refused' ? result.reason : undefined;
}
