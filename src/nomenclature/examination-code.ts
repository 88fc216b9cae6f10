import type { CodeEntry } from '../index/nomenclature/code-types.ts';
import type { Profile } from '../profile/profile.ts';

export type CodeList = Profile['codes']['lists'][number];

/** What the code lists say of a code on a day; only lists that the profile names count. */
export type CodeValidity =
  | { readonly kind: 'valid'; readonly entry: CodeEntry; readonly list: CodeList }
  | { readonly kind: 'unknown' }
  /** In a list, with no period that holds the day; `until` is the last day of the last period before it. */
  | { readonly kind: 'expired'; readonly until: string; readonly list: CodeList }
  | { readonly kind: 'not-yet'; readonly from: string; readonly list: CodeList };

/** The examination code of a study: the first characters of Study Description (0008,1030). */
export function examinationCodeOf(profile: Profile, studyDescription: string): string {
  return studyDescription.slice(0, profile.codes.examinationCodeLength).trimEnd();
}

/**
 * Whether a text may be shown as a code: free text of a description can hold anything, also about the patient. Digits alone may be the begin
 * of a date or of a personal identity code.
 */
export function isCodeShaped(profile: Profile, text: string): boolean {
  return text.length === profile.codes.examinationCodeLength && /^(?=.*\d)(?=.*[A-Z])[A-Z0-9]+$/.test(text);
}

/** `day` is YYYYMMDD, '' when it is not known: a code without a date is valid when it ever was. */
export function codeValidity(profile: Profile, entries: readonly CodeEntry[], code: string, day: string): CodeValidity {
  const periods = profile.codes.lists.flatMap((list) =>
    entries.filter((entry) => entry.code === code && entry.listOid === list.oid).map((entry) => ({ entry, list })),
  );
  const [first] = periods;
  if (first === undefined) return { kind: 'unknown' };
  const valid = periods.find(
    ({ entry }) => day === '' || (entry.validFrom <= day && (entry.validTo === '' || day <= entry.validTo)),
  );
  if (valid !== undefined) return { kind: 'valid', ...valid };
  const past = periods.filter(({ entry }) => entry.validFrom <= day);
  const last = past.at(-1);
  return last === undefined
    ? { kind: 'not-yet', from: first.entry.validFrom, list: first.list }
    : { kind: 'expired', until: last.entry.validTo, list: last.list };
}

/** Modalities that an examination of this code may have; undefined when the list does not tell. */
export function modalitiesOfCode(list: CodeList, code: string): readonly string[] | undefined {
  return list.method === null ? undefined : list.method.modalities[code.charAt(list.method.position - 1)];
}

/** The region of the body: its prefix, which two examinations of one region share, and its name ('' when the profile has none). */
export function anatomyOfCode(
  list: CodeList,
  code: string,
): { readonly prefix: string; readonly region: string } | undefined {
  if (list.anatomy === null) return undefined;
  const prefix = code.slice(0, list.anatomy.length);
  return { prefix, region: list.anatomy.regions[prefix] ?? '' };
}

/** What a code tells by the profile's rules for its list; null where the list has none. */
export function codeMeaning(
  profile: Profile,
  { code, listOid }: CodeEntry,
): {
  readonly modalities: readonly string[] | null;
  readonly regionPrefix: string | null;
  readonly region: string | null;
} {
  const list = profile.codes.lists.find(({ oid }) => oid === listOid);
  const anatomy = list === undefined ? undefined : anatomyOfCode(list, code);
  return {
    modalities: list === undefined ? null : (modalitiesOfCode(list, code) ?? null),
    regionPrefix: anatomy?.prefix ?? null,
    region: anatomy?.region ?? null,
  };
}
