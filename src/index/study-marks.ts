/** What is odd about a study that was kept all the same; bits of `study.flags`. */
export const STUDY_MARK = {
  /** An object came without Patient ID. */
  PATIENT_ID_MISSING: 1,
  /** Patient ID with control characters, backslash, or longer than VR LO allows (64). */
  PATIENT_ID_ODD: 2,
  /** Objects of the study name different patients; the first one is kept. */
  PATIENT_MISMATCH: 4,
  /** The same Series Instance UID came under another study too. */
  SERIES_IN_SEVERAL_STUDIES: 8,
  /** Objects of one series have different modalities; the series keeps the first. */
  MODALITY_MISMATCH: 16,
} as const;

export function studyMarks(flags: number): string[] {
  return Object.entries(STUDY_MARK).flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name]));
}
