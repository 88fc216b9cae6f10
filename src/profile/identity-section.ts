import { z } from 'zod';
import { oid } from './profile-fields.ts';

/** Which identifiers name a patient. */
export const identitySection = z.strictObject({
  /** Issuer of Patient ID that means a Finnish personal identity code (HETU). */
  hetuIssuer: oid(),
  /** Other texts that senders write as issuer of a HETU and that count as the same. */
  hetuIssuerAliases: z.array(z.string({ error: 'write a text' }), { error: 'write a list' }),
});
