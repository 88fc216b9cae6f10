import { errorCode, toError } from '../core/errors.ts';
import type { RecoveryOptions, RecoveryReport } from './recovery-types.ts';
import type { TreeFile, Unreadable } from '../store/tree-walk.ts';
import { blamesObject, mustStop } from './recovery-failures.ts';

type Stray = TreeFile & { readonly sha256: string };

/**
 * Files that changed since the mark and that no row names. A whole one is indexed, for an index that has lost rows may have lost an
 * acknowledged one; a damaged one goes to the quarantine, an empty one goes. `tooMany`: how many there are beyond `limit`; then
 * nothing is touched.
 */
export async function settleStrays(options: RecoveryOptions, limit: number) {
  const strays: Stray[] = [];
  const left: RecoveryReport['left'][number][] = [];
  const unreadable: RecoveryReport['unreadable'][number][] = [];
  let found = 0;
  for await (const batch of straysOf(options, (path, { code }) => unreadable.push({ path, code }))) {
    found += batch.length;
    if (found <= limit) strays.push(...batch);
  }
  let adopted = 0;
  if (found > limit) return { found, tooMany: found - limit, adopted, left, unreadable };
  for (const stray of strays) {
    try {
      if (await settle(options, stray)) adopted += 1;
    } catch (error) {
      if (mustStop(error)) throw error;
      left.push({ sha256: stray.sha256, code: errorCode(error) });
    }
  }
  return { found, tooMany: 0, adopted, left, unreadable };
}

async function* straysOf({ store, index }: RecoveryOptions, unreadable: Unreadable): AsyncGenerator<Stray[]> {
  if (store.strayableSince === undefined) return;
  for await (const batch of store.files(store.strayableSince, unreadable)) {
    // Whatever else lies in the tree is not ours.
    const objects = batch.flatMap(({ sha256, ...file }) => (sha256 === undefined ? [] : [{ sha256, ...file }]));
    const known = await index.indexedObjects(objects.map(({ sha256 }) => sha256));
    yield objects.filter(({ sha256 }) => !known.has(sha256));
  }
}

/** @returns whether it is indexed now */
async function settle({ store, adopt }: RecoveryOptions, { sha256, size, mtimeMs }: Stray): Promise<boolean> {
  const setAside = (error: Error): Promise<string> =>
    store.setAside(sha256, { code: errorCode(error), text: error.message, facts: { foundBy: 'recovery' } });
  if (size === 0) {
    await store.remove(sha256, async () => false);
    return false;
  }
  const fault = await store.confirm(sha256, size);
  if (fault !== undefined) {
    await setAside(fault);
    return false;
  }
  try {
    await adopt(sha256, size, { callingAET: '', organisation: null, receivedAt: Math.round(mtimeMs) });
    return true;
  } catch (thrown) {
    if (!blamesObject(thrown)) throw thrown;
    await setAside(toError(thrown));
    return false;
  }
}
