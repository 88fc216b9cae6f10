import type { DropResult } from '../index/index-types.ts';
import type { CopyInstance, StudyCopy } from '../index/priors/prior-types.ts';

/** Port: the index. */
export interface ExpiringIndex {
  read(operation: 'studyCopiesExpired', now: number, limit: number): Promise<StudyCopy[]>;
  read(operation: 'studyCopyInstances', studyInstanceUid: string): Promise<CopyInstance[]>;
  read(operation: 'copyFilesLeaving', limit: number): Promise<string[]>;
  write(operation: 'studyCopyRemove', studyInstanceUid: string): Promise<boolean>;
  write(operation: 'studyCopyFetched', studyInstanceUid: string, aet: string): Promise<number>;
  write(operation: 'studyCopyPut', copy: StudyCopy): Promise<boolean>;
  write(operation: 'copyFilesLeave' | 'copyFilesLeft', sha256: readonly string[]): Promise<void>;
  dropInstance(instanceId: number): Promise<DropResult>;
  indexedObjects(sha256: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Port: the object tree. Nobody but the owner of the store adds to it meanwhile. */
export interface ExpiringObjects {
  remove(sha256: string, isNamed: () => Promise<boolean>): Promise<'removed' | 'missing' | 'named' | 'arriving'>;
}

export interface ExpiryOptions {
  readonly index: ExpiringIndex;
  readonly objects: ExpiringObjects;
  /** AE title of the archive that a copy names as its source; undefined when it is no longer configured. */
  readonly aetOf: (source: string) => string | undefined;
  readonly now: number;
  readonly signal: AbortSignal;
  /** Is told before anything of a study is removed: when it rejects, the study stays. */
  readonly removing: (copy: RemovedCopy) => Promise<void>;
  /** A study that is a copy has objects that the archive did not send. They stay, and are looked at again a day later. */
  readonly onForeign: (facts: { readonly studyInstanceUid: string; readonly objects: number }) => void;
}

export interface RemovedCopy {
  readonly studyInstanceUid: string;
  readonly objects: number;
  /** Nothing of it stays. */
  readonly isAll: boolean;
}

const AT_ONCE = 20;
const FILES_AT_ONCE = 1000;
const DAY_MS = 86_400_000;

/**
 * Removes copies whose time is over: what the archive sent, rows before files. That a file is to go is written down before its row goes,
 * so that a crash leaves no file behind that nothing names; it goes only when no row names it and nobody is sending the same bytes.
 * @returns how many studies went
 */
export async function expireCopies(options: ExpiryOptions): Promise<number> {
  const { index, now, signal } = options;
  await removeLeaving(options);
  let gone = 0;
  for (const copy of await index.read('studyCopiesExpired', now, AT_ONCE)) {
    if (signal.aborted) break;
    const { studyInstanceUid, source } = copy;
    // Also what came after its association had ended.
    const aet = options.aetOf(source);
    if (aet !== undefined) await index.write('studyCopyFetched', studyInstanceUid, aet);
    const instances = await index.read('studyCopyInstances', studyInstanceUid);
    const fetched = instances.filter(({ isFetched }) => isFetched);
    if (fetched.length > 0) {
      const isAll = fetched.length === instances.length;
      await options.removing({ studyInstanceUid, objects: fetched.length, isAll });
    }
    await index.write(
      'copyFilesLeave',
      fetched.map(({ sha256 }) => sha256),
    );
    for (const { instanceId } of fetched) await index.dropInstance(instanceId);
    await removeLeaving(options);
    if (await index.write('studyCopyRemove', studyInstanceUid)) gone += 1;
    else {
      await index.write('studyCopyPut', { ...copy, expiresAt: now + DAY_MS });
      options.onForeign({ studyInstanceUid, objects: instances.length - fetched.length });
    }
  }
  return gone;
}

/** Those whose bytes are arriving are looked at the next time. */
async function removeLeaving({ index, objects }: ExpiryOptions): Promise<void> {
  const settled: string[] = [];
  for (const sha256 of await index.read('copyFilesLeaving', FILES_AT_ONCE)) {
    const isNamed = async (): Promise<boolean> => (await index.indexedObjects([sha256])).has(sha256);
    if ((await objects.remove(sha256, isNamed)) !== 'arriving') settled.push(sha256);
  }
  if (settled.length > 0) await index.write('copyFilesLeft', settled);
}
