import { deflated, inflated } from './deflated-stream.ts';
import { ElementTranscoder, RecodeError } from './element-transcoder.ts';
import { transferSyntax, type TransferSyntax } from './transfer-syntaxes.ts';
import { UID } from './uids.ts';

const RECODABLE: ReadonlySet<string> = new Set([
  UID.ImplicitVRLittleEndian,
  UID.ExplicitVRLittleEndian,
  UID.ExplicitVRBigEndian,
  UID.DeflatedExplicitVRLittleEndian,
]);

/** Whether `recode` can turn the one transfer syntax into the other: both uncompressed, or the same. */
export function canRecode(fromTs: string, toTs: string): boolean {
  return fromTs === toTs || (RECODABLE.has(fromTs) && RECODABLE.has(toTs));
}

async function* transcoded(
  source: AsyncIterable<Buffer>,
  from: TransferSyntax,
  to: TransferSyntax,
): AsyncGenerator<Buffer> {
  const transcoder = new ElementTranscoder(from, to);
  for await (const chunk of source) yield* transcoder.write(chunk);
  yield* transcoder.end();
}

/**
 * Re-encodes a data set (without file meta information) as a stream: implicit or explicit little endian, explicit big endian, deflated
 * (PS3.5 annex A). Memory is a few blocks, whatever the size.
 * @throws RecodeError UNSUPPORTED, TRUNCATED, MALFORMED, LENGTH_BEYOND_END, ENCAPSULATED, TOO_DEEP, INFLATE
 */
export async function* recode(source: AsyncIterable<Buffer>, fromTs: string, toTs: string): AsyncGenerator<Buffer> {
  if (fromTs === toTs) {
    yield* source;
    return;
  }
  const from = transferSyntax(fromTs);
  const to = transferSyntax(toTs);
  if (from === undefined || to === undefined || !canRecode(fromTs, toTs)) {
    throw new RecodeError('UNSUPPORTED', `No re-encoding from ${from?.name ?? fromTs} to ${to?.name ?? toTs}`, {
      fromTs,
      toTs,
    });
  }
  const plain = from.deflated ? inflated(source) : source;
  const sameCoding = from.explicit === to.explicit && from.littleEndian === to.littleEndian;
  const encoded = sameCoding ? plain : transcoded(plain, from, to);
  yield* to.deflated ? deflated(encoded) : encoded;
}
