import type { Command } from 'commander';
import { shownDay } from '../../core/zoned-day.ts';
import type { CodeEntry } from '../../index/nomenclature/code-types.ts';
import { codeMeaning, codeValidity, modalitiesOfCode } from '../../nomenclature/examination-code.ts';
import type { Profile } from '../../profile/profile.ts';
import { SUBJECT } from '../../readiness/finding.ts';
import { addCommand, addGroup } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { withIndex, withReading } from '../open-index.ts';
import { humanTime } from '../output.ts';
import { addCodesImport } from './codes-import.ts';
import { addCodesMap } from './codes-map.ts';
import { dayOf, lookAgain, registerContext, sayLookedAgain } from './register-command.ts';

interface ListOptions {
  readonly list?: string;
  readonly prefix?: string;
  readonly after?: string;
  readonly limit: string;
}

interface CheckOptions {
  readonly date?: string;
  readonly modality?: string;
}

export function addCodesCommands(program: Command, environment: CliEnvironment): void {
  const codes = addGroup(program, 'codes', 'code lists of examinations, each code with its periods of validity', [
    'kuva codes list',
    'kuva codes import export.csv --list 1.2.246.537.6.4',
  ]);
  addCodesImport(codes, environment);
  addCodesList(codes, environment);
  addCodesShow(codes, environment);
  addCodesCheck(codes, environment);
  addCodesMap(codes, environment);
  addCodesRemove(codes, environment);
}

function addCodesList(codes: Command, environment: CliEnvironment): void {
  addCommand(codes, {
    usage: 'list',
    summary: 'the code lists that the profile uses or that were imported; with --list the codes of one',
    examples: ['kuva codes list', 'kuva codes list --list 1.2.246.537.6.4 --prefix NA --json'],
  })
    .option('--list <oid>', 'show the codes of this list')
    .option('--prefix <text>', 'only codes that begin with this')
    .option('--after <code>', 'continue after this code of the last page')
    .option('--limit <number>', 'at most so many codes', '200')
    .action(async (options: ListOptions, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const limit = Number(options.limit);
      if (!Number.isInteger(limit) || limit < 1 || limit > 1_000_000)
        throw new UsageError(`--limit ${options.limit}: write a whole number from 1 to 1000000`);
      if (options.list === undefined) {
        const rows = await withReading(context.config, (index) => index.read('codeLists'));
        const oids = new Set([...profile.codes.lists.map(({ oid }) => oid), ...rows.map(({ oid }) => oid)]);
        const lists = [...oids].map((oid) =>
          listLine(
            profile,
            oid,
            rows.find((row) => row.oid === oid),
          ),
        );
        context.out.list(
          lists,
          [
            { title: 'list', value: (list) => list.oid },
            { title: 'name', value: (list) => list.name },
            { title: 'used', value: (list) => (list.used ? 'yes' : 'no') },
            { title: 'content', value: (list) => list.contentTypes.join(',') },
            { title: 'periods', value: (list) => list.entries, align: 'right' },
            { title: 'imported', value: (list) => (list.importedAt === null ? null : humanTime(list.importedAt)) },
            { title: 'from', value: (list) => list.source },
          ],
          'the profile names no list',
        );
        return;
      }
      const { list, prefix = '', after = '' } = options;
      const page = await withReading(context.config, (index) =>
        index.read('codesOfList', list, { prefix, after, limit }),
      );
      context.out.list(page, ENTRY_COLUMNS, 'no code');
      const last = page.at(-1);
      if (last !== undefined && new Set(page.map(({ code }) => code)).size === limit)
        context.out.say(`more: --after ${last.code}`);
    });
}

