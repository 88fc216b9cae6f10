import type { Command } from 'commander';
import { ConfigError } from '../../config/config-error.ts';
import { storagePaths } from '../../config/storage-paths.ts';
import { daysBetween, shownDay } from '../../core/zoned-day.ts';
import type { CertificationRow } from '../../index/registers/register-types.ts';
import type { Profile } from '../../profile/profile.ts';
import { SUBJECT } from '../../readiness/finding.ts';
import { certificationFault } from '../../registers/certification.ts';
import { addCommand, addGroup, collect } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { withIndex, withNewIndex, withReading } from '../open-index.ts';
import { dayOf, lookAgain, optionalDay, registerContext, sayLookedAgain } from './register-command.ts';
import type { Touched } from './register-command.ts';

interface AddOptions {
  readonly system: string;
  readonly systemVersion: string;
  readonly class: string;
  readonly contentType: readonly string[];
  readonly specVersion: readonly string[];
  readonly jointTest: string;
  readonly validFrom?: string;
  readonly validTo: string;
}

export function addCertCommands(program: Command, environment: CliEnvironment): void {
  const cert = addGroup(
    program,
    'cert',
    'certifications: which system may archive which content, in which versions of the specification, and until when',
    ['kuva cert list'],
  );
  addCertAdd(cert, environment);
  addCertList(cert, environment);
  addCertShow(cert, environment);
  addCertRemove(cert, environment);
}

function addCertAdd(cert: Command, environment: CliEnvironment): void {
  addCommand(cert, {
    usage: 'add <register-id>',
    summary:
      'record a certification under its id in the register of systems, or change it; studies that waited for it are looked at again',
    examples: [
      'kuva cert add R-1 --system "PACS 7 and RIS 3" --system-version 7.3 --class A2 --content-type radiology,ecg --spec-version 2.4.1 --joint-test 2025-03-01 --valid-to 2028-03-31',
    ],
  })
    .requiredOption('--system <name>', 'system entity: the combination of systems that was tested')
    .requiredOption('--system-version <text>', 'its version')
    .requiredOption('--class <class>', 'class, such as A2 or A3')
    .requiredOption('--content-type <names>', 'content types, separated by commas; may be repeated', collect)
    .requiredOption('--spec-version <versions>', 'versions of the specification; may be repeated', collect)
    .requiredOption('--joint-test <day>', 'day of the joint test (yhteistestaus)')
    .option('--valid-from <day>', 'first day of validity (default: that of the joint test)')
    .requiredOption('--valid-to <day>', 'last day of validity')
    .action(async (registerId: string, options: AddOptions, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const row = rowOf(registerId, options);
      const fault = certificationFault(row, profile);
      if (fault !== undefined) throw new ConfigError([`certification ${registerId}: ${fault}`]);
      const held = await withNewIndex(storagePaths(context.config), async (index) => {
        const before = (await index.read('certificationList')).find((one) => one.registerId === registerId);
        await index.write('certificationPut', row);
        return lookAgain(index, touchedBy(row, before));
      });
      context.out.record({ ...row, lookedAtAgain: held }, fields(row, profile, dayOf(profile, '', undefined)));
      sayLookedAgain(context, held);
    });
}

function addCertList(cert: Command, environment: CliEnvironment): void {
  addCommand(cert, {
    usage: 'list',
    summary: 'all certifications with how long they are valid',
    examples: ['kuva cert list', 'kuva cert list --date 2027-01-01 --json'],
  })
    .option('--date <day>', 'as on this day (default: today)')
    .action(async (options: { readonly date?: string }, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const day = dayOf(profile, '--date', options.date);
      const rows = await withReading(context.config, (index) => index.read('certificationList'));
      context.out.list(
        rows.map((row) => ({ ...row, state: stateOf(row, profile, day), daysLeft: daysBetween(day, row.validTo) })),
        [
          { title: 'register id', value: (row) => row.registerId },
          { title: 'system', value: (row) => `${row.systemEntity} ${row.version}` },
          { title: 'class', value: (row) => row.class },
          { title: 'content', value: (row) => row.contentTypes.join(',') },
          { title: 'specification', value: (row) => row.specVersions.join(',') },
          { title: 'valid to', value: (row) => shownDay(row.validTo) },
          { title: 'days left', value: (row) => row.daysLeft, align: 'right' },
          { title: 'state', value: (row) => row.state },
        ],
        'no system is certified: kuva cert add REGISTER_ID …',
      );
    });
}

