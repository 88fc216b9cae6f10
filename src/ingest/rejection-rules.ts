import type { Config } from '../config/schema.ts';
import type { Profile } from '../profile/profile.ts';
import type { RejectionRules } from './note-collector.ts';

/** What rejection notes mean to a node of this role. */
export function rejectionRules(
  { rejection }: Pick<Profile, 'rejection'>,
  role: Config['node']['role'],
): RejectionRules {
  const ownObjectsOnly = rejection.ownObjectsOnly[role];
  return {
    refusedStatus: rejection.refusedStatus,
    titleOf: ({ value, scheme }) => {
      const title = rejection.titles.find((each) => each.value === value && each.scheme === scheme);
      return title === undefined ? undefined : { later: title.later[role], ownObjectsOnly };
    },
  };
}
