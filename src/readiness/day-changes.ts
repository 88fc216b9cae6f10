import type { CertificationRow, EnablementRow } from '../index/registers/register-types.ts';
import type { Profile } from '../profile/profile.ts';
import { SUBJECT } from './finding.ts';

/** What has to be looked at again: held studies by the subject of a finding, queued ones by content type or controller. */
export interface Affected {
  readonly subjects: readonly string[];
  readonly contentTypes: readonly string[];
  readonly controllers: readonly string[];
}

/** What began or ended by itself after one day (YYYYMMDD) and up to another: at midnight nobody writes to a register. */
export function dayChanges(
  { after, upTo }: { readonly after: string; readonly upTo: string },
  certifications: readonly CertificationRow[],
  enablements: readonly EnablementRow[],
  profile: Profile,
): Affected {
  const begins = (day: string): boolean => after < day && day <= upTo;
  // The last day of validity is over when the next one begins.
  const ends = (day: string): boolean => after <= day && day < upTo;
  const specChanged = profile.certification.specVersions.some(
    ({ productionFrom, productionTo }) => begins(productionFrom) || (productionTo !== null && ends(productionTo)),
  );
  const certified = certifications
    .filter(({ validFrom, validTo }) => specChanged || begins(validFrom) || ends(validTo))
    .flatMap((row) => row.contentTypes);
  const available = profile.content.types.filter(({ availableFrom }) => begins(availableFrom));
  const contentTypes = [...new Set(certified)];
  const controllers = [...new Set(enablements.filter(({ from }) => begins(from)).map((row) => row.controllerOid))];
  return {
    subjects: [
      ...contentTypes.map(SUBJECT.certification),
      ...controllers.map(SUBJECT.controller),
      ...(available.length > 0 ? [SUBJECT.profile] : []),
    ],
    contentTypes,
    controllers,
  };
}
