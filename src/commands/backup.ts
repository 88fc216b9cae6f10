import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { localUser } from '../audit/audit-actors.ts';
import { dataExport } from '../audit/events/media-events.ts';
import { patientObject } from '../audit/events/study-objects.ts';
import { errorCode } from '../core/errors.ts';
import { copyDatabase } from '../index/database-copy.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError } from './exit-codes.ts';
import { newFile } from './new-file.ts';
import { noteAudit } from './note-audit.ts';
import { existingStorage, withIndex } from './open-index.ts';
import { humanBytes } from './output.ts';
import { startProgress } from './progress.ts';
import { stopSignal } from './stop-signal.ts';

export function addBackupCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'backup <file>',
    summary:
      'copy the database as it is at one moment, beside a running node, and check the copy: index, registers, queue, proofs and logs; the trees are copied after it with the tools of the system',
    examples: [
      'kuva backup /backup/kuva-2026-11-27.sqlite',
      'rsync -a storage/objects storage/documents /backup/        # after it: files never change, so that only new ones go',
    ],
  }).action(async (file: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const { database } = existingStorage(config);
    const { path } = newFile(environment.cwd, 'backup', file);
    using stop = stopSignal((line) => out.say(line));
    const interrupted = new AbortController();
    void stop.asked.then(() => interrupted.abort(new CommandFailedError('interrupted before the end')));
    const progress = startProgress(out, 'bytes');
    try {
      await withIndex(config, (index) =>
        noteAudit(
          index,
          config,
          dataExport({
            at: Date.now(),
            by: localUser(),
            media: pathToFileURL(path).href,
            // Of everybody.
            objects: [patientObject('')],
            outcome: 0,
          }),
        ),
      );
      const copy = await copyDatabase(
        database,
        path,
        (bytes, of) => progress.update(bytes, of, humanBytes(bytes)),
        interrupted.signal,
      ).catch((error: unknown) => {
        if (error instanceof CommandFailedError) throw error;
        const code = errorCode(error);
        const why = code === 'EEXIST' ? 'another backup is at work there, or was ended by force: then remove it' : code;
        throw new CommandFailedError(`${path}.part cannot be written (${why})`);
      });
      out.record({ file: path, ...copy }, { file: path, ...copy, bytes: humanBytes(copy.bytes) });
    } finally {
      progress.stop();
    }
  });
}
