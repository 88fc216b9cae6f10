import { readFileSync } from 'node:fs';
import { readFileMeta } from '../../src/dicom/file-meta.ts';
import { samples, sampleDir } from '../support/samples.ts';

export interface SampleDataSet {
  readonly name: string;
  readonly path: string;
  readonly transferSyntaxUid: string;
  readonly dataSet: Buffer;
}

/** The data set of every sample file, or a clear failure when python3-pydicom is not installed. */
export function sampleDataSets(): SampleDataSet[] {
  if (sampleDir() === undefined) throw new Error('python3-pydicom is not installed: apt-get install python3-pydicom');
  return samples().map(({ name, path, transferSyntaxUid }) => {
    const file = readFileSync(path);
    return { name, path, transferSyntaxUid, dataSet: file.subarray(readFileMeta(file).dataSetOffset) };
  });
}
