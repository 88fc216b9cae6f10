import { z } from 'zod';
import { flag } from '../config/fields.ts';
import { FINDING_CODES } from './finding-codes.ts';
import { REQUIRABLE_ATTRIBUTES } from './requirable-attributes.ts';

const severity = z.enum(['error', 'warning', 'off'], { error: 'write error, warning or off' });

/** What a study must have, and how grave it is when it has not. */
export const readinessSection = z.strictObject({
  /** Attributes that must have a value. */
  attributes: z.array(
    z.strictObject({
      attribute: z.enum(REQUIRABLE_ATTRIBUTES, { error: `write one of ${REQUIRABLE_ATTRIBUTES.join(', ')}` }),
      severity,
    }),
    { error: 'write a list of {attribute, severity}' },
  ),
  /** A finding is an error, which holds the study, unless it says otherwise here. */
  severities: z.partialRecord(z.enum(FINDING_CODES), severity, { error: 'write CODE: error, warning or off' }),
  /** Whether a study with a temporary patient id is held until the personal identity code is known. */
  holdTemporaryIds: flag(),
});
