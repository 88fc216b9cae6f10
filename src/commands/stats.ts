import type { Command } from 'commander';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { withReading } from './open-index.ts';
import { humanBytes } from './output.ts';

export function addStatsCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'stats',
    summary:
      'studies, series, instances and bytes by organisation, modality and month of receipt, from counters kept on the way in',
    examples: ['kuva stats', "kuva stats --json | jq -s 'map(.studies // 0) | add'"],
  }).action(async (_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const { rows, totals } = await withReading(config, async (index) => ({
      rows: await index.read('stats'),
      totals: await index.read('totals'),
    }));
    out.list(
      rows,
      [
        { title: 'organisation', value: (row) => row.organisation },
        { title: 'modality', value: (row) => row.modality },
        { title: 'month', value: (row) => row.month },
        { title: 'studies', value: (row) => row.studies, align: 'right' },
        { title: 'series', value: (row) => row.series, align: 'right' },
        { title: 'instances', value: (row) => row.instances, align: 'right' },
        { title: 'size', value: (row) => humanBytes(row.bytes), align: 'right' },
      ],
      'nothing has been stored yet',
    );
    out.say(
      `${totals.patients} patients, ${totals.studies} studies, ${totals.series} series, ${totals.instances} instances, ${humanBytes(totals.bytes)}; ${totals.duplicates} sent again, ${totals.conflicts} conflicts`,
    );
  });
}
