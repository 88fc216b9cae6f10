import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { isIncluded, leafHash } from '../core/merkle.ts';
import { LogHeadError, openHead } from './signed-head.ts';
import type { TreeHead } from './signed-head.ts';

const proofSchema = z.strictObject({
  seq: z.int().min(0),
  /** The leaf's data to the letter. */
  record: z.string(),
  /** Hashes in hex, the leaf's neighbour first (RFC 6962 2.1.1). */
  path: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(64),
  /** A signed note. */
  head: z.string(),
});

/** Everything that shows that an entry is in a log, beside the public key. */
export type EntryProof = Readonly<z.output<typeof proofSchema>>;

/** @throws LogHeadError when the text is no proof */
export function readEntryProof(text: string): EntryProof {
  try {
    return proofSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new LogHeadError('LOG_PROOF_FORM', `this is no proof as kuva log proof writes it (${shortly(error)})`, {});
  }
}

/** The head under which the entry is. @throws LogHeadError when it is not shown to be */
export function checkEntryProof(proof: EntryProof, publicKey: KeyObject): TreeHead {
  const head = openHead(proof.head, publicKey);
  const place = { index: proof.seq, size: head.size, root: Buffer.from(head.root, 'hex') };
  const path = proof.path.map((hash) => Buffer.from(hash, 'hex'));
  if (!isIncluded(leafHash(proof.record), place, path))
    throw new LogHeadError('LOG_PROOF_WRONG', `entry ${proof.seq} is not in ${head.origin} as this file has it`, {
      origin: head.origin,
      seq: proof.seq,
    });
  return head;
}

function shortly(error: unknown): string {
  if (error instanceof z.ZodError) return error.issues[0]?.path.join('.') ?? 'form';
  return error instanceof Error ? error.message : String(error);
}
