import { zonedDay } from '../core/zoned-day.ts';
import type { IndexService } from '../index/index-service.ts';
import type { StudyFacts } from '../index/readiness/study-facts-types.ts';
import { examinationCodeOf } from '../nomenclature/examination-code.ts';
import type { Profile } from '../profile/profile.ts';
import { evaluate } from './evaluate.ts';
import type { Finding } from './finding.ts';
import { controllerOf, readinessContext } from './readiness-context.ts';
import type { ReadinessContext, RegisterFacts } from './readiness-context.ts';

/** The index, as far as readiness asks it. */
export type ReadinessIndex = Pick<IndexService, 'read'>;

export interface StudyCheck {
  readonly facts: StudyFacts;
  readonly context: ReadinessContext;
  readonly findings: readonly Finding[];
}

/**
 * Whether a study may go to the archive at a moment (ms since 1970 UTC), with what was looked at. Undefined when nothing of the study is
 * here. Changes nothing.
 */
export async function checkStudy(
  index: ReadinessIndex,
  profile: Profile,
  studyInstanceUid: string,
  at: number,
): Promise<StudyCheck | undefined> {
  const facts = await index.read('studyFacts', studyInstanceUid);
  return facts === undefined ? undefined : checkFacts(index, profile, facts, at);
}

/** As `checkStudy`, of facts that are at hand. `sentAs`: content types, separated by commas, over what the facts tell. */
export async function checkFacts(
  index: ReadinessIndex,
  profile: Profile,
  facts: StudyFacts,
  at: number,
  sentAs?: string,
): Promise<StudyCheck> {
  const registers = await gatherRegisters(index, facts, profile);
  const told = readinessContext(facts, registers, profile, zonedDay(profile.egress.timeZone, at));
  const names = sentAs?.split(',');
  const context =
    names === undefined
      ? told
      : { ...told, contentTypes: profile.content.types.filter(({ name }) => names.includes(name)) };
  return { facts, context, findings: evaluate(facts, context) };
}

async function gatherRegisters(index: ReadinessIndex, facts: StudyFacts, profile: Profile): Promise<RegisterFacts> {
  const codes = [examinationCodeOf(profile, facts.studyDescription), ...facts.procedureCodes.map(({ value }) => value)];
  const [organisation, certifications, entries] = await Promise.all([
    facts.organisation === null ? undefined : index.read('organisationByKey', facts.organisation),
    index.read('certificationList'),
    index.read('codeEntries', codes),
  ]);
  const controllerOid = controllerOf(facts, organisation);
  const enablements = controllerOid === '' ? [] : await index.read('enablementList', controllerOid);
  return { organisation, enablements, certifications, codes: entries };
}
