import type { StoreError } from '../store/store-errors.ts';
import type { TreeFile } from '../store/tree-walk.ts';

/** Port: the index. */
export interface VerifiedRegister {
  read(operation: 'documentFiles', after: string, limit: number): Promise<{ sha256: string; size: number }[]>;
  read(operation: 'documentFilesKnown', sha256: readonly string[]): Promise<string[]>;
}

/** Port: the tree of documents. */
export interface VerifiedDocuments {
  verify(sha256: string, size: number): Promise<StoreError | undefined>;
  files(): AsyncIterable<readonly TreeFile[]>;
}

interface DocumentVerifyCounts {
  readonly documents: number;
  readonly damaged: number;
  /** Files that no row names: left by a crash between file and row. */
  readonly unregistered: number;
}

export interface DocumentVerifyOptions {
  readonly register: VerifiedRegister;
  readonly documents: VerifiedDocuments;
  /** DOCUMENT_MISSING, DOCUMENT_CORRUPT, DOCUMENT_UNREADABLE or DOCUMENT_UNREGISTERED. */
  readonly onDamage: (code: string, sha256: string) => void;
  readonly signal: AbortSignal;
}

const PAGE = 500;

/** Reads every care document that the register names and compares its SHA-256, then looks for files that it does not name. */
export async function verifyDocuments({
  register,
  documents,
  onDamage,
  signal,
}: DocumentVerifyOptions): Promise<DocumentVerifyCounts> {
  const counts = { documents: 0, damaged: 0, unregistered: 0 };
  for (let after = ''; ;) {
    const page = await register.read('documentFiles', after, PAGE);
    for (const { sha256, size } of page) {
      signal.throwIfAborted();
      counts.documents += 1;
      const code = await faultOf(documents, sha256, size);
      if (code === undefined) continue;
      counts.damaged += 1;
      onDamage(code, sha256);
    }
    after = page.at(-1)?.sha256 ?? '';
    if (page.length < PAGE) break;
  }
  for await (const batch of documents.files()) {
    const known = new Set(
      await register.read(
        'documentFilesKnown',
        batch.flatMap(({ sha256 }) => sha256 ?? []),
      ),
    );
    for (const { sha256, path } of batch) {
      if (sha256 !== undefined && known.has(sha256)) continue;
      counts.unregistered += 1;
      onDamage('DOCUMENT_UNREGISTERED', sha256 ?? path);
    }
    signal.throwIfAborted();
  }
  return counts;
}

async function faultOf(documents: VerifiedDocuments, sha256: string, size: number): Promise<string | undefined> {
  try {
    return (await documents.verify(sha256, size))?.code.replace('OBJECT_', 'DOCUMENT_');
  } catch {
    return 'DOCUMENT_UNREADABLE';
  }
}
