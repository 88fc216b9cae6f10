import { errorCode, toError } from '../core/errors.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Profile } from '../profile/profile.ts';
import { prefetch } from './prefetch.ts';
import type { PrefetchOptions } from './prefetch.ts';
import { priorSubject } from './prior-reference.ts';

export interface PriorWishesOptions extends PrefetchOptions {
  readonly index: Pick<IndexService, 'read' | 'write'>;
  readonly profile: Profile;
  readonly onDone: (facts: { readonly fetched: number; readonly failed: number }) => void;
  readonly onFailure: (facts: {
    readonly reason: string;
    readonly attempts: number;
    readonly givenUp: boolean;
  }) => void;
}

const AT_ONCE = 10;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;
// Some eight hours: by then the patient has been examined.
const MOST_ATTEMPTS = 12;

/** Asks the archive for every new request that waits for it; one whose archive does not answer is tried again, later each time. */
export async function fulfilPriorWishes(options: PriorWishesOptions, signal: AbortSignal): Promise<void> {
  const { index, profile, clock } = options;
  for (const { requestOid, attempts } of await index.read('priorWishesDue', clock(), AT_ONCE)) {
    if (signal.aborted) return;
    try {
      const subject = await priorSubject(index, profile, requestOid);
      const studies = subject === undefined || subject.code === '' ? [] : await prefetch(options, subject, signal);
      const failed = studies.filter(({ result }) => result === 'failed').length;
      if (failed > 0) throw new Error(`${failed} of ${studies.length} studies did not come`);
      const fetched = studies.filter(({ result }) => result === 'fetched').length;
      await index.write('priorWishDone', requestOid, fetched);
      options.onDone({ fetched, failed });
    } catch (error) {
      // An index or an audit trail that fails says nothing about the archive.
      if (signal.aborted || /^(INDEX|AUDIT)_/.test(errorCode(error))) throw error;
      const givenUp = attempts + 1 >= MOST_ATTEMPTS;
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
      const reason = toError(error).message;
      await index.write('priorWishFailed', requestOid, reason, givenUp ? null : clock() + wait);
      options.onFailure({ reason, attempts: attempts + 1, givenUp });
    }
  }
}
