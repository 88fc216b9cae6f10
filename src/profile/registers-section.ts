import { z } from 'zod';
import { flag, line } from '../config/fields.ts';
import { word, words } from './profile-fields.ts';

const state = z.strictObject({
  /** Whether studies go to the archive. */
  sends: flag(),
  /** Whose: of people (their own identity codes only), or of the 900 series that only tests use. */
  patients: z.enum(['people', 'test'], { error: 'write people or test' }),
});

/** How organisations are registered and put into production. */
export const registersSection = z.strictObject({
  states: z.strictObject({
    PLANNED: state,
    TEST: state,
    COMMISSIONING: state,
    PRODUCTION: state,
    SUSPENDED: state,
  }),
  /** Kinds of patient registers by their code. */
  registerCodes: z.record(word(), line(100), { error: 'write CODE: name' }),
  /** Codes of registers whose specifier must be neither a business id nor a personal identity code. */
  plainSpecifierCodes: words(),
});
