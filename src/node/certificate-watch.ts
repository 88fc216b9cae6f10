import { certificateEnds } from '../config/certificate-ends.ts';
import type { Config } from '../config/schema.ts';
import { zonedDay } from '../core/zoned-day.ts';
import type { Profile } from '../profile/profile.ts';
import { expiryWarnings } from '../registers/expiry-warnings.ts';

export interface CertificateWatchParts {
  readonly config: Config;
  readonly profile: Profile;
  /** Takes when a certificate ends, in seconds since 1970. */
  readonly ends: (file: string, seconds: number) => void;
  readonly warn: (text: string) => void;
  /** ms since 1970 */
  readonly now: () => number;
}

const DAY_MS = 86_400_000;

/** Says at the start and then every day that a certificate ends soon, from so many days ahead as the profile wants; runs until disposed. */
export function watchCertificates({ config, profile, ends, warn, now }: CertificateWatchParts): Disposable {
  const look = (): void => {
    const certificates = certificateEnds(config);
    for (const { path, endsAt } of certificates) ends(path, endsAt / 1000);
    const today = zonedDay(profile.egress.timeZone, now());
    for (const { text } of expiryWarnings(profile, [], certificates, today)) warn(text);
  };
  look();
  const timer = setInterval(look, DAY_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
