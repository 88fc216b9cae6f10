import type { Command } from 'commander';
import { addCommand, addGroup, collect } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { addTimeOptions } from './consent.ts';
import type { ExpressedOptions } from './consent.ts';
import { endRow, keepRecord, listRows } from './will-registers.ts';

interface AddOptions extends ExpressedOptions {
  readonly patient?: string;
  readonly producer?: string;
  readonly organiser?: string;
  readonly unit?: string;
  readonly register?: string;
  readonly specifier?: string;
  readonly searchController?: string;
  readonly storageController?: string;
  readonly storageRegister?: string;
  readonly storageSpecifier?: string;
  readonly materialFrom?: string;
  readonly materialUntil?: string;
  readonly serviceEvent?: readonly string[];
}

export function addAuthorisationCommands(program: Command, environment: CliEnvironment): void {
  const authorisation = addGroup(
    program,
    'authorisation',
    'outsourced care: producers that may search an organiser’s register (ostopalvelun valtuutus)',
    ['kuva authorisation list 010181-900C'],
  );

  addTimeOptions(
    addCommand(authorisation, {
      usage: 'add',
      summary: 'record an authorisation, for one patient or a whole register; no denial blocks it',
      examples: [
        'kuva authorisation add --patient 010181-900C --organiser 1.2.246.10.99900011.19.0 --register 2 --producer 1.2.246.10.99900070.19.0 --until 2026-12-31',
        'kuva authorisation add --organiser 1.2.246.10.99900011.19.0 --register 2 --producer 1.2.246.10.99900070.19.0        # whole register',
      ],
    }),
  )
    .option('--patient <id>', 'for this patient (default: for the whole register)')
    .requiredOption('--producer <oid>', 'who reads and gives statements: organisation or controller')
    .requiredOption('--organiser <oid>', 'controller that has the care done')
    .option('--unit <oid>', 'unit of the organiser')
    .requiredOption('--register <code>', 'register that may be searched: 2 health care, 4 occupational health care')
    .option('--specifier <text>', 'its specifier (rekisterin tarkenne)')
    .option('--search-controller <oid>', 'controller of that register (default: the organiser)')
    .option('--storage-controller <oid>', 'controller of the register to store in (default: the searched one)')
    .option('--storage-register <code>', 'register to store in (default: the searched one)')
    .option('--storage-specifier <text>', 'its specifier')
    .option('--material-from <day>', 'only studies from this day')
    .option('--material-until <day>', 'only studies to this day')
    .option('--service-event <oid>', 'only this service event; may be repeated', collect, undefined)
    .action((options: AddOptions, command: Command) =>
      keepRecord(environment, command, {
        register: 'authorisation',
        patient: options.patient,
        producer: options.producer,
        organiser: options.organiser,
        organiserUnit: options.unit,
        searchController: options.searchController,
        searchRegister: options.register,
        searchSpecifier: options.specifier,
        storageController: options.storageController,
        storageRegister: options.storageRegister,
        storageSpecifier: options.storageSpecifier,
        materialFrom: options.materialFrom,
        materialUntil: options.materialUntil,
        serviceEvents: options.serviceEvent,
        from: options.from,
        until: options.until,
        id: options.id,
      }),
    );

  addCommand(authorisation, {
    usage: 'end <number>',
    summary: 'end an authorisation; the history stays',
    examples: ['kuva authorisation end 3', 'kuva authorisation end 3 --at 2026-06-01'],
  })
    .option('--at <when>', 'from this day or moment on (default: now)')
    .action((id: string, { at }: { at?: string }, command: Command) =>
      endRow(environment, command, { register: 'authorisation', id, at }),
    );

  addCommand(authorisation, {
    usage: 'list [patient]',
    summary: 'authorisations, ended ones too, newest first',
    examples: ['kuva authorisation list', 'kuva authorisation list 010181-900C --json'],
  }).action((patient: string | undefined, _options: unknown, command: Command) =>
    listRows(environment, command, {
      register: 'authorisation',
      patient,
      columns: [
        { title: 'producer', value: (row) => row.producer },
        {
          title: 'searches',
          value: (row) => [row.searchController, row.searchRegister, row.searchSpecifier].join(' ').trim(),
        },
        {
          title: 'material',
          value: (row) =>
            row.allDocuments ? 'all' : [`${row.materialFrom}-${row.materialUntil}`, ...row.serviceEvents].join(' '),
        },
      ],
    }),
  );
}
