import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { storagePaths } from '../../config/storage-paths.ts';
import type { Config } from '../../config/schema.ts';
import { decodeDataSet } from '../../dicom/data-set.ts';
import { readFileMeta } from '../../dicom/file-meta.ts';
import { readDoseReport, together } from '../../dose/dose-report.ts';
import type { Doses } from '../../dose/dose-report.ts';
import { summariseDoses } from '../../dose/dose-summary.ts';
import type { Examination } from '../../dose/dose-summary.ts';
import type { DoseReportRow } from '../../index/dose/dose-reads.ts';
import { examinationCodeOf, isCodeShaped } from '../../nomenclature/examination-code.ts';
import type { Profile } from '../../profile/profile.ts';
import { StoredObjects } from '../../transfer/stored-objects.ts';
import { addCommand, collect } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { csvText } from '../csv-text.ts';
import { newFile } from '../new-file.ts';
import { existingStorage, withReading } from '../open-index.ts';
import type { Output } from '../output.ts';
import { startProgress } from '../progress.ts';
import { optionalDay, registerContext } from '../registers/register-command.ts';

interface DoseOptions {
  readonly from?: string;
  readonly to?: string;
  readonly organisation?: readonly string[];
  readonly csv?: string;
}

// Of the index at a time: each step answers within milliseconds.
const SPAN = 100_000;

export function addDoseCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'dose',
    summary:
      'radiation doses by organisation and examination code, from the dose reports (RDSR) that are stored: median, third quartile and highest, to compare with reference levels; nothing of patients',
    examples: [
      'kuva dose --from 2026-01-01 --to 2026-12-31',
      'kuva dose --organisation hospital-a --csv doses-2026.csv',
      'dsrdump dose-report.dcm        # one report with DCMTK',
    ],
  })
    .option('--from <day>', 'examinations from this day on')
    .option('--to <day>', 'examinations until this day')
    .option('--organisation <key>', 'only of this organisation; may be repeated', collect)
    .option('--csv <file>', 'write the table to a new file')
    .action(async (options: DoseOptions, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const { out, config } = context;
      const file = options.csv === undefined ? undefined : newFile(environment.cwd, '--csv', options.csv);
      const { examinations, unreadable } = await readExaminations(config, profile, options, out);
      const rows = summariseDoses(examinations);
      if (file === undefined)
        out.list(
          rows,
          [
            { title: 'organisation', value: (row) => row.organisation },
            { title: 'code', value: (row) => row.code },
            { title: 'quantity', value: (row) => row.title },
            { title: 'unit', value: (row) => row.unit },
            { title: 'examinations', value: (row) => row.examinations, align: 'right' },
            { title: 'median', value: (row) => shown(row.median), align: 'right' },
            { title: 'third quartile', value: (row) => shown(row.thirdQuartile), align: 'right' },
            { title: 'highest', value: (row) => shown(row.highest), align: 'right' },
          ],
          'no dose report of such examinations is stored',
        );
      else {
        file.write(
          csvText(
            COLUMNS,
            rows.map((row) => COLUMNS.map((name) => row[name])),
          ),
        );
        out.say(`written to ${file.path}`);
      }
      if (unreadable > 0)
        out.say(`${unreadable} dose reports could not be read: kuva verify tells whether they are damaged`);
    });
}

const COLUMNS = [
  'organisation',
  'code',
  'quantity',
  'unit',
  'examinations',
  'median',
  'thirdQuartile',
  'highest',
] as const;

/** One examination a study: a report for each of its procedure steps, or one that was made anew under another UID, count together. */
async function readExaminations(
  config: Config,
  profile: Profile,
  options: DoseOptions,
  out: Output,
): Promise<{ readonly examinations: Examination[]; readonly unreadable: number }> {
  const [from, to] = [optionalDay('--from', options.from) ?? '', optionalDay('--to', options.to) ?? '99991231'];
  const isWanted = ({ studyDate, organisation }: DoseReportRow): boolean =>
    studyDate >= from &&
    studyDate <= to &&
    (options.organisation === undefined || options.organisation.includes(organisation ?? ''));
  existingStorage(config);
  const objects = new StoredObjects(storagePaths(config));
  const progress = startProgress(out, 'instances');
  const studies = new Map<number, Examination>();
  let unreadable = 0;
  try {
    await withReading(config, async (index) => {
      for (let after = 0, newest = Infinity; after < newest;) {
        const step = await index.read('doseReports', after, SPAN);
        for (const row of step.rows.filter(isWanted)) {
          const doses = await dosesOf(objects.pathOf(row.sha256));
          if (doses === undefined) unreadable += 1;
          else studies.set(row.studyId, examinationOf(profile, row, doses, studies.get(row.studyId)));
        }
        ({ last: after, newest } = step);
        progress.update(after, newest, `${studies.size} examinations`);
      }
    });
  } finally {
    progress.stop();
  }
  return { examinations: [...studies.values()], unreadable };
}

function examinationOf(
  profile: Profile,
  { organisation, studyDescription }: DoseReportRow,
  doses: Doses,
  before: Examination | undefined,
): Examination {
  if (before !== undefined) return { ...before, doses: together(before.doses, doses) };
  const code = examinationCodeOf(profile, studyDescription);
  return { organisation: organisation ?? '', code: isCodeShaped(profile, code) ? code : '', doses };
}

async function dosesOf(path: string): Promise<Doses | undefined> {
  try {
    const file = await readFile(path);
    const { dataSetOffset, transferSyntaxUid } = readFileMeta(file);
    return readDoseReport(decodeDataSet(file.subarray(dataSetOffset), transferSyntaxUid));
  } catch {
    // Damaged, or not what its SOP Class says: counted.
    return undefined;
  }
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}
