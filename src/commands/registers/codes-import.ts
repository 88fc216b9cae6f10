import type { Command } from 'commander';
import { storagePaths } from '../../config/storage-paths.ts';
import { isOid } from '../../identity/finnish-oid.ts';
import { parseCodeFile } from '../../nomenclature/code-file.ts';
import type { CodeColumns } from '../../nomenclature/code-file.ts';
import { SUBJECT } from '../../readiness/finding.ts';
import { addCommand, collect } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { UsageError } from '../exit-codes.ts';
import { withNewIndex } from '../open-index.ts';
import { lookAgain, readText, registerContext, sayLookedAgain } from './register-command.ts';

interface ImportOptions {
  readonly list: string;
  readonly name?: string;
  readonly column?: readonly string[];
  readonly replace?: boolean;
}

const COLUMNS = ['code', 'name', 'validFrom', 'validTo'] as const;

export function addCodesImport(codes: Command, environment: CliEnvironment): void {
  addCommand(codes, {
    usage: 'import <file>',
    summary:
      'take a code list from JSON or CSV (an export of the national code server); studies that waited for it are looked at again',
    examples: [
      'kuva codes import config/examples/codes-radiology-fictitious.json --list 1.2.246.10.90000003.6.4',
      'kuva codes import export.csv --list 1.2.246.537.6.4 --replace',
      'kuva codes import other.csv --list 1.2.246.537.6.2 --column code=KOODI --column validFrom=ALKU',
    ],
  })
    .requiredOption('--list <oid>', 'OID of the list')
    .option('--name <text>', "what the list is called (default: the profile's name for it)")
    .option(
      '--column <column=title>',
      `a column by its title: ${COLUMNS.join(', ')}; may be repeated`,
      collect,
      undefined,
    )
    .option('--replace', 'forget codes of the list that are not in the file (default: they stay)')
    .action(async (file: string, options: ImportOptions, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const oid = options.list;
      if (!isOid(oid)) throw new UsageError(`--list ${oid}: write an OID, such as 1.2.246.537.6.4`);
      const { name: source, text } = readText(environment, file);
      const entries = parseCodeFile(text, source, columnsOf(options.column ?? []));
      const known = profile.codes.lists.find((list) => list.oid === oid);
      const list = {
        oid,
        name: options.name ?? known?.name ?? oid,
        source,
        importedAt: Date.now(),
        replace: options.replace === true,
      };
      const { imported, held } = await withNewIndex(storagePaths(context.config), async (index) => {
        const result = await index.write('codesImport', { ...list, entries });
        const touched = [...result.added, ...result.changed, ...result.removed];
        return { imported: result, held: await lookAgain(index, { subjects: touched.map(SUBJECT.code) }) };
      });
      const { added, changed, removed, unchanged } = imported;
      const counts = { added: added.length, changed: changed.length, removed: removed.length, unchanged };
      context.out.record(
        { list: oid, name: list.name, source, ...counts, lookedAtAgain: held, used: known !== undefined },
        { list: `${oid} ${list.name}`, ...counts },
      );
      sayLookedAgain(context, held);
      if (known === undefined)
        context.out.say(`profile ${profile.name} does not use this list: name it in codes.lists of the profile`);
    });
}

function columnsOf(given: readonly string[]): CodeColumns {
  return Object.fromEntries(
    given.map((pair) => {
      const [key = '', title = ''] = pair.split('=', 2);
      if (!COLUMNS.some((column) => column === key) || title === '')
        throw new UsageError(`--column ${pair}: write COLUMN=TITLE, with COLUMN one of ${COLUMNS.join(', ')}`);
      return [key, title];
    }),
  );
}
