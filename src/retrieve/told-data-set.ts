import { withIdentity } from '../dicom/patient-identity.ts';
import type { BlockSource } from '../dimse/block-source.ts';
import type { KeptInstance } from './digest-check.ts';
import { readContent } from './stored-data-set.ts';

type Told = Pick<KeptInstance, 'transferSyntaxUid' | 'corrected'>;

/** A kept data set as a stream, about the patient that its study is said to be about. */
export function toldDataSet(
  content: Buffer | BlockSource,
  { corrected, transferSyntaxUid }: Told,
): AsyncIterable<Buffer> {
  const stored = readContent(content);
  return corrected === undefined ? stored : withIdentity(stored, transferSyntaxUid, corrected);
}

/**
 * The data set as it goes out in its own transfer syntax: stored bytes as they are, but for what is corrected. A sender may have left out the
 * NUL that makes a deflated data set even (PS3.5 A.5); fragments are even (PS3.8 annex E), and peers abort the association at one that is not.
 */
export function outgoingDataSet(
  content: Buffer | BlockSource,
  instance: Told,
): Buffer | BlockSource | AsyncIterable<Buffer> {
  if (instance.corrected !== undefined) return evenly(toldDataSet(content, instance));
  return content.length % 2 === 0 ? content : evenly(readContent(content));
}

async function* evenly(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const block of blocks) {
    bytes += block.length;
    yield block;
  }
  if (bytes % 2 !== 0) yield Buffer.alloc(1);
}
