import type { Command } from 'commander';
import { DENIAL_SCOPES } from '../profile/disclosure-section.ts';
import { addCommand, addGroup } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { addExpressedOptions } from './consent.ts';
import type { ExpressedOptions } from './consent.ts';
import { endRow, keepRecord, listRows } from './will-registers.ts';

interface SetOptions extends ExpressedOptions {
  readonly scope?: string;
  readonly serviceEvent?: string;
  readonly controller?: string;
  readonly register?: string;
  readonly group?: string;
  readonly emergencyAllowed?: boolean;
}

export function addDenialCommands(program: Command, environment: CliEnvironment): void {
  const denial = addGroup(program, 'denial', "patients' denials of disclosure (luovutuskielto)", [
    'kuva denial set 010181-900C --scope all',
    'kuva denial list 010181-900C',
  ]);

  addExpressedOptions(
    addCommand(denial, {
      usage: 'set <patient>',
      summary: 'record a denial; it covers what is there and what comes, and never the own use of a register',
      examples: [
        'kuva denial set 010181-900C --scope all --emergency-allowed',
        'kuva denial set 010181-900C --scope service-event --service-event 1.2.246.10.99900011.14.1',
        'kuva denial set 010181-900C --scope provider --controller 1.2.246.10.99900011.19.0 --register 2',
        'kuva denial set 010181-900C --scope group --group uusimaa',
        'findscu -S -aet PACS -aec KUVA 127.0.0.1 11112 -k QueryRetrieveLevel=STUDY -k PatientID=010181-900C -k StudyInstanceUID        # then finds none, from another controller',
      ],
    }),
  )
    .requiredOption('--scope <scope>', `one of ${DENIAL_SCOPES.join(', ')}`)
    .option('--service-event <oid>', 'for scope service-event')
    .option('--controller <oid>', 'for scope provider, and for one private occupational register')
    .option('--register <code>', 'for scope provider: 2 health care, 4 occupational health care')
    .option('--group <name>', 'for scope group: one of the profile, such as uusimaa')
    .option('--emergency-allowed', 'the patient allows use in an emergency')
    .action((patient: string, options: SetOptions, command: Command) =>
      keepRecord(environment, command, {
        register: 'denial',
        patient,
        scope: options.scope,
        serviceEvent: options.serviceEvent,
        controller: options.controller,
        registerCode: options.register,
        group: options.group,
        emergencyAllowed: options.emergencyAllowed,
        by: options.by,
        via: options.via,
        from: options.from,
        until: options.until,
        id: options.id,
      }),
    );

  addCommand(denial, {
    usage: 'cancel <number>',
    summary: 'end a denial; the history stays',
    examples: ['kuva denial cancel 3', 'kuva denial cancel 3 --at 2024-05-01'],
  })
    .option('--at <when>', 'from this day or moment on (default: now)')
    .action((id: string, { at }: { at?: string }, command: Command) =>
      endRow(environment, command, { register: 'denial', id, at }),
    );

  addCommand(denial, {
    usage: 'list [patient]',
    summary: 'denials, ended ones too, newest first',
    examples: ['kuva denial list 010181-900C', 'kuva denial list --json'],
  }).action((patient: string | undefined, _options: unknown, command: Command) =>
    listRows(environment, command, {
      register: 'denial',
      patient,
      columns: [
        { title: 'scope', value: (row) => row.scope },
        {
          title: 'of',
          value: (row) =>
            [row.serviceEvent, row.controller, row.registerCode, row.groupName].filter((part) => part !== '').join(' '),
        },
        { title: 'emergency', value: (row) => (row.emergencyAllowed ? 'allowed' : '') },
        { title: 'by', value: (row) => `${row.givenBy}, ${row.via}` },
      ],
    }),
  );
}
