import { toError } from './core/errors.ts';
import type { DropResult, Suspect } from './index/index-types.ts';
import type { ObjectStore } from './store/object-store.ts';
import { inParallel } from './store/in-parallel.ts';
import type { TreeFile } from './store/tree-walk.ts';

/** Port: the index, as recovery needs it. */
export interface RecoveryIndex {
  /** Instances and kept conflicts whose file was not known to be on the disk when the process ended. */
  suspects(): Promise<readonly Suspect[]>;
  dropInstance(instanceId: number): Promise<DropResult>;
  markDurable(instanceId: number): void;
  /** Those of the given objects that a row names. */
  indexedObjects(sha256: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface RecoveryOptions {
  readonly store: Pick<
    ObjectStore,
    'strayableSince' | 'confirm' | 'stat' | 'setAside' | 'remove' | 'files' | 'recovered'
  >;
  readonly index: RecoveryIndex;
  /** Indexes bytes that were kept as a conflict of an instance that had to be dropped. */
  readonly adopt: (sha256: string, size: number) => Promise<unknown>;
  /** More strays than this were not left by one crash: the index does not belong to this tree, and nothing is removed. */
  readonly maxStrays?: number;
}

export interface RecoveryReport {
  readonly verified: number;
  /** Rows whose file was missing or torn: dropped. None of them had been acknowledged, unless the disk lost what it had confirmed. */
  readonly dropped: readonly {
    readonly instanceId: number;
    readonly sha256: string;
    readonly code: string;
    readonly setAside: string | null;
  }[];
  readonly strays: number;
  /** Strays were found and left: `kuva reindex` takes them in. */
  readonly straysLeft: boolean;
  readonly adopted: number;
}

const AT_ONCE = 8;
// Far more than associations that can have been storing at once, and imports beside them.
const MAX_STRAYS = 4096;

/**
 * Brings tree and index together before the first association is let in. After an orderly stop both sides say that there is nothing to
 * do. After a crash: each suspect is read and made durable, or dropped, its damaged file going to the quarantine; files without a
 * row are removed from directories that changed since the store's mark (rows are committed after the file has its name, so a file
 * without one was never acknowledged).
 */
export async function recover(options: RecoveryOptions): Promise<RecoveryReport> {
  const { verified, dropped, adopted } = await settleSuspects(options);
  const strays = await findStrays(options);
  const straysLeft = strays.length > (options.maxStrays ?? MAX_STRAYS);
  if (!straysLeft) {
    for (const sha256 of strays) await options.store.remove(sha256);
  }
  if (!straysLeft) await options.store.recovered();
  return { verified, dropped, strays: strays.length, straysLeft, adopted };
}

async function settleSuspects({ store, index, adopt }: RecoveryOptions) {
  const dropped: RecoveryReport['dropped'][number][] = [];
  const orphans: DropResult['orphans'][number][] = [];
  let verified = 0;
  await inParallel(AT_ONCE, await index.suspects(), async ({ instanceId, sha256, size }) => {
    const fault = await store.confirm(sha256, size);
    if (fault === undefined) {
      index.markDurable(instanceId);
      verified += 1;
      return;
    }
    // The row first: a crash in between leaves a file without a row, which is a stray, and not a row without a file.
    orphans.push(...(await index.dropInstance(instanceId)).orphans);
    dropped.push({ instanceId, sha256, code: fault.code, setAside: await discard(store, sha256, fault) });
  });
  for (const { sha256, size } of orphans) await adopt(sha256, size);
  return { verified, dropped, adopted: orphans.length };
}

async function discard(
  store: RecoveryOptions['store'],
  sha256: string,
  fault: Error & { code: string },
): Promise<string | null> {
  const found = await store.stat(sha256);
  if (found === undefined) return null;
  if (found.size > 0)
    return store.setAside(sha256, { code: fault.code, text: toError(fault).message, facts: { foundBy: 'recovery' } });
  await store.remove(sha256);
  return null;
}

async function findStrays({ store, index }: RecoveryOptions): Promise<string[]> {
  const { strayableSince } = store;
  if (strayableSince === undefined) return [];
  const strays: string[] = [];
  for await (const files of store.files(strayableSince)) {
    const names = objectsAmong(files);
    const known = await index.indexedObjects(names);
    strays.push(...names.filter((sha256) => !known.has(sha256)));
  }
  return strays;
}

// Whatever else lies in the tree is not ours, and not ours to remove.
function objectsAmong(files: readonly TreeFile[]): string[] {
  return files.flatMap(({ sha256 }) => (sha256 === undefined ? [] : [sha256]));
}
