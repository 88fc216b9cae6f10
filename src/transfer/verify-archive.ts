import type {
  ConflictRow,
  InstanceRef,
  InstanceSelection,
  StudyListQuery,
  StudySummary,
} from '../index/index-types.ts';
import type { StoreError } from '../store/store-errors.ts';
import type { TreeFile, Unreadable } from '../store/tree-walk.ts';

/** Port: the index. */
export interface VerifiedIndex {
  listStudies(query: StudyListQuery): Promise<StudySummary[]>;
  selectInstances(selection: InstanceSelection, signal: AbortSignal): AsyncIterable<readonly InstanceRef[]>;
  listConflicts(limit: number, beforeId?: number): Promise<ConflictRow[]>;
  indexedObjects(sha256: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Port: the object tree. */
export interface VerifiedObjects {
  verify(
    sha256: string,
    size: number,
    onBytes: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<StoreError | undefined>;
  files(unreadable: Unreadable): AsyncIterable<readonly TreeFile[]>;
}

export interface Damage {
  /** OBJECT_MISSING, OBJECT_CORRUPT, OBJECT_UNREADABLE, OBJECT_UNINDEXED or TREE_UNREADABLE. */
  readonly code: string;
  /** Or the path, of what is no object or could not be looked at. */
  readonly sha256: string;
  readonly sopInstanceUid: string | null;
  readonly studyInstanceUid: string | null;
}

export interface VerifyCounts {
  readonly objects: number;
  readonly bytes: number;
  readonly damaged: number;
  /** Files given up because an archive has them: not looked for. */
  readonly evicted: number;
  /** Files that no row names: harmless; whole ones are indexed by the next recovery or reindex. */
  readonly unindexed: number;
}

export interface VerifyOptions {
  readonly index: VerifiedIndex;
  readonly objects: VerifiedObjects;
  /** One study alone; the tree is not searched for unindexed files then. */
  readonly studyUid: string | undefined;
  readonly onBytes: (bytes: number) => void;
  readonly onDamage: (damage: Damage) => void;
  readonly signal: AbortSignal;
}

const PAGE = 500;

/** Reads every object that the index names and compares size and SHA-256, then looks for files that it does not name. */
export async function verifyArchive(options: VerifyOptions): Promise<VerifyCounts> {
  const counts = { objects: 0, bytes: 0, damaged: 0, evicted: 0, unindexed: 0 };
  const check = async (
    sha256: string,
    size: number,
    of: Pick<Damage, 'sopInstanceUid' | 'studyInstanceUid'>,
  ): Promise<void> => {
    counts.objects += 1;
    counts.bytes += size;
    const code = await faultOf(options, sha256, size);
    if (code !== undefined) {
      counts.damaged += 1;
      options.onDamage({ code, sha256, ...of });
    }
  };
  for await (const instance of instances(options)) {
    if (instance.evictedTo !== undefined) counts.evicted += 1;
    else await check(instance.sha256, instance.size, instance);
  }
  if (options.studyUid !== undefined) {
    return counts;
  }
  for await (const conflict of conflicts(options)) {
    await check(conflict.sha256, conflict.size, conflict);
  }
  const unreadable = (path: string): void => {
    counts.damaged += 1;
    options.onDamage({ code: 'TREE_UNREADABLE', sha256: path, sopInstanceUid: null, studyInstanceUid: null });
  };
  for await (const batch of options.objects.files(unreadable)) {
    const known = await options.index.indexedObjects(batch.flatMap(({ sha256 }) => sha256 ?? []));
    for (const { sha256, path } of batch) {
      if (sha256 === undefined || !known.has(sha256)) {
        counts.unindexed += 1;
        options.onDamage({
          code: 'OBJECT_UNINDEXED',
          sha256: sha256 ?? path,
          sopInstanceUid: null,
          studyInstanceUid: null,
        });
      }
    }
    options.signal.throwIfAborted();
  }
  return counts;
}

async function faultOf(options: VerifyOptions, sha256: string, size: number): Promise<string | undefined> {
  try {
    return (await options.objects.verify(sha256, size, options.onBytes, options.signal))?.code;
  } catch (error) {
    options.signal.throwIfAborted();
    return error instanceof Error ? 'OBJECT_UNREADABLE' : undefined;
  }
}

async function* instances(options: VerifyOptions): AsyncGenerator<InstanceRef> {
  for await (const studyUids of studyPages(options)) {
    for await (const batch of options.index.selectInstances({ level: 'STUDY', studyUids }, options.signal))
      yield* batch;
  }
}

async function* studyPages({ index, studyUid }: VerifyOptions): AsyncGenerator<string[]> {
  if (studyUid !== undefined) {
    yield [studyUid];
    return;
  }
  for (let before: string | undefined; ;) {
    const page = await index.listStudies({ limit: PAGE, ...(before === undefined ? {} : { before }) });
    if (page.length > 0) yield page.map((study) => study.studyInstanceUid);
    before = page.at(-1)?.studyInstanceUid;
    if (page.length < PAGE) return;
  }
}

async function* conflicts({ index }: VerifyOptions): AsyncGenerator<ConflictRow> {
  for (let before: number | undefined; ;) {
    const page = await index.listConflicts(PAGE, before);
    yield* page;
    before = page.at(-1)?.conflictId;
    if (page.length < PAGE) return;
  }
}
