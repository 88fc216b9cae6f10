import { errorCode } from '../core/errors.ts';
import type { RecoveryOptions, RecoveryReport } from './recovery-types.ts';
import { mustStop } from './recovery-failures.ts';

/**
 * Gives each SOP Instance UID whose served instance is gone the oldest of its conflicts that is whole. Asked at every start, so that a
 * crash between the drop and this hides nothing that was acknowledged. Rows of damaged ones stay: they tell what was lost.
 */
export async function settleConflicts({ store, index, adopt }: Pick<RecoveryOptions, 'store' | 'index' | 'adopt'>) {
  const left: RecoveryReport['left'][number][] = [];
  const served = new Set<string>();
  for (const { sopInstanceUid, sha256, size, ...row } of await index.unservedConflicts()) {
    if (served.has(sopInstanceUid)) continue;
    const { callingAET, organisation, receivedAt } = row;
    try {
      const fault = await store.confirm(sha256, size);
      if (fault === undefined) {
        await adopt(sha256, size, { callingAET, organisation, receivedAt });
        served.add(sopInstanceUid);
      } else left.push({ sha256, code: fault.code });
    } catch (error) {
      if (mustStop(error)) throw error;
      left.push({ sha256, code: errorCode(error) });
    }
  }
  return { adopted: served.size, left };
}
