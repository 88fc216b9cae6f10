import type { Command } from 'commander';
import { addGroup } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { addQueueChangeCommands } from './queue/queue-change.ts';
import { addQueueForecastCommand } from './queue/queue-forecast.ts';
import { addQueueListCommands } from './queue/queue-list.ts';
import { addQueueReconcileCommand } from './queue/queue-reconcile.ts';
import { addQueueShapeCommand } from './queue/queue-shape.ts';

export function addQueueCommands(program: Command, environment: CliEnvironment): void {
  const queue = addGroup(program, 'queue', 'studies on their way to the archive', [
    'kuva queue list',
    'kuva queue hold 1.2.246.10.2.3 --reason "the ward asked for it"',
    'kuva queue forecast',
  ]);
  addQueueListCommands(queue, environment);
  addQueueChangeCommands(queue, environment);
  addQueueShapeCommand(queue, environment);
  addQueueForecastCommand(queue, environment);
  addQueueReconcileCommand(queue, environment);
}
