import { z } from 'zod';
import { count, flag } from '../config/fields.ts';

/** Use log and disclosure log: how long they are kept, and what the patient is told from them. */
export const logSection = z.strictObject({
  /** Years that records are kept; then `kuva log prune` may take them out. */
  keepYears: count(1, 200),
  /** The patient gets entries older than so many years only for a special reason. */
  reportYears: count(0, 200),
  /** Whether the patient's report names the persons, or only their organisation and role. */
  reportNamesPersons: flag(),
});
