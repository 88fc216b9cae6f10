import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { claimForImport } from '../config/storage-claim.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { importFiles } from '../transfer/import-files.ts';
import type { ImportCounts, ImportProgress } from '../transfer/import-files.ts';
import { ImportJournal } from '../transfer/import-journal.ts';
import { openIntake } from '../transfer/open-intake.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment, CommandContext } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { humanBytes } from './output.ts';
import { startProgress } from './progress.ts';
import { stopSignal } from './stop-signal.ts';

interface ImportOptions {
  readonly organisation?: string;
  readonly calling: string;
  readonly parallel: string;
}

export function addImportCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'import <paths...>',
    summary:
      'bring files, folders or a DICOMDIR into the archive, on the same way as C-STORE; beside a running node or without one',
    examples: [
      'kuva import /media/cdrom/DICOMDIR',
      'kuva import /data/old-archive        # again after an interruption: it goes on where it was',
      'storescu -aec KUVA 127.0.0.1 11112 +sd +r /data/old-archive        # the same over the network',
    ],
  })
    .option('--organisation <name>', 'owner of what is imported (default: node.organisation)')
    .option('--calling <title>', 'recorded as the sender', 'IMPORT')
    .option('--parallel <number>', 'files at once', '8')
    .action(async (paths: readonly string[], options: ImportOptions, command: Command) => {
      const context = contextOf(environment, command);
      const parallel = Number(options.parallel);
      if (!Number.isInteger(parallel) || parallel < 1 || parallel > 64)
        throw new UsageError(`--parallel ${options.parallel}: write a whole number from 1 to 64`);
      const { counts, stoppedBy } = await importInto(context, paths, { ...options, parallel });
      const { bytes, notDicom, ...numbers } = counts;
      context.out.record(counts, { ...numbers, 'not DICOM': notDicom, size: humanBytes(bytes) });
      // A script that goes on with the next step must not take half an import for a whole one.
      if (stoppedBy !== undefined)
        throw new CommandFailedError(
          `interrupted by ${stoppedBy} before the end: give the same command again, it goes on from here`,
        );
      if (counts.refused > 0) throw new CommandFailedError(`${counts.refused} of ${counts.files} files were refused`);
    });
}

async function importInto(
  context: CommandContext,
  paths: readonly string[],
  options: { organisation?: string; calling: string; parallel: number },
): Promise<{ counts: ImportCounts; stoppedBy: string | undefined }> {
  const { config, out } = context;
  const places = storagePaths(config);
  using _claim = claimForImport(places);
  using stop = stopSignal((line) => out.say(line));
  const interrupted = new AbortController();
  let stoppedBy: string | undefined;
  void stop.asked.then((signal) => {
    out.say(`${signal}: finishing the files under way`);
    stoppedBy = signal;
    interrupted.abort();
  });
  const media = paths.map((path) => pathToFileURL(resolve(path)).href).join(' ');
  await using intake = await openIntake(config, { owner: 'import', media });
  void intake.failed.then((error) => interrupted.abort(error));
  const source = {
    callingAET: options.calling,
    organisation: options.organisation ?? config.node.organisation,
    address: null,
    associationId: null,
  };
  const progress = startProgress(out, 'files');
  try {
    await using journal = await ImportJournal.open(places.imports, paths);
    const counts = await importFiles({
      paths,
      journal,
      parallel: options.parallel,
      begin: (meta) => intake.ingest.begin(source, meta),
      onProgress: (step) => {
        progress.update(step.counts.files, step.counts.files, summary(step));
        if (step.reason !== undefined) out.say(`${step.file}: ${step.reason}`);
      },
      signal: interrupted.signal,
    });
    if (interrupted.signal.reason instanceof Error && interrupted.signal.reason.name !== 'AbortError')
      throw interrupted.signal.reason;
    await intake.tellRefused(counts.refused);
    return { counts, stoppedBy };
  } finally {
    progress.stop();
  }
}

function summary({ counts }: ImportProgress): string {
  return `${counts.new} new, ${counts.duplicate} duplicate, ${counts.conflict} conflict, ${counts.refused} refused, ${counts.notDicom} not DICOM, ${counts.skipped} done before, ${humanBytes(counts.bytes)}`;
}
