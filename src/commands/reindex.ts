import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { claimForReindex } from '../config/storage-claim.ts';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { DocumentRegister } from '../documents/document-register.ts';
import { IndexService } from '../index/index-service.ts';
import { rejectionRules } from '../ingest/rejection-rules.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { DocumentStore } from '../store/document-store.ts';
import { reindexArchive } from '../transfer/reindex-archive.ts';
import { reindexDocuments } from '../transfer/reindex-documents.ts';
import type { DocumentReindexCounts } from '../transfer/reindex-documents.ts';
import { evictedRows } from '../transfer/evicted-rows.ts';
import { StoredObjects } from '../transfer/stored-objects.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError } from './exit-codes.ts';
import { startProgress } from './progress.ts';

export function addReindexCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'reindex',
    summary:
      'build the index anew from the object tree alone; registers stay; who sent an object is not in the tree and is lost; stop the node first',
    examples: [
      'kuva reindex',
      'kuva reindex --fresh        # when the database cannot be opened: it is put aside, the registers with it',
    ],
  })
    .option('--fresh', 'put the database aside and begin with a new one')
    .action(async (options: { fresh?: boolean }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const paths = storagePaths(config);
      const rejections = rejectionRules(loadProfile(config.profile), config.node.role);
      using _claim = claimForReindex(paths);
      // From here on a node that started would take the index for whole. The old one is untouched until the mark is on the disk.
      if (options.fresh === true) leaveMark(paths.reindexMark);
      if (options.fresh === true && existsSync(paths.database)) {
        out.say(
          `the old database is now ${putAside(paths.database)}; its registers have to be filled again, and the use log and disclosure log are in it alone: keep it`,
        );
      }
      await using index = await IndexService.open({
        path: paths.database,
        readers: 1,
        queue: config.egress.destinations.length > 0,
        underControl: config.disclosure.enabled,
      });
      leaveMark(paths.reindexMark);
      await index.write('rebuildBegin', Date.now());
      const before = await index.totals();
      const expected = before.instances + before.conflicts;
      await index.clearIndex();
      const progress = startProgress(out, 'objects');
      try {
        const counts = await reindexArchive({
          index,
          objects: new StoredObjects(paths),
          organisation: config.node.organisation,
          rejections,
          evicted: evictedRows(index),
          onStep: ({ indexed, conflicts, damaged, unreadable, evicted }) => {
            const done = indexed + conflicts + damaged + unreadable + evicted;
            progress.update(done, Math.max(done, expected), '');
          },
          onFault: (path, reason) => out.say(`${path}: ${reason}`),
        });
        const documents = await reindexRegister(config, index, (path, reason) => out.say(`${path}: ${reason}`));
        // An unfinished one is run again, and still knows then what was known before it.
        const waiting = counts.unreadable > 0 ? 0 : await index.write('rebuildEnd', Date.now());
        await index.cleanMark();
        out.record(
          { ...counts, documents, unknownStudies: waiting },
          { ...counts, 'care documents': documents.registered, 'unknown studies': waiting },
        );
        if (waiting > 0)
          out.say(
            `${waiting} studies were not known to this database: they are not forwarded until kuva queue confirm says that they are our own`,
          );
        if (counts.unreadable > 0)
          throw new CommandFailedError(
            `${counts.unreadable} files of the tree could not be read, so the index lacks objects that are kept: mend that or move them away, then run kuva reindex again`,
          );
        rmSync(paths.reindexMark, { force: true });
        if (counts.damaged > 0)
          throw new CommandFailedError(`${counts.damaged} files of the tree are no whole objects`);
      } finally {
        progress.stop();
      }
    });
}

async function reindexRegister(
  config: Config,
  index: IndexService,
  onFault: (path: string, reason: string) => void,
): Promise<DocumentReindexCounts> {
  const folder = storagePaths(config).documents;
  if (!existsSync(folder)) return { registered: 0, left: 0 };
  const files = await DocumentStore.open(folder);
  const register = new DocumentRegister({
    index,
    files,
    profile: loadProfile(config.profile),
    fetchPriors: false,
    // They were told when they came.
    audited: () => [],
    clock: Date.now,
  });
  const counts = await reindexDocuments(index, files, register, onFault);
  // Studies that are gone leave documents behind; those that are here are followed by the node.
  for (let after: number | null = 0; after !== null;) after = await index.write('documentRecount', after, 1000);
  return counts;
}

function leaveMark(path: string): void {
  closeSynced(openSync(path, 'a'));
  closeSynced(openSync(dirname(path), 'r'));
}

function closeSynced(fd: number): void {
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function putAside(database: string): string {
  const aside = `${database}.${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
  for (const ending of ['', '-wal', '-shm']) {
    if (existsSync(`${database}${ending}`)) renameSync(`${database}${ending}`, `${aside}${ending}`);
  }
  return aside;
}
