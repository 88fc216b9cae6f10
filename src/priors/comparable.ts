import { anatomyOfCode, examinationCodeOf, isCodeShaped, modalitiesOfCode } from '../nomenclature/examination-code.ts';
import type { Profile } from '../profile/profile.ts';

/** What earlier examinations are compared with: a study, or a request for one. */
export interface PriorReference {
  readonly code: string;
  /** Code list of the code; '' when it is not known. */
  readonly codeSystem: string;
  /** Empty: what the code says of the method counts. */
  readonly modalities: readonly string[];
  /** YYYYMMDD; '' when it is not known. */
  readonly date: string;
}

/** What is known of an examination that may be comparable, here or in the archive. */
export interface PriorCandidate {
  readonly studyInstanceUid: string;
  readonly studyDate: string;
  readonly studyDescription: string;
  readonly procedureCodes: readonly { readonly value: string }[];
  readonly modalities: readonly string[];
}

/** The examination codes of a study: its procedure codes, and the one that its description begins with. */
export function codesOf(profile: Profile, { studyDescription, procedureCodes }: PriorCandidate): string[] {
  const start = examinationCodeOf(profile, studyDescription);
  return [...new Set([...procedureCodes.map(({ value }) => value), ...(isCodeShaped(profile, start) ? [start] : [])])];
}

/** Leading characters that examinations of one region of the body share; '' without a code. */
export function anatomyPrefix(
  profile: Profile,
  { code, codeSystem }: Pick<PriorReference, 'code' | 'codeSystem'>,
): string {
  const list = profile.codes.lists.find(
    ({ oid, designators }) => oid === codeSystem || designators.includes(codeSystem),
  );
  const anatomy = list === undefined ? undefined : anatomyOfCode(list, code);
  return anatomy?.prefix ?? code.slice(0, profile.documents.priors.anatomyPrefix);
}

/** Those that are worth a comparison, newest first: the same region, a modality in common, not later than the reference. */
export function comparable<T extends PriorCandidate>(
  profile: Profile,
  reference: PriorReference,
  candidates: readonly T[],
): T[] {
  const prefix = anatomyPrefix(profile, reference);
  if (prefix === '') return [];
  const list = profile.codes.lists.find(({ oid }) => oid === reference.codeSystem);
  const ofCode = list === undefined ? undefined : modalitiesOfCode(list, reference.code);
  const modalities = reference.modalities.length > 0 ? reference.modalities : (ofCode ?? []);
  return candidates
    .filter(
      (candidate) =>
        codesOf(profile, candidate).some((code) => code.startsWith(prefix)) &&
        (modalities.length === 0 || candidate.modalities.some((modality) => modalities.includes(modality))) &&
        (reference.date === '' || candidate.studyDate <= reference.date),
    )
    .toSorted((a, b) => (a.studyDate < b.studyDate ? 1 : a.studyDate > b.studyDate ? -1 : 0));
}
