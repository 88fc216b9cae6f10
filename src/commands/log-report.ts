import type { Command } from 'commander';
import { encodeEntry } from '../access-log/access-entry.ts';
import { LOGS } from '../access-log/access-log.ts';
import { patientReport, reportSince } from '../access-log/patient-report.ts';
import { writeRefusal, writeReport } from '../access-log/report-text.ts';
import type { WrittenReport } from '../access-log/report-text.ts';
import { REPORT_LANGUAGES } from '../access-log/report-texts-table.ts';
import type { ReportLanguage } from '../access-log/report-texts-table.ts';
import type { Config } from '../config/schema.ts';
import type { IndexService } from '../index/index-service.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { UsageError } from './exit-codes.ts';
import { administration } from './administration.ts';
import { newFile } from './new-file.ts';
import { noteLogUse } from './note-audit.ts';
import { withIndex } from './open-index.ts';
import type { Output } from './output.ts';

interface ReportOptions {
  readonly reason?: string;
  readonly refuse?: string;
  readonly language: string;
  readonly out?: string;
}

export function addLogReportCommands(log: Command, environment: CliEnvironment): void {
  addCommand(log, {
    usage: 'report <person>',
    summary: "the patient's right: who used or got their data, when and on what ground; the report itself is logged",
    examples: [
      'kuva log report 010181-900C --language sv --out report.txt',
      'kuva log report 010181-900C --reason "legal proceedings"        # also what is older',
      'kuva log report 010181-900C --refuse "serious danger to the health of another" --language fi',
    ],
  })
    .option('--reason <text>', 'the special reason for which older entries are told, too')
    .option('--refuse <text>', 'write the refusal with this ground instead of the report')
    .option('--language <code>', `of ${REPORT_LANGUAGES.join(', ')}`, 'fi')
    .option('--out <file>', 'write it here instead of to standard output')
    .action(async (text: string, options: ReportOptions, command: Command) => {
      const person = text.trim().toUpperCase();
      const { out, config } = contextOf(environment, command);
      const language = languageNamed(options.language);
      const rules = loadProfile(config.profile).log;
      const file = options.out === undefined ? undefined : newFile(environment.cwd, '--out', options.out);
      const now = Date.now();
      const head = { person, node: config.node.aeTitle, language, reportYears: rules.reportYears, now };
      const specialReason = options.reason ?? '';
      const report = await withIndex(config, async (index) => {
        await noteLogUse(index, config, LOGS);
        const rows = await index.read('accessLogEntries', { person, limit: Number.MAX_SAFE_INTEGER });
        const refused = options.refuse !== undefined;
        const made = patientReport(rows, {
          reportYears: rules.reportYears,
          namesPersons: rules.reportNamesPersons,
          specialReason,
          now,
        });
        await note(index, config, { person, at: now, refused, specialReason, items: refused ? 0 : made.lines.length });
        return made;
      });
      const write = (text: string): void => {
        if (file === undefined) out.raw(text);
        else file.write(text);
      };
      if (options.refuse !== undefined) {
        if (out.json) out.record({ refused: options.refuse, letter: writeRefusal(options.refuse, head) }, {});
        else write(writeRefusal(options.refuse, head));
      } else if (out.json) out.record({ person, ...report }, {});
      else write(layOut(writeReport(report, head), out));
    });

  addCommand(log, {
    usage: 'prune',
    summary:
      'show what is past its time for keeping (profile: log.keepYears); --yes takes these records out, their hashes stay',
    examples: ['kuva log prune', 'kuva log prune --yes'],
  })
    .option('--yes', 'do it')
    .action(async (options: { yes?: boolean }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const { keepYears } = loadProfile(config.profile).log;
      const now = Date.now();
      const before = reportSince(now, keepYears);
      const results = await withIndex(config, async (index) => {
        await noteLogUse(index, config, LOGS);
        const done = [];
        for (const name of LOGS) {
          const through = await index.read('accessLogLastBefore', name, before);
          const entry = encodeEntry({
            ...administration(config, now),
            log: name,
            person: '',
            eventType: 'prune',
            reasonCode: 'KEEPING_TIME_OVER',
            itemId: `${name}:${through}`,
          });
          const pruned = { ...(JSON.parse(entry.record) as object), pruned: { log: name, through } };
          const taken =
            options.yes === true && through >= 0
              ? await index.write('accessLogPrune', name, through, { ...entry, record: JSON.stringify(pruned) })
              : 0;
          done.push({ log: name, through, taken });
        }
        return done;
      });
      out.list(
        results,
        [
          { title: 'log', value: (row) => row.log },
          { title: 'past its time', value: (row) => (row.through < 0 ? 'nothing' : `entries 0 to ${row.through}`) },
          { title: 'taken out', value: (row) => row.taken, align: 'right' },
        ],
        '',
      );
      if (options.yes !== true) out.say('nothing was changed: add --yes to take them out');
    });
}

interface Told {
  readonly person: string;
  readonly at: number;
  readonly refused: boolean;
  readonly specialReason: string;
  readonly items: number;
}

/** Reading the log is a use of the person's data, too. */
async function note(index: IndexService, config: Config, told: Told): Promise<void> {
  const entry = encodeEntry({
    ...administration(config, told.at),
    log: 'use',
    person: told.person,
    eventType: 'log report',
    outcome: told.refused ? 'denied' : 'permitted',
    specialReason: told.specialReason,
    itemId: told.person,
    items: told.items,
  });
  await index.write('accessLogAppend', 'use', [entry]);
}

function layOut(written: WrittenReport, out: Output): string {
  const lines = [written.title, '', written.intro, ''];
  if (written.rows.length > 0) lines.push(out.textTable(written.columns, written.rows), '');
  return [...lines, ...written.notes, ''].join('\n');
}

function languageNamed(text: string): ReportLanguage {
  const language = REPORT_LANGUAGES.find((known) => known === text);
  if (language === undefined) throw new UsageError(`--language ${text}: write one of ${REPORT_LANGUAGES.join(', ')}`);
  return language;
}
