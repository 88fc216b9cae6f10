import { resolve } from 'node:path';
import type { Command } from 'commander';
import { drainOutbox } from '../../documents/drain-outbox.ts';
import { importDocuments } from '../../documents/import-documents.ts';
import { findFiles } from '../../transfer/find-files.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError } from '../exit-codes.ts';
import { startProgress } from '../progress.ts';
import { stopSignal } from '../stop-signal.ts';
import { openRegister } from './open-register.ts';

export function addDocumentsImport(documents: Command, environment: CliEnvironment): void {
  addCommand(documents, {
    usage: 'import <paths...>',
    summary:
      'bring CDA files or folders of them into the register, beside a running node or without one; again is no harm: the same bytes are counted once',
    examples: [
      'kuva documents import /var/spool/ris/out',
      'storescu -aec KUVA 127.0.0.1 11112 cda.dcm        # the same for a document in a DICOM object (cda2dcm request.xml cda.dcm)',
    ],
  }).action(async (paths: readonly string[], _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    using stop = stopSignal((line) => out.say(line));
    const interrupted = new AbortController();
    let stoppedBy: string | undefined;
    void stop.asked.then((signal) => {
      stoppedBy = signal;
      interrupted.abort();
    });
    await using opened = await openRegister(config);
    const progress = startProgress(out, 'documents');
    try {
      const counts = await importDocuments({
        register: opened.register,
        files: findFiles(paths),
        named: new Set(paths.map((path) => resolve(path))),
        source: 'import',
        onFile: (path, { files, refused }, refusal) => {
          progress.update(files, files, `${refused} refused`);
          if (refusal !== undefined) out.say(`${path}: ${refusal}`);
        },
        signal: interrupted.signal,
      });
      await drainOutbox(opened.index, opened.rules, Date.now());
      const { notXml, ...numbers } = counts;
      out.record(counts, { ...numbers, 'not XML': notXml });
      if (stoppedBy !== undefined)
        throw new CommandFailedError(`interrupted by ${stoppedBy} before the end: give the same command again`);
      if (counts.refused > 0) throw new CommandFailedError(`${counts.refused} of ${counts.files} files were refused`);
    } finally {
      progress.stop();
    }
  });
}