function addCertShow(cert: Command, environment: CliEnvironment): void {
  addCommand(cert, {
    usage: 'show <register-id>',
    summary: 'one certification',
    examples: ['kuva cert show R-1'],
  }).action(async (registerId: string, _options: unknown, command: Command) => {
    const { context, profile } = registerContext(environment, command);
    const rows = await withReading(context.config, (index) => index.read('certificationList'));
    const row = rows.find((one) => one.registerId === registerId);
    if (row === undefined) throw unknownCertification(registerId);
    const day = dayOf(profile, '', undefined);
    context.out.record({ ...row, state: stateOf(row, profile, day) }, fields(row, profile, day));
  });
}

function addCertRemove(cert: Command, environment: CliEnvironment): void {
  addCommand(cert, {
    usage: 'remove <register-id>',
    summary: 'forget a certification; studies that it covered are held from then on',
    examples: ['kuva cert remove R-1'],
  }).action(async (registerId: string, _options: unknown, command: Command) => {
    const { context } = registerContext(environment, command);
    const studies = await withIndex(context.config, async (index) => {
      const row = (await index.read('certificationList')).find((one) => one.registerId === registerId);
      if (row === undefined) throw unknownCertification(registerId);
      await index.write('certificationRemove', registerId);
      return lookAgain(index, touchedBy(row));
    });
    context.out.record({ removed: registerId, lookedAtAgain: studies }, { removed: registerId });
    sayLookedAgain(context, studies);
  });
}

function rowOf(registerId: string, options: AddOptions): CertificationRow {
  const day = (option: string, text: string): string => optionalDay(option, text) ?? '';
  const jointTestDay = day('--joint-test', options.jointTest);
  const row = {
    registerId,
    systemEntity: options.system,
    version: options.systemVersion,
    class: options.class,
    contentTypes: names(options.contentType),
    specVersions: names(options.specVersion),
    jointTestDay,
    validFrom: optionalDay('--valid-from', options.validFrom) ?? jointTestDay,
    validTo: day('--valid-to', options.validTo),
  };
  if (row.contentTypes.length === 0) throw new UsageError('--content-type: write at least one content type');
  if (row.specVersions.length === 0) throw new UsageError('--spec-version: write at least one version');
  return row;
}

function names(given: readonly string[]): string[] {
  return [...new Set(given.flatMap((text) => text.split(',')).map((name) => name.trim()))].filter(
    (name) => name !== '',
  );
}

function touchedBy(...rows: readonly (CertificationRow | undefined)[]): Touched {
  const contentTypes = [...new Set(rows.flatMap((row) => row?.contentTypes ?? []))];
  return { subjects: contentTypes.map(SUBJECT.certification), contentTypes };
}

function stateOf(row: CertificationRow, profile: Profile, day: string): string {
  const fault = certificationFault(row, profile);
  if (fault !== undefined) return `does not count: ${fault}`;
  return day > row.validTo ? 'ended' : day < row.validFrom ? 'not yet' : 'valid';
}

function fields(row: CertificationRow, profile: Profile, day: string): Record<string, string> {
  return {
    'register id': row.registerId,
    system: `${row.systemEntity} ${row.version}`,
    class: row.class,
    content: row.contentTypes.join(', '),
    specification: row.specVersions.join(', '),
    'joint test': shownDay(row.jointTestDay),
    valid: `${shownDay(row.validFrom)} to ${shownDay(row.validTo)}`,
    state: stateOf(row, profile, day),
  };
}

function unknownCertification(registerId: string): CommandFailedError {
  return new CommandFailedError(`certification ${registerId} is not in the register; kuva cert list shows them`);
}
