import { KuvaError } from '../core/errors.ts';

/** A file that cannot be imported; the message says why without naming a patient. */
export class ImportRefusal extends KuvaError {
  override readonly name = 'ImportRefusal';
}

/** What a file is that was refused: no DICOM at all, a table of contents, which is passed over, or an instance that cannot be taken. */
export function kindOfRefused(path: string, { code }: ImportRefusal): 'notDicom' | 'tableOfContents' | 'refused' {
  // Under a name of its own it is passed over in a folder as one that is named DICOMDIR.
  if (code === 'DICOMDIR') return 'tableOfContents';
  // A file that is named as an image and is none may be one that was lost: somebody has to look.
  return code === 'NOT_DICOM' && !/\.(dcm|dicom|ima)$/i.test(path) ? 'notDicom' : 'refused';
}
