import { sopClassName } from '../../dicom/sop-class-table.ts';

/** Value Type of the content item that refers to an object (PS3.16 TID 2010, rows 7 to 9). */
export type ReferenceKind = 'IMAGE' | 'WAVEFORM' | 'COMPOSITE';

/** Image IODs whose class is not called one (PS3.3 A.51, A.59, A.71, A.75 and others). */
const IMAGES: ReadonlySet<string> = new Set([
  'Enhanced US Volume Storage',
  'Parametric Map Storage',
  'Segmentation Storage',
  'Label Map Segmentation Storage',
  'Height Map Segmentation Storage',
  'Ophthalmic Thickness Map Storage',
  'Corneal Topography Map Storage',
  'Ophthalmic Optical Coherence Tomography B-scan Volume Analysis Storage',
]);

/** Images and waveforms by their class; documents, presentation states, raw data and what nobody knows are composite objects. */
export function referenceKind(sopClassUid: string): ReferenceKind {
  const name = sopClassName(sopClassUid);
  if (/Image Storage\b/.test(name) || IMAGES.has(name)) return 'IMAGE';
  return /Waveform Storage\b/.test(name) ? 'WAVEFORM' : 'COMPOSITE';
}
