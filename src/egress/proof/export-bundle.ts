import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chainLines } from './chained-lines.ts';
import type { Custody } from './custody-types.ts';

export const CUSTODY_FILE = 'custody.jsonl';
export const FORMAT = 'kuva-proof-1';

/** A file beside the custody, named in it with its SHA-256. */
export interface BundleFile {
  readonly file: string;
  readonly sha256: string;
}

/**
 * Writes the custody of a study into a new folder: one chained line for each thing that happened, and the bytes of reports and manifests as
 * they went over the wire. Returns the head of the chain. @throws when the folder exists or cannot be written
 */
export function exportBundle(custody: Custody, folder: string, madeAt: string): string {
  mkdirSync(folder, { recursive: false });
  const keep = (file: string, bytes: Buffer): BundleFile => {
    writeFileSync(join(folder, file), bytes, { flag: 'wx' });
    return { file, sha256: hash('sha256', bytes) };
  };
  const { studyInstanceUid, accessionNumber, jobs, moves, instances, commitments, manifests } = custody;
  const { text, head } = chainLines([
    { kind: 'proof', format: FORMAT, madeAt, studyInstanceUid, accessionNumber },
    ...jobs.map((job) => ({ kind: 'job', ...job })),
    ...instances.map((instance) => ({ kind: 'instance', ...instance })),
    ...moves.map((move) => ({ kind: 'move', ...move })),
    ...commitments.map(({ report, ...commitment }) => ({
      kind: 'commitment',
      ...commitment,
      report: report === null ? null : keep(`report-${commitment.transactionUid}.bin`, report),
    })),
    ...manifests.map(({ file, ...manifest }) => ({
      kind: 'manifest',
      ...manifest,
      file: keep(`manifest-${manifest.sopInstanceUid}.dcm`, file),
    })),
    { kind: 'end', instances: instances.length },
  ]);
  writeFileSync(join(folder, CUSTODY_FILE), text, { flag: 'wx' });
  return head;
}
