import type { Command } from 'commander';
import { addGroup } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { addCitizenRegisterCommands } from './registers.ts';
import { addCitizenShareCommands } from './share.ts';
import { addCitizenViewCommands } from './view.ts';
import { addCitizenWillCommands } from './will.ts';

export function addCitizenCommands(program: Command, environment: CliEnvironment): void {
  const citizen = addGroup(
    program,
    'citizen',
    'what a citizen sees: request, examination entry and statement, never images; what they share, consent to and deny',
    ['kuva citizen view 010181-900C', 'kuva citizen view 010316A9007 --as 010181-900C        # a guardian'],
  );
  for (const add of [
    addCitizenViewCommands,
    addCitizenShareCommands,
    addCitizenWillCommands,
    addCitizenRegisterCommands,
  ])
    add(citizen, environment);
}
