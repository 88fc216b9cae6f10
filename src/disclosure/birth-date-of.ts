import { parseHetu } from '../identity/hetu.ts';

/** A personal identity code says it best; else what the objects say. */
export function birthDateOf(patientId: string, written: string): string {
  const parsed = parseHetu(patientId);
  return 'hetu' in parsed ? parsed.hetu.birthDate : written;
}
