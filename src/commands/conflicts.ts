import type { Command } from 'commander';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { withIndex } from './open-index.ts';
import { humanTime } from './output.ts';

export function addConflictsCommand(program: Command, environment: CliEnvironment): void {
  const conflicts = program
    .command('conflicts')
    .description(
      'other bytes that came under a SOP Instance UID that was already kept; both are kept, the first is served',
    );
  addCommand(conflicts, {
    usage: 'list',
    summary: 'all conflicts, newest first',
    examples: ['kuva conflicts list', 'kuva conflicts list --json | wc -l'],
  })
    .option('--limit <number>', 'at most so many', '100')
    .action(async (options: { limit: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const rows = await withIndex(config, (index) =>
        index.listConflicts(Math.max(1, Number.parseInt(options.limit, 10) || 100)),
      );
      out.list(
        rows,
        [
          { title: 'received', value: (row) => humanTime(row.receivedAt) },
          { title: 'from', value: (row) => row.callingAET },
          { title: 'SOP instance UID', value: (row) => row.sopInstanceUid },
          { title: 'kept aside', value: (row) => row.sha256.slice(0, 16) },
          { title: 'served', value: (row) => row.served?.sha256.slice(0, 16) },
          {
            title: 'served since',
            value: (row) => (row.served === undefined ? null : humanTime(row.served.receivedAt)),
          },
        ],
        'no conflict',
      );
    });
}
