import { z } from 'zod';
import { line, uid } from '../config/fields.ts';

const uids = z.array(uid(), { error: 'write a list of UIDs' });

/** Which SOP classes the archive takes, and in which transfer syntaxes. */
export const transferSection = z.strictObject({
  groups: z.array(z.strictObject({ name: line(64), sopClasses: uids, transferSyntaxes: uids }), {
    error: 'write a list of groups',
  }),
});
