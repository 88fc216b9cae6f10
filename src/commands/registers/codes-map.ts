import type { Command } from 'commander';
import type { Config } from '../../config/schema.ts';
import { shownDay } from '../../core/zoned-day.ts';
import type { CodeEntry } from '../../index/nomenclature/code-types.ts';
import { codeMeaning } from '../../nomenclature/examination-code.ts';
import type { Profile } from '../../profile/profile.ts';
import { addCommand } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { csvText } from '../csv-text.ts';
import { newFile } from '../new-file.ts';
import { withReading } from '../open-index.ts';
import { dayOf, registerContext } from './register-command.ts';

interface MapOptions {
  readonly date?: string;
  readonly csv?: string;
}

const COLUMNS = ['code', 'list', 'name', 'validFrom', 'validTo', 'modalities', 'regionPrefix', 'region'] as const;
const PAGE = 10_000;

export function addCodesMap(codes: Command, environment: CliEnvironment): void {
  addCommand(codes, {
    usage: 'map',
    summary:
      'every examination code of the lists in use that is valid on a day, with the modalities and the region of the body that it tells, so that figures of one house can be compared with those of another',
    examples: ['kuva codes map --json', 'kuva codes map --date 2026-01-01 --csv codes-2026.csv'],
  })
    .option('--date <day>', 'valid on this day (default: today)')
    .option('--csv <file>', 'write the table to a new file')
    .action(async (options: MapOptions, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const { out, config } = context;
      const day = dayOf(profile, '--date', options.date);
      const file = options.csv === undefined ? undefined : newFile(environment.cwd, '--csv', options.csv);
      const rows = (await validOn(day, profile, config)).map((entry) => ({
        code: entry.code,
        list: entry.listOid,
        name: entry.name,
        validFrom: entry.validFrom,
        validTo: entry.validTo,
        ...codeMeaning(profile, entry),
      }));
      if (file === undefined) {
        out.list(
          rows,
          [
            { title: 'code', value: (row) => row.code },
            { title: 'name', value: (row) => row.name },
            { title: 'valid from', value: (row) => shownDay(row.validFrom) },
            { title: 'modalities', value: (row) => row.modalities?.join(',') },
            { title: 'region', value: (row) => row.region || row.regionPrefix },
            { title: 'list', value: (row) => row.list },
          ],
          'no code: kuva codes import FILE',
        );
        return;
      }
      const table = rows.map((row) => ({ ...row, modalities: row.modalities?.join(' ') ?? null }));
      file.write(
        csvText(
          COLUMNS,
          table.map((row) => COLUMNS.map((name) => row[name])),
        ),
      );
      out.say(`written to ${file.path}`);
    });
}

function validOn(day: string, profile: Profile, config: Config): Promise<CodeEntry[]> {
  return withReading(config, async (index) => {
    const entries: CodeEntry[] = [];
    for (const { oid } of profile.codes.lists) {
      for (let after = '', page: CodeEntry[] = []; ; after = page.at(-1)!.code) {
        page = await index.read('codesOfList', oid, { prefix: '', after, limit: PAGE });
        if (page.length === 0) break;
        entries.push(...page);
      }
    }
    return entries.filter(({ validFrom, validTo }) => validFrom <= day && (validTo === '' || day <= validTo));
  });
}
