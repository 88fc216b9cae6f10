import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { DEFAULT_PROFILE, shippedFile } from '../../src/config/shipped-files.ts';
import type { profileSchema } from '../../src/profile/profile.ts';
import type { z } from 'zod';

/** Writes the shipped archive profile, changed, to a file, for `profile` (`KUVA_PROFILE`); gives the path back. */
export function writeChangedProfile(path: string, change: (profile: z.input<typeof profileSchema>) => void): string {
  const profile = parse(readFileSync(shippedFile(DEFAULT_PROFILE), 'utf8')) as z.input<typeof profileSchema>;
  change(profile);
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(profile));
  return path;
}
