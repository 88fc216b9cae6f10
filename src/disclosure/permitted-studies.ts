import type { CountedStudy, PermittedStudies } from '../index/disclosure/disclosure-types.ts';

/**
 * What may be known of a patient with these studies; undefined when nothing may. `row`: of several rows of one patient, each of which says what
 * another organisation's objects do, the one that is told. It is when one of its own studies may be shown, and whole when all of them may; the
 * counts are of all studies.
 */
export function permittedStudies(
  studies: readonly CountedStudy[],
  isPermitted: (studyUid: string) => boolean,
  row: number | undefined,
): PermittedStudies | undefined {
  const shown = studies.filter(({ studyInstanceUid }) => isPermitted(studyInstanceUid));
  const ofRow = (some: readonly CountedStudy[]): number =>
    row === undefined ? some.length : some.filter(({ patientRow }) => patientRow === row).length;
  if (ofRow(shown) === 0) return undefined;
  return {
    studyUids: shown.map(({ studyInstanceUid }) => studyInstanceUid),
    series: shown.reduce((sum, { series }) => sum + series, 0),
    instances: shown.reduce((sum, { instances }) => sum + instances, 0),
    isWhole: ofRow(shown) === ofRow(studies),
  };
}
