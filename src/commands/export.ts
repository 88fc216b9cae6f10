import { resolve } from 'node:path';
import type { Command } from 'commander';
import { isUid } from '../dicom/uid-syntax.ts';
import { exportInstances } from '../transfer/export-study.ts';
import { StoredObjects } from '../transfer/stored-objects.ts';
import { askerOption } from './asker-option.ts';
import type { AskerOptions } from './asker-option.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { localSearch, revealStudy } from './local-search.ts';
import { noteStudyExport } from './note-audit.ts';
import { existingStorage, withIndex } from './open-index.ts';
import { humanBytes } from './output.ts';
import { startProgress } from './progress.ts';

export function addExportCommand(program: Command, environment: CliEnvironment): void {
  const exported = addCommand(program, {
    usage: 'export <study-uid> <folder>',
    summary:
      'write a study as Part 10 files with the data sets bit for bit as received (but for a patient that was corrected), <folder>/<series UID>/<SOP instance UID>.dcm; it is in the log',
    examples: [
      'kuva export 1.2.840.113619.2.1 /tmp/study',
      'getscu -S -aec KUVA -od /tmp/study 127.0.0.1 11112 -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.840.113619.2.1        # over the network',
    ],
  });
  askerOption(exported).action(async (uid: string, folder: string, { asker }: AskerOptions, command: Command) => {
    if (!isUid(uid)) throw new UsageError(`${uid} is not a UID`);
    const { out, config } = contextOf(environment, command);
    const objects = new StoredObjects(existingStorage(config));
    const target = resolve(environment.cwd, folder);
    const progress = startProgress(out, 'instances');
    try {
      const counts = await withIndex(config, async (index) => {
        await revealStudy(localSearch({ config, index, command: 'export', asker }), uid);
        const study = await index.showStudy(uid);
        if (study === undefined) throw new CommandFailedError(`there is no study ${uid}`);
        await noteStudyExport(index, config, uid, target);
        return exportInstances(
          index.selectInstances({ level: 'STUDY', studyUids: [uid] }),
          (sha256) => objects.pathOf(sha256),
          target,
          (step) => progress.update(step.written + step.there, study.numberOfInstances, humanBytes(step.bytes)),
        );
      });
      out.record(
        { folder: target, ...counts },
        { folder: target, written: counts.written, 'there before': counts.there, size: humanBytes(counts.bytes) },
      );
    } finally {
      progress.stop();
    }
  });
}
