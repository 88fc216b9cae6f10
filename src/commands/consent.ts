import type { Command } from 'commander';
import { addCommand, addGroup } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { endRowsOf, keepRecord, listRows } from './will-registers.ts';

export interface ExpressedOptions {
  readonly by?: string;
  readonly via?: string;
  readonly from?: string;
  readonly until?: string;
  readonly id?: string;
}

/** Options of everything that a patient, or somebody for him, expresses. */
export function addExpressedOptions(command: Command): Command {
  return addTimeOptions(
    command
      .option('--by <who>', 'patient or guardian (default: patient)')
      .option('--via <where>', "citizen (the citizen's service) or provider (default: provider)"),
  );
}

/** Options of every record. */
export function addTimeOptions(command: Command): Command {
  return command
    .option('--from <when>', 'in force from this day or moment (default: now)')
    .option('--until <when>', 'to the end of this day, or until this moment (default: for now)')
    .option('--id <text>', 'identifier of the record where it comes from; with --from');
}

export function addConsentCommands(program: Command, environment: CliEnvironment): void {
  const consent = addGroup(program, 'consent', "patients' consents to disclosure (suostumus, luovutuslupa)", [
    'kuva consent give 010181-900C',
    'kuva consent list 010181-900C',
  ]);

  addExpressedOptions(
    addCommand(consent, {
      usage: 'give <patient>',
      summary: 'record a consent; given again it is an update, and the earlier one stays in the history',
      examples: [
        'kuva consent give 010181-900C',
        'kuva consent give 010181-900C --kind suostumus --from 2020-05-01',
        'kuva consent give 010110A900V --by guardian --via citizen',
        'findscu -S -aet PACS -aec KUVA 127.0.0.1 11112 -k QueryRetrieveLevel=STUDY -k PatientID=010181-900C -k StudyInstanceUID        # then, from another controller',
      ],
    }),
  )
    .option('--kind <kind>', 'luovutuslupa, or suostumus of the law before (default: luovutuslupa)')
    .action(
      (patient: string, { kind, by, via, from, until, id }: ExpressedOptions & { kind?: string }, command: Command) =>
        keepRecord(environment, command, { register: 'consent', patient, kind, by, via, from, until, id }),
    );

  addCommand(consent, {
    usage: 'withdraw <patient>',
    summary: 'end the consents of a patient; the history stays',
    examples: ['kuva consent withdraw 010181-900C', 'kuva consent withdraw 010181-900C --at 2024-05-01'],
  })
    .option('--at <when>', 'from this day or moment on (default: now)')
    .action((patient: string, { at }: { at?: string }, command: Command) =>
      endRowsOf(environment, command, { register: 'consent', patient, at }),
    );

  addCommand(consent, {
    usage: 'list [patient]',
    summary: 'consents, ended ones too, newest first',
    examples: ['kuva consent list 010181-900C', 'kuva consent list --json'],
  }).action((patient: string | undefined, _options: unknown, command: Command) =>
    listRows(environment, command, {
      register: 'consent',
      patient,
      columns: [
        { title: 'kind', value: (row) => row.kind },
        { title: 'by', value: (row) => `${row.givenBy}, ${row.via}` },
      ],
    }),
  );
}
