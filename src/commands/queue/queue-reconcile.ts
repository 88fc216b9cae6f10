import type { Command } from 'commander';
import { isUid } from '../../dicom/uid-syntax.ts';
import type { ReconcileResult } from '../../index/reconcile/reconcile-types.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { withIndex, withReading } from '../open-index.ts';
import { humanTime } from '../output.ts';
import { stopSignal } from '../stop-signal.ts';

interface ReconcileOptions {
  readonly now?: boolean;
  readonly study?: string;
  readonly limit: string;
}

export function addQueueReconcileCommand(queue: Command, environment: CliEnvironment): void {
  addCommand(queue, {
    usage: 'reconcile',
    summary:
      'whether the archive still shows every object that it has committed to; kuva egress asks once a day (egress.reconcileEvery), this shows what came of it, or asks now',
    examples: [
      'kuva queue reconcile',
      'kuva queue reconcile --now',
      'kuva queue reconcile --now --study 1.2.840.113619.2.1 --json',
      'findscu -S -aec ARCHIVE archive.example.org 2762 -k QueryRetrieveLevel=IMAGE -k StudyInstanceUID=… -k SOPInstanceUID        # what it asks',
    ],
  })
    .option('--now', 'ask about all archived studies now; what is missing goes again')
    .option('--study <uid>', 'with --now: one study only')
    .option('--limit <number>', 'show at most so many studies of which something was missing', '100')
    .action(async (options: ReconcileOptions, command: Command) => {
      if (options.study !== undefined && !isUid(options.study)) throw new UsageError(`${options.study} is not a UID`);
      if (options.study !== undefined && options.now !== true) throw new UsageError('--study goes with --now');
      if (!/^[1-9]\d{0,6}$/.test(options.limit)) throw new UsageError(`--limit ${options.limit}: write a whole number`);
      const { out, config } = contextOf(environment, command);
      const columns = [
        { title: 'study', value: (row: ReconcileResult) => row.studyInstanceUid },
        { title: 'archive', value: (row: ReconcileResult) => row.destination },
        { title: 'asked', value: (row: ReconcileResult) => humanTime(row.at) },
        { title: 'expected', value: (row: ReconcileResult) => row.expected, align: 'right' as const },
        { title: 'missing', value: (row: ReconcileResult) => row.missing, align: 'right' as const },
        { title: 'lost', value: (row: ReconcileResult) => row.lost, align: 'right' as const },
        { title: 'not asked because', value: (row: ReconcileResult) => row.problem },
      ];
      if (options.now !== true) {
        await withReading(config, async (index) => {
          const odd = await index.read('reconcileOdd', Number(options.limit));
          out.list(odd, columns, 'nothing was missing');
          for (const each of await index.read('reconcileSummaries')) {
            const { destination, studies, whole, toppedUp, lost, notAsked, oldest } = each;
            out.say(
              `${destination}: asked about ${studies} studies since ${humanTime(oldest ?? 0)}: ${whole} whole, ${toppedUp} sent again in part, ${lost} with losses, ${notAsked} not answered`,
            );
          }
        });
        return;
      }
      // What talks to an archive takes longer to load than a listing to answer.
      const { reconcileNow } = await import('./reconcile-now.ts');
      using stop = stopSignal((line) => out.say(line));
      const interrupted = new AbortController();
      void stop.asked.then(() => interrupted.abort(new CommandFailedError('interrupted before the end')));
      const { rows, counts } = await withIndex(config, (index) =>
        reconcileNow(config, index, options.study, interrupted.signal),
      );
      out.list(rows, columns, 'nothing is missing');
      out.say(
        `asked about ${counts.studies} studies: ${counts.whole} whole; ${counts.again} objects go again, ${counts.lost} are lost, ${counts.notAsked} studies were not answered`,
      );
      if (counts.lost > 0) throw new CommandFailedError(`${counts.lost} objects are neither here nor in the archive`);
      if (counts.notAsked > 0)
        throw new CommandFailedError(`about ${counts.notAsked} studies the archive gave no answer`);
    });
}
