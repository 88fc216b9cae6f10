import type { Command } from 'commander';
import { storagePaths } from '../config/storage-paths.ts';
import { isUid } from '../dicom/uid-syntax.ts';
import type { IndexService } from '../index/index-service.ts';
import { DocumentStore } from '../store/document-store.ts';
import { StoredObjects } from '../transfer/stored-objects.ts';
import { verifyArchive } from '../transfer/verify-archive.ts';
import type { Damage } from '../transfer/verify-archive.ts';
import { verifyDocuments } from '../transfer/verify-documents.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { withIndex } from './open-index.ts';
import { humanBytes } from './output.ts';
import { startProgress } from './progress.ts';
import { stopSignal } from './stop-signal.ts';

export function addVerifyCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'verify',
    summary: 'read every kept object and compare its size and SHA-256; exit code 1 when one is damaged or missing',
    examples: [
      'kuva verify',
      'kuva verify --study 1.2.840.113619.2.1 --json',
      'find storage/objects -name "*.dcm" | xargs sha256sum        # the same without kuva: each name is the sum',
    ],
  })
    .option('--study <uid>', 'one study only')
    .action(async (options: { study?: string }, command: Command) => {
      if (options.study !== undefined && !isUid(options.study)) throw new UsageError(`${options.study} is not a UID`);
      const { out, config } = contextOf(environment, command);
      const damages: Damage[] = [];
      using stop = stopSignal((line) => out.say(line));
      const interrupted = new AbortController();
      void stop.asked.then(() => interrupted.abort(new CommandFailedError('interrupted before the end')));
      const progress = startProgress(out, 'bytes');
      let read = 0;
      try {
        const counts = await withIndex(config, async (index) => {
          const total = await bytesToRead(index, options.study);
          const archive = await verifyArchive({
            index,
            objects: new StoredObjects(storagePaths(config)),
            studyUid: options.study,
            onBytes: (bytes) =>
              progress.update((read += bytes), total, damages.length === 0 ? 'no damage' : `${damages.length} damaged`),
            onDamage: (damage) => {
              damages.push(damage);
              out.say(
                `${damage.code} ${damage.sha256}${damage.sopInstanceUid === null ? '' : ` instance ${damage.sopInstanceUid}`}`,
              );
            },
            signal: interrupted.signal,
          });
          if (options.study !== undefined) return { ...archive, documents: 0, unregistered: 0 };
          const found = await verifyDocuments({
            register: index,
            documents: DocumentStore.reading(storagePaths(config).documents),
            onDamage: (code, sha256) => {
              damages.push({ code, sha256, sopInstanceUid: null, studyInstanceUid: null });
              out.say(`${code} ${sha256}`);
            },
            signal: interrupted.signal,
          });
          return { ...archive, ...found, damaged: archive.damaged + found.damaged };
        });
        out.record(
          { ...counts, damages },
          {
            objects: counts.objects,
            size: humanBytes(counts.bytes),
            damaged: counts.damaged,
            'not in the index': counts.unindexed,
            'care documents': counts.documents,
            'not in the register': counts.unregistered,
            'in an archive alone': counts.evicted,
          },
        );
        if (counts.damaged > 0)
          throw new CommandFailedError(
            `${counts.damaged} of ${counts.objects + counts.documents} objects are damaged or missing: bring them back from a copy or from their sender`,
          );
      } finally {
        progress.stop();
      }
    });
}

// A study that is not there is no study without damage.
async function bytesToRead(index: IndexService, studyUid: string | undefined): Promise<number> {
  if (studyUid === undefined) return (await index.totals()).bytes;
  const study = await index.showStudy(studyUid);
  if (study === undefined) throw new CommandFailedError(`there is no study ${studyUid}`);
  return study.bytes;
}