function addCodesShow(codes: Command, environment: CliEnvironment): void {
  addCommand(codes, {
    usage: 'show <code>',
    summary: 'every period of a code in all lists, with the modalities and the region of the body that it tells',
    examples: ['kuva codes show ZA1AD'],
  }).action(async (code: string, _options: unknown, command: Command) => {
    const { context, profile } = registerContext(environment, command);
    const entries = await withReading(context.config, (index) => index.read('codeEntries', [code]));
    if (entries.length === 0)
      throw new CommandFailedError(`code ${code} is in none of the lists; kuva codes list shows them`);
    const lines = entries.map((entry) => ({ ...entry, ...codeMeaning(profile, entry) }));
    context.out.list(
      lines,
      [
        ...ENTRY_COLUMNS,
        { title: 'list', value: (line) => line.listOid },
        { title: 'modalities', value: (line) => line.modalities?.join(',') },
        { title: 'region', value: (line) => line.region || line.regionPrefix },
      ],
      'no code',
    );
  });
}

function addCodesCheck(codes: Command, environment: CliEnvironment): void {
  addCommand(codes, {
    usage: 'check <code>',
    summary: 'whether an examination code is valid on a day, and for a modality; exit code 1 when it is not',
    examples: [
      'kuva codes check ZA1AD --date 2026-03-01 --modality CT',
      'dcmdump +P StudyDescription image.dcm        # its first five characters are the code',
    ],
  })
    .option('--date <day>', 'on this day (default: today)')
    .option('--modality <modality>', 'whether an examination of this modality can have it')
    .action(async (code: string, options: CheckOptions, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const day = dayOf(profile, '--date', options.date);
      const entries = await withReading(context.config, (index) => index.read('codeEntries', [code]));
      const validity = codeValidity(profile, entries, code, day);
      const modalities = validity.kind === 'unknown' ? undefined : modalitiesOfCode(validity.list, code);
      const isForModality = options.modality === undefined || (modalities?.includes(options.modality) ?? true);
      const verdict = validity.kind === 'valid' && !isForModality ? 'other-modality' : validity.kind;
      const period =
        validity.kind === 'valid'
          ? { validFrom: validity.entry.validFrom, validTo: validity.entry.validTo, name: validity.entry.name }
          : undefined;
      const list = validity.kind === 'unknown' ? null : validity.list.oid;
      context.out.record(
        { code, day, verdict, list, ...period, modalities: modalities ?? null },
        {
          code,
          day: shownDay(day),
          verdict,
          list,
          name: period?.name,
          valid: period === undefined ? undefined : `${shownDay(period.validFrom)} to ${shownDay(period.validTo)}`,
          modalities: modalities?.join(', '),
        },
      );
      if (verdict !== 'valid') throw new CommandFailedError(`code ${code} on ${shownDay(day)}: ${verdict}`);
    });
}

function addCodesRemove(codes: Command, environment: CliEnvironment): void {
  addCommand(codes, {
    usage: 'remove <oid>',
    summary: 'forget a code list',
    examples: ['kuva codes remove 1.2.246.10.90000003.6.4'],
  }).action(async (oid: string, _options: unknown, command: Command) => {
    const { context } = registerContext(environment, command);
    const { removed, held } = await withIndex(context.config, async (index) => {
      const gone = await index.write('codeListRemove', oid);
      return { removed: gone, held: await lookAgain(index, { subjects: (gone ?? []).map(SUBJECT.code) }) };
    });
    if (removed === undefined) throw new CommandFailedError(`list ${oid} was not imported; kuva codes list shows them`);
    context.out.record({ removed: oid, codes: removed.length }, { removed: oid, codes: removed.length });
    sayLookedAgain(context, held);
  });
}

const ENTRY_COLUMNS = [
  { title: 'code', value: (entry: CodeEntry) => entry.code },
  { title: 'valid from', value: (entry: CodeEntry) => shownDay(entry.validFrom) },
  { title: 'valid to', value: (entry: CodeEntry) => shownDay(entry.validTo) },
  { title: 'name', value: (entry: CodeEntry) => entry.name },
];

function listLine(
  profile: Profile,
  oid: string,
  row:
    | { readonly name: string; readonly source: string; readonly importedAt: number; readonly entries: number }
    | undefined,
) {
  const used = profile.codes.lists.find((list) => list.oid === oid);
  return {
    oid,
    name: row?.name ?? used?.name ?? '',
    used: used !== undefined,
    contentTypes: used?.contentTypes ?? [],
    entries: row?.entries ?? 0,
    importedAt: row?.importedAt ?? null,
    source: row?.source ?? null,
  };
}
