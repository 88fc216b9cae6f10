import type { Profile } from '../profile/profile.ts';

export type ContentType = Profile['content']['types'][number];

/** A series as far as its content type depends on it. */
export interface SeriesKind {
  readonly modality: string;
  readonly formats: readonly { readonly sopClassUid: string }[];
}

/**
 * The content types of a study, in the order of the profile. The examination code decides where the profile names it; then each series by
 * SOP class and modality. A study of nothing but reports (an exercise ECG is a PDF) is of the type whose codes it has. Empty when nothing
 * tells.
 */
export function contentTypesOf(
  profile: Profile,
  series: readonly SeriesKind[],
  code: string,
  codeListOid: string | undefined,
): readonly ContentType[] {
  const { types, accompanyingModalities } = profile.content;
  const named = types.filter((type) => type.examinationCodes.includes(code));
  if (named.length > 0) return named;
  const found = new Set(series.map((one) => typeOfSeries(types, one)));
  const kinds = types.filter((type) => found.has(type));
  if (kinds.length > 0 || !series.every((one) => accompanyingModalities.includes(one.modality))) return kinds;
  const list = profile.codes.lists.find(({ oid }) => oid === codeListOid);
  return types.filter((type) => list?.contentTypes.includes(type.name)).slice(0, 1);
}

/** Undefined for what only accompanies other series, and for what the profile does not know. */
function typeOfSeries(types: readonly ContentType[], { modality, formats }: SeriesKind): ContentType | undefined {
  return (
    types.find((type) => formats.some(({ sopClassUid }) => type.sopClasses.includes(sopClassUid))) ??
    types.find((type) => type.modalities.includes(modality))
  );
}
