import type { Command } from 'commander';
import { addCommand, addGroup } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { addTimeOptions } from './consent.ts';
import type { ExpressedOptions } from './consent.ts';
import { endRow, keepRecord, listRows } from './will-registers.ts';

export function addRelationCommands(program: Command, environment: CliEnvironment): void {
  const relation = addGroup(program, 'relation', 'care relationships: which controller cares for whom (hoitosuhde)', [
    'kuva relation add 010181-900C --controller 1.2.246.10.99900011.19.0',
  ]);

  addTimeOptions(
    addCommand(relation, {
      usage: 'add <patient>',
      summary: 'record that a patient is in the care of a controller',
      examples: ['kuva relation add 010181-900C --controller 1.2.246.10.99900011.19.0 --until 2026-12-31'],
    }),
  )
    .requiredOption('--controller <oid>', 'who cares')
    .action((patient: string, options: ExpressedOptions & { controller?: string }, command: Command) => {
      const { controller, from, until, id } = options;
      return keepRecord(environment, command, { register: 'relation', patient, controller, from, until, id });
    });

  addCommand(relation, {
    usage: 'end <number>',
    summary: 'end a care relationship; the history stays',
    examples: ['kuva relation end 3'],
  })
    .option('--at <when>', 'from this day or moment on (default: now)')
    .action((id: string, { at }: { at?: string }, command: Command) =>
      endRow(environment, command, { register: 'relation', id, at }),
    );

  addCommand(relation, {
    usage: 'list [patient]',
    summary: 'care relationships, ended ones too, newest first',
    examples: ['kuva relation list 010181-900C'],
  }).action((patient: string | undefined, _options: unknown, command: Command) =>
    listRows(environment, command, {
      register: 'relation',
      patient,
      columns: [{ title: 'controller', value: (row) => row.controller }],
    }),
  );
}
