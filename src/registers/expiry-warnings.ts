import type { CertificateEnd } from '../config/certificate-ends.ts';
import { daysBetween, shownDay, zonedDay } from '../core/zoned-day.ts';
import type { CertificationRow } from '../index/registers/register-types.ts';
import type { Profile } from '../profile/profile.ts';

/** An end of validity that is near or has passed; after it studies are held. */
export interface ExpiryWarning {
  readonly kind: 'certification' | 'specification' | 'certificate';
  readonly subject: string;
  /** YYYYMMDD, the last day of validity. */
  readonly until: string;
  /** Days left; negative when it has ended. */
  readonly days: number;
  readonly text: string;
}

/** What ends within the profile's days of warning. A certification that a later one of the same system follows is not named. */
export function expiryWarnings(
  profile: Profile,
  certifications: readonly CertificationRow[],
  certificates: readonly CertificateEnd[],
  day: string,
): ExpiryWarning[] {
  const { specVersions, warnDaysAhead } = profile.certification;
  const isNear = (until: string): boolean => daysBetween(day, until) <= warnDaysAhead;
  const certified = certifications
    .filter((one) => isNear(one.validTo) && !certifications.some((other) => follows(other, one)))
    .map((one) =>
      warning('certification', `${one.registerId} of ${one.systemEntity}`, one.validTo, day, 'kuva cert add renews it'),
    );
  const used = new Set(certifications.flatMap((one) => one.specVersions));
  const versions = specVersions.flatMap(({ version, productionTo }) =>
    productionTo !== null && used.has(version) && isNear(productionTo)
      ? [warning('specification', version, productionTo, day, 'certify the system for a later version')]
      : [],
  );
  const tls = certificates
    .map(({ path, endsAt }) => ({ path, until: zonedDay(profile.egress.timeZone, endsAt) }))
    .filter(({ until }) => isNear(until))
    .map(({ path, until }) => warning('certificate', path, until, day, 'have it renewed, and start the node again'));
  return [...certified, ...versions, ...tls].sort((a, b) => a.days - b.days);
}

function follows(later: CertificationRow, earlier: CertificationRow): boolean {
  return (
    later.systemEntity === earlier.systemEntity &&
    later.validTo > earlier.validTo &&
    earlier.contentTypes.every((type) => later.contentTypes.includes(type))
  );
}

function warning(
  kind: ExpiryWarning['kind'],
  subject: string,
  until: string,
  day: string,
  remedy: string,
): ExpiryWarning {
  const days = daysBetween(day, until);
  const when = days < 0 ? `ended ${-days} days ago` : days === 0 ? 'ends today' : `ends in ${days} days`;
  return { kind, subject, until, days, text: `${kind} ${subject} ${when}, on ${shownDay(until)}: ${remedy}` };
}
