import { randomBytes } from 'node:crypto';
import { buildMultiFrameHead, identityOf, MULTI_FRAME_WORD_SC_STORAGE } from './objects.ts';
import { dataPdus, storeRequest } from './pdus.ts';
import { RawAssociation } from './raw-association.ts';
import type { Target } from './raw-association.ts';

const SIDE = 512;
const FRAME_BYTES = SIDE * SIDE * 2;

export interface LargeLoad {
  readonly target: Target;
  readonly run: number;
  readonly bytes: number;
}

export interface LargeResult {
  readonly seconds: number;
  readonly bytes: number;
  /** from the last byte handed over to the response: what the server still had to do */
  readonly responseMs: number;
  readonly status: number;
}

/** Streams one multi-frame object that exists nowhere as a whole: one random frame, over and over. */
export async function runLargeLoad(load: LargeLoad): Promise<LargeResult> {
  const assoc = await RawAssociation.open(load.target, MULTI_FRAME_WORD_SC_STORAGE);
  const id = identityOf('ct530k', load.run, 0);
  const frames = Math.floor(load.bytes / FRAME_BYTES);
  const frame = randomBytes(FRAME_BYTES);
  const middle = dataPdus('data', frame, assoc.maxPdu, false);
  const command = storeRequest(MULTI_FRAME_WORD_SC_STORAGE, id.sopUid);
  const started = performance.now();
  assoc.write(dataPdus('command', command, assoc.maxPdu));
  await assoc.writeWithBackpressure(dataPdus('data', buildMultiFrameHead(id, SIDE, frames), assoc.maxPdu, false));
  for (let n = 1; n < frames; n++) await assoc.writeWithBackpressure(middle);
  await assoc.writeWithBackpressure(dataPdus('data', frame, assoc.maxPdu));
  const sent = performance.now();
  const status = await assoc.nextStatus();
  const ended = performance.now();
  await assoc.release();
  return { seconds: (ended - started) / 1000, bytes: frames * FRAME_BYTES, responseMs: ended - sent, status };
}
