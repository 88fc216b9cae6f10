import { z } from 'zod';
import { JOB_STATES } from '../../index/egress/job-state-table.ts';

const named = z.object({ file: z.string().regex(/^[A-Za-z0-9.-]+$/), sha256: z.string() });

// Further keys are no fault: the chain has them, a later version may write more.
const proof = z.object({ kind: z.literal('proof'), format: z.string(), studyInstanceUid: z.string() });
const job = z.object({
  kind: z.literal('job'),
  job: z.number(),
  destination: z.string(),
  version: z.number(),
  state: z.enum(JOB_STATES),
});
const instance = z.object({
  kind: z.literal('instance'),
  sopInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  sopClassUid: z.string(),
  forwards: z.array(
    z.object({
      job: z.number(),
      state: z.string(),
      transactionUid: z.string().nullable(),
      isRejectionNote: z.boolean(),
    }),
  ),
  rejections: z.array(z.object({ noteUid: z.string() })).default([]),
});
const move = z.object({ kind: z.literal('move') });
const commitment = z.object({
  kind: z.literal('commitment'),
  job: z.number(),
  transactionUid: z.string(),
  transferSyntax: z.string(),
  report: named.nullable(),
});
const manifest = z.object({
  kind: z.literal('manifest'),
  job: z.number(),
  sopInstanceUid: z.string(),
  transactionUid: z.string(),
  file: named,
});
const end = z.object({ kind: z.literal('end'), instances: z.number() });

/** One line of a bundle. */
export const bundleEntry = z.discriminatedUnion('kind', [proof, job, instance, move, commitment, manifest, end]);

type BundleEntry = z.output<typeof bundleEntry>;
export type EntryOf<K extends BundleEntry['kind']> = Extract<BundleEntry, { kind: K }>;

/** Entries by what they are. */
export class BundleEntries {
  readonly #all: readonly BundleEntry[];

  constructor(all: readonly BundleEntry[]) {
    this.#all = all;
  }

  of<K extends BundleEntry['kind']>(kind: K): EntryOf<K>[] {
    return this.#all.filter((entry): entry is EntryOf<K> => entry.kind === kind);
  }
}
