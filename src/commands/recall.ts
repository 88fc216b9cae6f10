import type { Command } from 'commander';
import { claimForImport } from '../config/storage-claim.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { isUid } from '../dicom/uid-syntax.ts';
import { Archives } from '../egress/archive/archives.ts';
import { ArchiveRecall } from '../egress/evict/archive-recall.ts';
import type { IndexService } from '../index/index-service.ts';
import type { InstanceRef } from '../index/index-types.ts';
import { openIntake } from '../transfer/open-intake.ts';
import { StoredObjects } from '../transfer/stored-objects.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { archiveConnector } from './evict.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { auditRecord } from './note-audit.ts';
import { withIndex } from './open-index.ts';
import { stopSignal } from './stop-signal.ts';

export function addRecallCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'recall <study>',
    summary:
      'bring the files of an evicted study back from the archive; a C-MOVE or C-GET of it does the same by itself',
    examples: [
      'kuva recall 1.2.840.113619.2.1',
      'movescu -S -aec KUVA -aem WORKSTATION 127.0.0.1 11112 -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.840.113619.2.1',
    ],
  }).action(async (study: string, _options: unknown, command: Command) => {
    if (!isUid(study)) throw new UsageError(`${study} is not a UID`);
    const { out, config } = contextOf(environment, command);
    using stop = stopSignal((line) => out.say(line));
    const interrupted = new AbortController();
    void stop.asked.then(() => interrupted.abort(new CommandFailedError('interrupted before the end')));
    const result = await withIndex(config, async (index) => {
      const instances = await instancesOf(index, study);
      if (instances.length === 0) throw new CommandFailedError(`there is no study ${study}`);
      const away = instances.filter(({ evictedTo }) => evictedTo !== undefined);
      if (away.length === 0) return { instances: instances.length, recalled: 0, failed: new Map<string, string>() };
      using _claim = claimForImport(storagePaths(config));
      await using intake = await openIntake(config, { owner: 'recall', media: '' });
      const recall = new ArchiveRecall({
        index,
        objects: sizes(new StoredObjects(storagePaths(config))),
        archives: new Archives(config, archiveConnector(config)),
        ingest: intake.ingest,
        ownAet: config.node.aeTitle,
        pendingInterval: config.retrieve.pendingInterval,
        record: auditRecord(index, config),
        now: Date.now,
        log: () => {},
      });
      const failed = await recall.bringBack(away, interrupted.signal);
      return { instances: instances.length, recalled: away.length - failed.size, failed };
    });
    const { instances, recalled, failed } = result;
    out.record({ study, instances, recalled, failed: Object.fromEntries(failed) }, { study, instances, recalled });
    for (const [sopUid, reason] of failed) out.say(`${sopUid}: ${reason}`);
    if (failed.size > 0) throw new CommandFailedError(`${failed.size} objects did not come back`);
  });
}

async function instancesOf(index: IndexService, study: string): Promise<InstanceRef[]> {
  const instances: InstanceRef[] = [];
  for await (const batch of index.selectInstances({ level: 'STUDY', studyUids: [study] })) instances.push(...batch);
  return instances;
}

function sizes(objects: StoredObjects) {
  return {
    async stat(sha256: string): Promise<{ size: number } | undefined> {
      try {
        const { size, close } = await objects.open(sha256);
        await close();
        return { size };
      } catch {
        return undefined;
      }
    },
  };
}
