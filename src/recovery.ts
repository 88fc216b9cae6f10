import { errorCode, toError } from './core/errors.ts';
import { settleConflicts } from './recovery/conflicts.ts';
import { mustStop } from './recovery/recovery-failures.ts';
import type { RecoveryOptions, RecoveryReport } from './recovery/recovery-types.ts';
import { settleStrays } from './recovery/strays.ts';
import { inParallel } from './store/in-parallel.ts';

const AT_ONCE = 8;
// Far more than associations that can have been storing at once, and imports beside them.
const MAX_STRAYS = 4096;

/**
 * Brings tree and index together before the first association is let in. After an orderly stop both sides say that there is nothing to
 * do. After a crash: each suspect is read and made durable, or dropped, its damaged file going to the quarantine; a file without a row
 * that changed since the store's mark is indexed when it is whole. Most such files were never acknowledged, but the index may
 * have lost rows too, so no bytes are ever removed. One object that cannot be settled keeps no node from starting.
 */
export async function recover(options: RecoveryOptions): Promise<RecoveryReport> {
  const { store, alone = true } = options;
  const { verified, dropped, left } = await settleSuspects(options);
  const conflicts = await settleConflicts(options);
  left.push(...conflicts.left);
  if (!alone)
    return { verified, dropped, left, strays: 0, unreadable: [], straysLeft: false, adopted: conflicts.adopted };
  await store.emptySpool();
  const strays = await settleStrays(options, options.maxStrays ?? MAX_STRAYS);
  left.push(...strays.left);
  const { found, unreadable } = strays;
  const straysLeft = found > 0 && strays.left.length + strays.tooMany > 0;
  // Otherwise the mark stays where it is, and the next start looks at them again.
  if (!straysLeft && unreadable.length === 0) await store.recovered();
  const adopted = conflicts.adopted + strays.adopted;
  return { verified, dropped, left, strays: found, unreadable, straysLeft, adopted };
}

async function settleSuspects({ store, index, alone = true }: RecoveryOptions) {
  const dropped: RecoveryReport['dropped'][number][] = [];
  const left: RecoveryReport['left'][number][] = [];
  let verified = 0;
  await inParallel(AT_ONCE, await index.suspects(), async ({ instanceId, sha256, size }) => {
    try {
      const fault = await store.confirm(sha256, size);
      if (fault === undefined) {
        index.markDurable(instanceId);
        verified += 1;
      } else if (alone) {
        // The row first: a crash in between leaves a file without a row, which is a stray, and not a row without a file.
        await index.dropInstance(instanceId);
        dropped.push({ instanceId, sha256, code: fault.code, setAside: await discard(store, sha256, fault) });
      } else left.push({ sha256, code: fault.code });
    } catch (error) {
      if (mustStop(error)) throw error;
      left.push({ sha256, code: errorCode(error) });
    }
  });
  return { verified, dropped, left };
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
  await store.remove(sha256, async () => false);
  return null;
}
