import { z } from 'zod';
import { count, line } from '../config/fields.ts';
import { day, word, words } from './profile-fields.ts';

const specVersion = z.strictObject({
  version: word(),
  title: line(200),
  /** Days between which the version is valid for production; null where none is published. */
  productionFrom: day(),
  productionTo: day().nullable(),
});

const earliestJointTest = z.strictObject({
  /** A certification whose content types are all among these… */
  onlyContentTypes: words(),
  /** …cannot have been jointly tested before this day. */
  from: day(),
  reason: line(200),
});

/** Which systems may archive. */
export const certificationSection = z.strictObject({
  /** Classes that are jointly tested with the archive. */
  classes: words(),
  specVersions: z.array(specVersion, { error: 'write a list of versions' }),
  earliestJointTests: z.array(earliestJointTest, { error: 'write a list' }),
  /** Ends of validity are announced so many days ahead. */
  warnDaysAhead: count(1, 1000),
});
