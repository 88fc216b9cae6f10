import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { DEFAULT_PROFILE, shippedFile } from '../../src/config/shipped-files.ts';
import { FINDING_CODES } from '../../src/profile/finding-codes.ts';

/** Writes the shipped archive profile with every rule of readiness switched off: whatever is received may go. Gives the path. */
export function lenientProfile(path: string): string {
  const profile = parse(readFileSync(shippedFile(DEFAULT_PROFILE), 'utf8')) as Record<string, Record<string, unknown>>;
  const severities = Object.fromEntries(FINDING_CODES.map((code) => [code, 'off']));
  // JSON is YAML.
  writeFileSync(path, JSON.stringify({ ...profile, readiness: { ...profile['readiness'], severities } }));
  return path;
}
