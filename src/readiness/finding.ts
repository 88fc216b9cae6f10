import { documentsSubject } from '../documents/drain-outbox.ts';
import type { FindingCode } from '../profile/finding-codes.ts';

/** Why a study may not go to the archive, or what is odd though it may. No text of it tells about the patient. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  /** In plain words. */
  readonly cause: string;
  /** What to do; where a command does it, the command to type. */
  readonly remedy: string;
  /** What a register change must touch for the study to be looked at again, such as `code:GD1AA`. */
  readonly subject: string;
}

/** As a rule gives it; without a severity of its own, the profile's counts. */
export type RuleFinding = Omit<Finding, 'severity'> & { readonly severity?: Finding['severity'] | 'off' };

/** Subjects that findings and register changes have in common. */
export const SUBJECT = {
  /** Only new objects of the study itself help. */
  study: (studyInstanceUid: string): string => `study:${studyInstanceUid}`,
  code: (code: string): string => `code:${code}`,
  certification: (contentType: string): string => `cert:${contentType}`,
  organisation: (key: string): string => `org:${key}`,
  controller: (oid: string): string => `controller:${oid}`,
  /** As the register of care documents tells it. */
  documents: documentsSubject,
  profile: 'profile',
} as const;
