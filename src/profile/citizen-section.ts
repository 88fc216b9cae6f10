import { z } from 'zod';
import { count, flag } from '../config/fields.ts';
import { DOCUMENT_KINDS } from './documents-section.ts';

/** What citizens see of care documents: themselves, and guardians of minors. */
export const citizenSection = z.strictObject({
  /** From this age on nobody sees as a guardian. */
  guardianUntilAge: count(1, 30),
  /** From this age on the minor's capacity to decide, recorded at each service event, decides. */
  capacityFromAge: count(0, 30),
  /** Capacity codes with which guardians see the document. */
  capacityShown: z.array(count(0, 99), { error: 'write a list of codes' }),
  /** Days from the making of a document to its showing, where neither document nor organisation says. */
  delayDays: z.strictObject(
    Object.fromEntries(DOCUMENT_KINDS.map((kind) => [kind, count(0, 3650)])) as Record<
      (typeof DOCUMENT_KINDS)[number],
      ReturnType<typeof count>
    >,
  ),
  /** Nothing older than the day on which the organisation joined is shown. */
  fromJoining: flag(),
  /** The longest that a share link may live. */
  shareDays: count(1, 365),
});
