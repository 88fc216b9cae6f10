import { createHash } from 'node:crypto';
import { certificateEnds } from '../config/certificate-ends.ts';
import type { Config } from '../config/schema.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Logger } from '../observability/loggers.ts';
import type { Profile } from '../profile/profile.ts';
import { DayWatch } from '../readiness/day-watch.ts';
import { expiryWarnings } from '../registers/expiry-warnings.ts';

export interface DayWatchSurroundings {
  readonly config: Config;
  readonly profile: Profile;
  readonly index: IndexService;
  readonly log: Logger;
  /** There is something to judge. */
  readonly wake: () => void;
}

/** What the queue does at midnight: looks again at what began or ended, and says what ends soon. */
export function createDayWatch({ config, profile, index, log, wake }: DayWatchSurroundings): DayWatch {
  return new DayWatch({
    index,
    profile,
    profileDigest: createHash('sha256').update(JSON.stringify(profile)).digest('hex'),
    now: Date.now,
    onDay: async (day) => {
      const certifications = await index.read('certificationList');
      for (const { text } of expiryWarnings(profile, certifications, certificateEnds(config), day)) log.warn(text);
    },
    onLookedAgain: (studies) => {
      log.info('studies are looked at again: a new day, or another profile', { studies });
      wake();
    },
    onError: (error) => log.error('the new day was not looked at; it is tried again', { error }),
  });
}
