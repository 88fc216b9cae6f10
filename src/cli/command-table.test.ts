import { Command } from 'commander';
import { expect, test } from 'vitest';
import type { CliEnvironment } from '../commands/command-context.ts';
import { COMMANDS } from './command-table.ts';

test.each(COMMANDS)('$name is what its module adds', async ({ name, load }) => {
  const program = new Command();
  (await load())(program, {} as CliEnvironment);
  expect(program.commands.map((command) => command.name())).toEqual([name]);
});
