import { stat } from 'node:fs/promises';
import { errorCode, KuvaError } from '../core/errors.ts';
import type { AddResult, ConflictRow, DropResult, NewInstance } from '../index/index-types.ts';
import { adoptObject } from '../ingest/adopt-object.ts';
import { blamesObject, mustStop } from '../recovery/recovery-failures.ts';
import type { TreeFile } from '../store/tree-walk.ts';
import type { StoredObjects } from './stored-objects.ts';

/** Port: the index. */
export interface RebuiltIndex {
  addInstance(instance: NewInstance): Promise<AddResult>;
  dropInstance(instanceId: number): Promise<DropResult>;
  markDurable(instanceId: number): void;
  listConflicts(limit: number, beforeId?: number): Promise<ConflictRow[]>;
}

export interface ReindexOptions {
  readonly index: RebuiltIndex;
  readonly objects: StoredObjects;
  /** Owner of all objects: the tree does not tell who sent one, nor for whom. */
  readonly organisation: string | null;
  readonly onStep: (counts: ReindexCounts) => void;
  readonly onFault: (path: string, reason: string) => void;
}

export interface ReindexCounts {
  readonly indexed: number;
  readonly conflicts: number;
  /** What is no whole object, now or later: torn, without its UIDs, or not ours. */
  readonly damaged: number;
  /** What may well be an object, and could not be read or indexed. */
  readonly unreadable: number;
}

// Commits are shared by all that wait for one.
const PARALLEL = 64;

// The index goes on with the next object.
const NOT_INDEXED = 'INDEX_FAILED';

/** Who sent an object is not in the tree. */
const UNKNOWN_SENDER = 'REINDEX';

/** Fills an empty index from the object tree alone. Time of receipt is the time at which the file was written. */
export async function reindexArchive(options: ReindexOptions): Promise<ReindexCounts> {
  const counts = { indexed: 0, conflicts: 0, damaged: 0, unreadable: 0 };
  const add = async (file: TreeFile): Promise<void> => {
    try {
      if (file.sha256 === undefined) throw new KuvaError('OBJECT_NAME_INVALID', 'the name is no SHA-256');
      const fault = await options.objects.confirm(file.sha256, file.size);
      if (fault !== undefined) throw new KuvaError(fault.code, fault.message, fault.facts);
      const { kind } = await addObject(options, file.sha256);
      counts[kind === 'conflict' ? 'conflicts' : 'indexed'] += 1;
    } catch (error) {
      if (blamesObject(error)) counts.damaged += 1;
      else if (mustStop(error) && errorCode(error) !== NOT_INDEXED) throw error;
      else counts.unreadable += 1;
      options.onFault(file.path, error instanceof Error ? error.message : String(error));
    }
    options.onStep({ ...counts });
  };
  const waiting = new Set<Promise<void>>();
  for await (const batch of options.objects.files()) {
    for (const file of batch) {
      const work: Promise<void> = add(file).finally(() => waiting.delete(work));
      waiting.add(work);
      if (waiting.size >= PARALLEL) await Promise.race(waiting);
    }
  }
  await Promise.all(waiting);
  await serveTheFirst(options);
  return counts;
}

/** The walk meets objects in the order of their digests; of those under one SOP Instance UID the first received is to be served. */
async function serveTheFirst(options: ReindexOptions): Promise<void> {
  for (let before: number | undefined; ;) {
    const page = await options.index.listConflicts(500, before);
    for (const { receivedAt, served } of page) {
      if (served === undefined || receivedAt >= served.receivedAt) continue;
      const { orphans } = await options.index.dropInstance(served.instanceId);
      const hashes = [...orphans.map((orphan) => orphan.sha256), served.sha256];
      const aged = await Promise.all(
        hashes.map(async (sha256) => ({ sha256, at: await receivedAtOf(options.objects, sha256) })),
      );
      for (const { sha256 } of aged.toSorted((a, b) => a.at - b.at)) await addObject(options, sha256);
    }
    before = page.at(-1)?.conflictId;
    if (page.length < 500) return;
  }
}

async function addObject({ index, objects, organisation }: ReindexOptions, sha256: string): Promise<AddResult> {
  return adoptObject(
    {
      store: objects,
      index,
      known: { callingAET: UNKNOWN_SENDER, organisation, receivedAt: await receivedAtOf(objects, sha256) },
    },
    sha256,
  );
}

async function receivedAtOf(objects: StoredObjects, sha256: string): Promise<number> {
  return Math.round((await stat(objects.pathOf(sha256))).mtimeMs);
}
