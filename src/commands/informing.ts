import type { Command } from 'commander';
import { INFORMING_VERSIONS } from '../profile/disclosure-section.ts';
import { addCommand, addGroup } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { addTimeOptions } from './consent.ts';
import type { ExpressedOptions } from './consent.ts';
import { endRow, keepRecord, listRows } from './will-registers.ts';

export function addInformingCommands(program: Command, environment: CliEnvironment): void {
  const informing = addGroup(program, 'informing', 'which patients have been informed of the archive (informointi)', [
    'kuva informing add 010181-900C 2.0',
  ]);

  addTimeOptions(
    addCommand(informing, {
      usage: 'add <patient> <version>',
      summary: `record that a patient has received this version of the information: ${INFORMING_VERSIONS.join(', ')}`,
      examples: ['kuva informing add 010181-900C 2.0', 'kuva informing add 010181-900C 1.0 --from 2020-05-01'],
    }),
  ).action((patient: string, version: string, { from, until, id }: ExpressedOptions, command: Command) =>
    keepRecord(environment, command, { register: 'informing', patient, version, from, until, id }),
  );

  addCommand(informing, {
    usage: 'end <number>',
    summary: 'end a record that was made by mistake; the history stays',
    examples: ['kuva informing end 3'],
  })
    .option('--at <when>', 'from this day or moment on (default: now)')
    .action((id: string, { at }: { at?: string }, command: Command) =>
      endRow(environment, command, { register: 'informing', id, at }),
    );

  addCommand(informing, {
    usage: 'list [patient]',
    summary: 'who has been informed, newest first',
    examples: ['kuva informing list 010181-900C'],
  }).action((patient: string | undefined, _options: unknown, command: Command) =>
    listRows(environment, command, {
      register: 'informing',
      patient,
      columns: [{ title: 'version', value: (row) => row.informingVersion }],
    }),
  );
}
