import { shownDay } from '../core/zoned-day.ts';
import type { CertificationRow } from '../index/registers/register-types.ts';
import type { Profile } from '../profile/profile.ts';

/** Why a certification cannot be true, in plain words; undefined when nothing speaks against it. */
export function certificationFault(certification: CertificationRow, profile: Profile): string | undefined {
  const { classes, specVersions, earliestJointTests } = profile.certification;
  if (!classes.includes(certification.class))
    return `class ${certification.class} is not jointly tested; the archive's classes are ${classes.join(', ')}`;
  const types = profile.content.types.map(({ name }) => name);
  const unknownType = certification.contentTypes.find((type) => !types.includes(type));
  if (unknownType !== undefined) return `content type ${unknownType} is not one of ${types.join(', ')}`;
  const versions = specVersions.map(({ version }) => version);
  const unknownVersion = certification.specVersions.find((version) => !versions.includes(version));
  if (unknownVersion !== undefined)
    return `specification version ${unknownVersion} is not one of ${versions.join(', ')}`;
  const tooEarly = earliestJointTests.find(
    ({ onlyContentTypes, from }) =>
      certification.contentTypes.every((type) => onlyContentTypes.includes(type)) && certification.jointTestDay < from,
  );
  if (tooEarly !== undefined)
    return `a joint test of ${certification.contentTypes.join(', ')} alone on ${shownDay(certification.jointTestDay)} is before ${shownDay(tooEarly.from)}: ${tooEarly.reason}`;
  if (certification.validFrom > certification.validTo)
    return `it ends on ${shownDay(certification.validTo)}, before it begins on ${shownDay(certification.validFrom)}`;
  return undefined;
}

/** What the certifications say of a system and a content type on a day. */
export type Coverage =
  | { readonly kind: 'covered'; readonly by: CertificationRow }
  /** One that ended, has not begun, or whose versions of the specification are no longer valid for production. */
  | { readonly kind: 'out-of-date'; readonly nearest: CertificationRow; readonly reason: string }
  | { readonly kind: 'none' };

export interface CoverageQuestion {
  /** '' when any system's certification counts. */
  readonly systemEntity: string;
  readonly contentType: string;
  /** YYYYMMDD */
  readonly day: string;
}

/** Certifications that cannot be true count for nothing. */
export function coverageOf(
  certifications: readonly CertificationRow[],
  { systemEntity, contentType, day }: CoverageQuestion,
  profile: Profile,
): Coverage {
  const candidates = certifications.filter(
    (one) =>
      one.contentTypes.includes(contentType) &&
      (systemEntity === '' || one.systemEntity === systemEntity) &&
      certificationFault(one, profile) === undefined,
  );
  const by = candidates.find((one) => outOfDate(one, day, profile) === undefined);
  if (by !== undefined) return { kind: 'covered', by };
  const nearest = candidates.toSorted((a, b) => (a.validTo < b.validTo ? -1 : 1)).at(-1);
  return nearest === undefined
    ? { kind: 'none' }
    : { kind: 'out-of-date', nearest, reason: outOfDate(nearest, day, profile) ?? '' };
}

function outOfDate(certification: CertificationRow, day: string, profile: Profile): string | undefined {
  const { validFrom, validTo, specVersions } = certification;
  if (day > validTo) return `it ended on ${shownDay(validTo)}`;
  if (day < validFrom) return `it begins on ${shownDay(validFrom)}`;
  const inProduction = profile.certification.specVersions.some(
    ({ version, productionFrom, productionTo }) =>
      specVersions.includes(version) && productionFrom <= day && (productionTo === null || day <= productionTo),
  );
  return inProduction ? undefined : `none of its versions ${specVersions.join(', ')} is valid for production`;
}
