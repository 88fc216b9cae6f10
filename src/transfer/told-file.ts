import { readFileMeta } from '../dicom/file-meta.ts';
import { withIdentity } from '../dicom/patient-identity.ts';
import type { InstanceRef } from '../index/index-types.ts';

/**
 * The bytes of a kept file (PS3.10) as they are shown outside: as they are, or about the patient that its study is said to be about. The first
 * block must hold the file meta information. @throws RecodeError when that patient cannot be written into it
 */
export async function* toldFile(
  file: AsyncIterable<Buffer>,
  { corrected, transferSyntaxUid }: Pick<InstanceRef, 'corrected' | 'transferSyntaxUid'>,
): AsyncGenerator<Buffer> {
  if (corrected === undefined) return yield* file;
  const blocks = file[Symbol.asyncIterator]();
  const first = await blocks.next();
  if (first.done === true) return;
  const { dataSetOffset } = readFileMeta(first.value);
  yield first.value.subarray(0, dataSetOffset);
  yield* withIdentity(joined(first.value.subarray(dataSetOffset), blocks), transferSyntaxUid, corrected);
}

async function* joined(first: Buffer, blocks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await blocks.next(); next.done !== true; next = await blocks.next()) yield next.value;
}
