import type { Command } from 'commander';
import { isUid } from '../dicom/uid-syntax.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { addCommand, addGroup, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { UsageError } from './exit-codes.ts';
import { withReading } from './open-index.ts';
import { humanTime } from './output.ts';

export function addRejectionsCommands(program: Command, environment: CliEnvironment): void {
  const rejections = addGroup(program, 'rejections', 'rejection notes (IHE IOCM) and what they hide from regular use', [
    'kuva rejections list',
  ]);

  addCommand(rejections, {
    usage: 'list',
    summary: 'rejection notes, newest first, and what has become of the objects that they name',
    examples: [
      'kuva rejections list',
      'kuva rejections list --study 1.2.840.113619.2.1 --json',
      'kuva ae add QC1 --host 10.0.0.8 --quality-control        # an AE that still sees what is rejected',
      'storescu -aec KUVA 127.0.0.1 11112 note.dcm        # a rejection note is an object like any other',
    ],
  })
    .option('--study <uid>', 'of one study only')
    .option('--limit <number>', 'at most so many', '100')
    .action(async (options: { study?: string; limit: string }, command: Command) => {
      if (options.study !== undefined && !isUid(options.study)) throw new UsageError(`${options.study} is not a UID`);
      if (!/^[1-9]\d{0,6}$/.test(options.limit)) throw new UsageError(`--limit ${options.limit}: write a whole number`);
      const { out, config } = contextOf(environment, command);
      const { titles } = loadProfile(config.profile).rejection;
      const rows = await withReading(config, (index) =>
        index.read('rejectionList', Number(options.limit), options.study ?? null),
      );
      const meaning = (code: string): string => titles.find((title) => title.value === code)?.meaning ?? '';
      out.list(
        rows.map((row) => ({ ...row, meaning: meaning(row.code) })),
        [
          { title: 'received', value: (row) => humanTime(row.notedAt) },
          { title: 'code', value: (row) => row.code },
          { title: 'meaning', value: (row) => row.meaning },
          { title: 'study', value: (row) => row.studyInstanceUid },
          { title: 'objects', value: (row) => row.instances, align: 'right' },
          { title: 'hidden', value: (row) => row.hidden, align: 'right' },
          { title: 'not here', value: (row) => row.missing, align: 'right' },
          { title: 'came again', value: (row) => row.reverted, align: 'right' },
          { title: 'organisation', value: (row) => row.organisation },
          { title: 'note', value: (row) => row.noteUid },
        ],
        'no rejection notes',
      );
    });
}
