import { copyDigits } from './multiply-index.ts';
import { accessionNumber, patientId, studyUid } from './synthetic-studies.ts';

/** The big index is a smaller one so many times, under other identifiers. */
export const COPIES = 25;

/** What a study of the big index is found by. */
export interface ScaleStudy {
  readonly patientId: string;
  readonly accession: string;
  readonly studyUid: string;
}

/** The n-th of that many studies of the big index. */
export function scaleStudy(studies: number, n: number): ScaleStudy {
  const base = Math.ceil(studies / COPIES);
  const [copy, study] = [Math.floor(n / base), n % base];
  const ofCopy = (original: string, digitsAt: number): string =>
    copy === 0 ? original : `${original.slice(0, digitsAt)}${copyDigits(copy)}${original.slice(digitsAt + 2)}`;
  return {
    patientId: ofCopy(patientId(study), 0),
    accession: ofCopy(accessionNumber(study), 1),
    studyUid: ofCopy(studyUid(study), 22),
  };
}
