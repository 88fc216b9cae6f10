import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDeflateRaw, createInflateRaw } from 'node:zlib';
import { RecodeError } from './element-transcoder.ts';

async function* through(source: AsyncIterable<Buffer>, transform: Transform): AsyncGenerator<Buffer> {
  const fed = pipeline(Readable.from(source), transform);
  // A failure of the source comes out of the loop below; here it would be an unhandled rejection.
  fed.catch(() => undefined);
  try {
    yield* transform as AsyncIterable<Buffer>;
  } finally {
    transform.destroy();
  }
}

/** The data set in a deflated one (PS3.5 A.5). @throws RecodeError INFLATE */
export async function* inflated(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw();
  let broken: unknown;
  inflate.once('error', (error) => (broken = error));
  try {
    yield* through(source, inflate);
  } catch (error) {
    throw error === broken && !(error instanceof RecodeError)
      ? new RecodeError('INFLATE', 'The deflated data set cannot be inflated', {}, error)
      : error;
  }
}

/** A data set deflated, of even length. */
export async function* deflated(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of through(source, createDeflateRaw())) {
    total += chunk.length;
    yield chunk;
  }
  // PS3.5 A.5: one NUL makes the length even.
  if (total % 2 !== 0) yield Buffer.from([0]);
}
