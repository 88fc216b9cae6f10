import type { Command } from 'commander';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { withReading } from '../open-index.ts';
import { humanTime } from '../output.ts';
import { humanDuration } from './queue-text.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const BOUNDS = [10 * MINUTE, 60 * MINUTE, 240 * MINUTE, 720 * MINUTE, DAY, 3 * DAY, 7 * DAY, 30 * DAY];
const TITLES = [...BOUNDS.map((bound) => `< ${humanDuration(bound)}`), 'older'];

export function addQueueShapeCommand(queue: Command, environment: CliEnvironment): void {
  addCommand(queue, {
    usage: 'shape',
    summary: 'how many studies are how old, by destination: one that grows at the right is stuck',
    examples: ['kuva queue shape', 'kuva queue shape --json'],
  }).action(async (_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const rows = await withReading(config, (index) => index.read('queueShape', Date.now(), BOUNDS));
    const shown = rows.map(({ destination, jobs, byAge }) => ({
      destination,
      studies: jobs,
      byAge: TITLES.map((age, at) => ({ age, studies: byAge[at] ?? 0 })),
    }));
    out.list(
      shown,
      [
        { title: 'destination', value: (row) => row.destination },
        { title: 'studies', value: (row) => row.studies, align: 'right' },
        ...TITLES.map((title, at) => ({
          title,
          value: (row: (typeof shown)[number]) => row.byAge[at]?.studies,
          align: 'right' as const,
        })),
      ],
      'no study is on its way',
    );
  });
}

export function addHeldCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'held',
    summary: 'the work list: studies that may not go, by cause, with what to do',
    examples: ['kuva held', 'kuva held --json', 'kuva queue list --code CODE_UNKNOWN        # all with one cause'],
  }).action(async (_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const groups = await withReading(config, (index) => index.read('queueHeld'));
    out.list(
      groups,
      [
        { title: 'studies', value: (group) => group.studies, align: 'right' },
        { title: 'code', value: (group) => group.code },
        { title: 'cause', value: (group) => group.cause },
        { title: 'remedy', value: (group) => group.remedy },
        { title: 'mostly', value: (group) => group.subjects.map((s) => `${s.subject} (${s.studies})`).join(', ') },
        { title: 'since', value: (group) => humanTime(group.oldestAt) },
        { title: 'for example', value: (group) => group.examples[0] },
      ],
      'no study is held',
    );
  });
}
