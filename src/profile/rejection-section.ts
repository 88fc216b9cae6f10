import { z } from 'zod';
import { flag, line, oneOf } from '../config/fields.ts';

const later = oneOf(['hide', 'refuse', 'restore']);

/** What rejection notes mean (PS3.3 A.35.4, IHE IOCM): by the title of the document, and by the role of the node that receives one. */
export const rejectionSection = z.strictObject({
  titles: z.array(
    z.strictObject({
      value: line(16),
      scheme: line(16),
      meaning: line(64),
      /**
       * What the same object meets when it comes after the note: hide keeps it and shows it to quality control alone; refuse answers
       * `refusedStatus`, as long as the node has the object; restore undoes the rejection.
       */
      later: z.strictObject({ organisation: later, national: later }),
    }),
    { error: 'write a list of {value, scheme, meaning, later}' },
  ),
  /** Whether a note rejects only objects of the organisation that it comes from. */
  ownObjectsOnly: z.strictObject({ organisation: flag(), national: flag() }),
  /** DIMSE status, four hexadecimal digits. */
  refusedStatus: z
    .string({ error: "write four hexadecimal digits in quotes, such as 'A771'" })
    .regex(/^[0-9A-Fa-f]{4}$/, { error: "write four hexadecimal digits in quotes, such as 'A771'" })
    .transform((text) => Number.parseInt(text, 16)),
});
