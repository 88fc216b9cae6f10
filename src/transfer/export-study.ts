import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KuvaError } from '../core/errors.ts';
import type { InstanceRef } from '../index/index-types.ts';
import { toldFile } from './told-file.ts';

export interface ExportCounts {
  readonly written: number;
  /** There already with the same size; a second export completes the first. */
  readonly there: number;
  readonly bytes: number;
}

/**
 * Writes instances as Part 10 files `<folder>/<series UID>/<SOP instance UID>.dcm`, each a bit-identical copy of what is kept, but for the
 * patient where somebody has corrected that. A copy gets its name only when it is whole and its SHA-256 is right. @throws KuvaError EXPORT_CORRUPT when a kept object is damaged
 */
export async function exportInstances(
  instances: AsyncIterable<readonly InstanceRef[]>,
  pathOf: (sha256: string) => string,
  folder: string,
  onStep: (counts: ExportCounts) => void,
): Promise<ExportCounts> {
  const counts = { written: 0, there: 0, bytes: 0 };
  for await (const batch of instances) {
    for (const instance of batch) {
      // UIDs of the index have passed the UID grammar: digits and dots, so they are safe as names.
      const into = join(folder, instance.seriesInstanceUid);
      const path = join(into, `${instance.sopInstanceUid}.dcm`);
      await mkdir(into, { recursive: true });
      // Whom a corrected copy that is there tells of, its size does not show.
      if (instance.corrected === undefined && (await hasSize(path, instance.size))) {
        counts.there += 1;
      } else {
        if (instance.evictedTo !== undefined) throw evicted(instance, instance.evictedTo);
        await copy(pathOf(instance.sha256), path, instance);
        counts.written += 1;
        counts.bytes += instance.size;
      }
      onStep({ ...counts });
    }
  }
  return counts;
}

async function copy(from: string, to: string, instance: InstanceRef): Promise<void> {
  const partial = `${to}.partial`;
  const file = await open(partial, 'w');
  const hash = createHash('sha256');
  try {
    for await (const chunk of toldFile(hashed(createReadStream(from, { highWaterMark: 1 << 20 }), hash), instance))
      await file.write(chunk);
    if (hash.digest('hex') !== instance.sha256) {
      throw new KuvaError(
        'EXPORT_CORRUPT',
        `the kept object of instance ${instance.sopInstanceUid} is damaged: see kuva verify`,
        { sha256: instance.sha256 },
      );
    }
    await file.close();
    await rename(partial, to);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
}

async function* hashed(blocks: AsyncIterable<unknown>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const block of blocks as AsyncIterable<Buffer>) {
    hash.update(block);
    yield block;
  }
}

function evicted({ sopInstanceUid, studyInstanceUid, sha256 }: InstanceRef, destination: string): KuvaError {
  return new KuvaError(
    'EXPORT_EVICTED',
    `instance ${sopInstanceUid} is in the archive ${destination} alone: kuva recall ${studyInstanceUid} brings it back`,
    { sha256 },
  );
}

async function hasSize(path: string, size: number): Promise<boolean> {
  return stat(path).then(
    (found) => found.size === size,
    () => false,
  );
}
