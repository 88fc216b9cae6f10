import { errorCode, KuvaError } from '../core/errors.ts';
import type { AddResult, NewInstance } from '../index/index-types.ts';
import { readStoredInstance } from '../ingest/adopt-object.ts';
import type { RejectionRules } from '../ingest/note-collector.ts';
import { blamesObject, mustStop } from '../recovery/recovery-failures.ts';
import { ReceiveOrder } from './receive-order.ts';
import type { ReceivedObject } from './receive-order.ts';
import type { StoredObjects } from './stored-objects.ts';

/** Port: the index. */
export interface RebuiltIndex {
  addInstance(instance: NewInstance): Promise<AddResult>;
  markDurable(instanceId: number): void;
  /** What the index knew of an object before it was cleared. */
  read(operation: 'rebuildSender', sha256: string): Promise<Sender | undefined>;
}

type Sender = Pick<NewInstance, 'callingAET' | 'organisation'>;

export interface ReindexOptions {
  readonly index: RebuiltIndex;
  readonly objects: StoredObjects;
  /** Owner of objects that the index did not know: the tree does not tell who sent one, nor for whom. */
  readonly organisation: string | null;
  readonly rejections: RejectionRules;
  /** What the tree no longer has since an archive has it. */
  readonly evicted: AsyncIterable<NewInstance>;
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
  /** Known to be in an archive alone. */
  readonly evicted: number;
}

// Objects read at once; commits are shared by all that wait for one.
const PARALLEL = 64;

// The index goes on with the next object.
const NOT_INDEXED = 'INDEX_FAILED';

/** Who sent an object is not in the tree, and may not be known. */
const UNKNOWN_SENDER = 'REINDEX';

/**
 * Fills an empty index from the object tree, in the order of receipt, so that it answers as the old one did. Time of receipt is
 * the time at which the file was written.
 */
export async function reindexArchive(options: ReindexOptions): Promise<ReindexCounts> {
  const counts = { indexed: 0, conflicts: 0, damaged: 0, unreadable: 0, evicted: 0 };
  const order = new ReceiveOrder();
  for await (const batch of options.objects.files(fault)) {
    for (const file of batch) {
      if (file.sha256 !== undefined) order.add(file.sha256, file);
      else fault(file.path, new KuvaError('OBJECT_NAME_INVALID', 'the name is no SHA-256'));
    }
  }

  function fault(path: string, error: unknown): void {
    if (blamesObject(error)) counts.damaged += 1;
    else if (mustStop(error) && errorCode(error) !== NOT_INDEXED) throw error;
    else counts.unreadable += 1;
    options.onFault(path, error instanceof Error ? error.message : String(error));
  }

  const add = async (object: ReceivedObject, turn: Promise<void>, next: () => void): Promise<void> => {
    try {
      const row = await readWhole(options, object);
      await turn;
      const adding = options.index.addInstance(row);
      next();
      const { kind, instanceId } = await adding;
      options.index.markDurable(instanceId);
      counts[kind === 'conflict' ? 'conflicts' : 'indexed'] += 1;
    } catch (error) {
      fault(options.objects.pathOf(object.sha256), error);
    } finally {
      await turn;
      next();
    }
    options.onStep({ ...counts });
  };

  const waiting = new Set<Promise<void>>();
  let turn = Promise.resolve();
  for (const object of order) {
    // Read side by side, handed to the index one after the other.
    const { promise, resolve } = Promise.withResolvers<void>();
    const work: Promise<void> = add(object, turn, resolve).finally(() => waiting.delete(work));
    turn = promise;
    waiting.add(work);
    if (waiting.size >= PARALLEL) await Promise.race(waiting);
  }
  await Promise.all(waiting);
  for await (const row of options.evicted) {
    const { instanceId } = await options.index.addInstance(row);
    options.index.markDurable(instanceId);
    counts.evicted += 1;
    options.onStep({ ...counts });
  }
  return counts;
}

async function readWhole(
  { index, objects, organisation, rejections }: ReindexOptions,
  object: ReceivedObject,
): Promise<NewInstance> {
  const { sha256, size, mtimeMs } = object;
  const fault = await objects.confirm(sha256, size);
  if (fault !== undefined) throw new KuvaError(fault.code, fault.message, fault.facts);
  const sender = (await index.read('rebuildSender', sha256)) ?? { callingAET: UNKNOWN_SENDER, organisation };
  return readStoredInstance(objects, { ...sender, receivedAt: Math.round(mtimeMs) }, sha256, rejections);
}
