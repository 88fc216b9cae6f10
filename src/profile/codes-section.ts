import { z } from 'zod';
import { count, line } from '../config/fields.ts';
import { oid, word, words } from './profile-fields.ts';

const list = z.strictObject({
  oid: oid(),
  name: line(200),
  /** Coding Scheme Designators (0008,0102) that mean this list. */
  designators: words(),
  /** Content types whose examinations are coded by it. */
  contentTypes: words(),
  /** Which character of a code tells the method, and which modalities each method may have; letters not named are not checked. */
  method: z
    .strictObject({ position: count(1, 16), modalities: z.record(word(), words(), { error: 'write LETTER: [CT, …]' }) })
    .nullable(),
  /** How many characters at the beginning tell the region of the body, and what some of them mean. */
  anatomy: z
    .strictObject({ length: count(1, 16), regions: z.record(word(), line(100), { error: 'write PREFIX: region' }) })
    .nullable(),
});

/** How examinations are coded. */
export const codesSection = z.strictObject({
  /** So many first characters of Study Description (0008,1030) are the examination code. */
  examinationCodeLength: count(1, 16),
  lists: z.array(list, { error: 'write a list of code lists' }),
});
