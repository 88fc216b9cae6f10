import type { Command } from 'commander';
import { addGroup } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { addIdentityChangeCommands } from './identity-change.ts';
import { addIdentityImportCommand } from './identity-import.ts';
import { addIdentityListCommand } from './identity-list.ts';

export function addIdentityCommands(program: Command, environment: CliEnvironment): void {
  const identity = addGroup(program, 'identity', 'whose studies are whose: wrong patients, temporary ids, merged ids', [
    'kuva identity move 1.2.840.113619.2.1 --to 010190-998V --name "Demo^Aino" --reason "wrong worklist entry"',
    'kuva identity merge TMP-17 010190-998V --reason "identified on the ward"',
    'kuva identity list --patient 010190-998V',
  ]);
  addIdentityChangeCommands(identity, environment);
  addIdentityImportCommand(identity, environment);
  addIdentityListCommand(identity, environment);
}
