import type { CodeEntry } from '../index/nomenclature/code-types.ts';
import type { StudyFacts } from '../index/readiness/study-facts-types.ts';
import type { CertificationRow, EnablementRow, OrganisationRow } from '../index/registers/register-types.ts';
import { codeValidity, examinationCodeOf } from '../nomenclature/examination-code.ts';
import type { CodeValidity } from '../nomenclature/examination-code.ts';
import { contentTypesOf } from '../nomenclature/content-types.ts';
import type { ContentType } from '../nomenclature/content-types.ts';
import type { Profile } from '../profile/profile.ts';

/** What the registers know that bears on one study. */
export interface RegisterFacts {
  /** Of the study's organisation; undefined when it is not in the register. */
  readonly organisation: OrganisationRow | undefined;
  /** Of the study's controller. */
  readonly enablements: readonly EnablementRow[];
  readonly certifications: readonly CertificationRow[];
  /** Every period of the codes in the study. */
  readonly codes: readonly CodeEntry[];
}

/** What rules look at beside the facts of the study. */
export interface ReadinessContext extends RegisterFacts {
  readonly profile: Profile;
  /** Today in the profile's time zone, YYYYMMDD. */
  readonly day: string;
  /** Whose register the study belongs to: the document register says so, otherwise its organisation's; '' when not known. */
  readonly controllerOid: string;
  readonly examinationCode: string;
  readonly codeValidity: CodeValidity;
  readonly contentTypes: readonly ContentType[];
}

/** The controller (rekisterinpitäjä) of a study; '' when not known. */
export function controllerOf(facts: StudyFacts, organisation: OrganisationRow | undefined): string {
  return facts.link !== null && facts.link.controllerOid !== ''
    ? facts.link.controllerOid
    : (organisation?.controllerOid ?? '');
}

/** Derives what several rules need. `day` is YYYYMMDD. */
export function readinessContext(
  facts: StudyFacts,
  registers: RegisterFacts,
  profile: Profile,
  day: string,
): ReadinessContext {
  const examinationCode = examinationCodeOf(profile, facts.studyDescription);
  const validity = codeValidity(profile, registers.codes, examinationCode, facts.studyDate);
  const listOid = validity.kind === 'unknown' ? undefined : validity.list.oid;
  return {
    ...registers,
    profile,
    day,
    controllerOid: controllerOf(facts, registers.organisation),
    examinationCode,
    codeValidity: validity,
    contentTypes: contentTypesOf(profile, facts.series, examinationCode, listOid),
  };
}
