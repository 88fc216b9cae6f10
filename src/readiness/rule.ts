import type { StudyFacts } from '../index/readiness/study-facts-types.ts';
import type { RuleFinding } from './finding.ts';
import type { ReadinessContext } from './readiness-context.ts';

/** One thing that the archive demands of a study; empty when it is met. Rules do not depend on each other. */
export type Rule = (facts: StudyFacts, context: ReadinessContext) => readonly RuleFinding[];

/** What to do where only the source can mend the objects: PS3.5 9.1 gives changed objects new UIDs. */
export const CORRECT_AT_SOURCE =
  'correct it in the sending system and send the study again, changed objects with new UIDs';

/** What to do where the objects say the wrong patient, or say it wrongly. */
export function correctIdentity(studyInstanceUid: string): string {
  return `kuva identity move ${studyInstanceUid} --to ID --issuer OID; or ${CORRECT_AT_SOURCE}`;
}
