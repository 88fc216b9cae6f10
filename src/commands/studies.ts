import type { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import type { IndexService } from '../index/index-service.ts';
import type { StudyDetail, StudyListQuery, StudySummary } from '../index/index-types.ts';
import { firstShown } from '../search/first-shown.ts';
import { askerOption } from './asker-option.ts';
import type { AskerOptions } from './asker-option.ts';
import { addCommand, addGroup, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { localSearch, revealStudy, tooMuchWithheld } from './local-search.ts';
import { withIndex } from './open-index.ts';
import { humanBytes, humanTime } from './output.ts';
import type { Column } from './output.ts';

interface ListOptions extends AskerOptions {
  readonly limit: string;
  readonly before?: string;
  readonly patientId?: string;
  readonly accession?: string;
  readonly from?: string;
  readonly to?: string;
  readonly marked?: boolean;
}

export function addStudiesCommands(program: Command, environment: CliEnvironment): void {
  const studies = addGroup(program, 'studies', 'studies that are kept; patient data, and what is shown is in the log', [
    'kuva studies list --from 20260101',
  ]);

  const list = addCommand(studies, {
    usage: 'list',
    summary: 'studies, newest received first; with disclosure control as kuva patient has them',
    examples: [
      'kuva studies list --patient-id 010101-123N',
      'kuva studies list --from 20260101 --limit 1000 --json',
      'findscu -S -aec KUVA 127.0.0.1 11112 -k QueryRetrieveLevel=STUDY -k PatientID=010101-123N -k StudyInstanceUID',
    ],
  })
    .option('--limit <number>', 'at most so many', '50')
    .option('--before <uid>', 'continue after this study of the last page')
    .option('--patient-id <id>', 'Patient ID')
    .option('--accession <number>', 'Accession Number')
    .option('--from <date>', 'study date from, YYYYMMDD')
    .option('--to <date>', 'study date to, YYYYMMDD')
    .option('--marked', 'only those in which something was odd on receipt');
  askerOption(list).action(async (options: ListOptions, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const query = queryOf(options);
    const found = await withIndex(config, (index) => shownStudies(index, config, query, options.asker));
    out.list(found, COLUMNS, 'no study');
    const last = found.at(-1);
    if (found.length === query.limit && last !== undefined) out.say(`more: --before ${last.studyInstanceUid}`);
  });

  const show = addCommand(studies, {
    usage: 'show <study-uid>',
    summary: 'one study and its series',
    examples: ['kuva studies show 1.2.840.113619.2.1'],
  });
  askerOption(show).action(async (uid: string, { asker }: AskerOptions, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const study = await withIndex(config, async (index) => {
      await revealStudy(localSearch({ config, index, command: 'studies show', asker }), uid);
      return index.showStudy(uid);
    });
    if (study === undefined) throw new CommandFailedError(`there is no study ${uid}`);
    out.record(study, fields(study));
    if (!out.json) {
      out.list(
        study.series,
        [
          { title: 'number', value: (series) => series.seriesNumber, align: 'right' },
          { title: 'modality', value: (series) => series.modality },
          { title: 'description', value: (series) => series.seriesDescription },
          { title: 'instances', value: (series) => series.numberOfInstances, align: 'right' },
          { title: 'size', value: (series) => humanBytes(series.bytes), align: 'right' },
          { title: 'series instance UID', value: (series) => series.seriesInstanceUid },
        ],
        'no series',
      );
    }
  });
}

const COLUMNS: Column<StudySummary>[] = [
  { title: 'date', value: (study) => study.studyDate },
  { title: 'patient id', value: (study) => study.patientId },
  { title: 'name', value: (study) => study.patientName },
  { title: 'accession', value: (study) => study.accessionNumber },
  { title: 'modalities', value: (study) => study.modalities.join(',') },
  { title: 'series', value: (study) => study.numberOfSeries, align: 'right' },
  { title: 'instances', value: (study) => study.numberOfInstances, align: 'right' },
  { title: 'size', value: (study) => humanBytes(study.bytes), align: 'right' },
  { title: 'marks', value: (study) => study.marks.join(',') },
  { title: 'study instance UID', value: (study) => study.studyInstanceUid },
];

function queryOf(options: ListOptions): StudyListQuery {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000_000)
    throw new UsageError(`--limit ${options.limit}: write a whole number from 1 to 1000000`);
  for (const date of [options.from, options.to]) {
    if (date !== undefined && !/^\d{8}$/.test(date)) throw new UsageError(`${date} is not a date as YYYYMMDD`);
  }
  return {
    limit,
    ...(options.before === undefined ? {} : { before: options.before }),
    ...(options.patientId === undefined ? {} : { patientId: options.patientId }),
    ...(options.accession === undefined ? {} : { accessionNumber: options.accession }),
    ...(options.from === undefined ? {} : { studyDateFrom: options.from }),
    ...(options.to === undefined ? {} : { studyDateTo: options.to }),
    ...(options.marked === true ? { markedOnly: true } : {}),
  };
}

async function shownStudies(
  index: IndexService,
  config: Config,
  query: StudyListQuery,
  asker: string,
): Promise<StudySummary[]> {
  const search = localSearch({ config, index, command: 'studies list', asker });
  const found = await firstShown<StudySummary>({
    page: (last, limit) =>
      index.listStudies({ ...query, limit, ...(last === undefined ? {} : { before: last.studyInstanceUid }) }),
    permitted: async (rows) => {
      const permitted = await search.permitted(rows.map(({ studyInstanceUid }) => studyInstanceUid));
      return rows.filter(({ studyInstanceUid }) => permitted.has(studyInstanceUid));
    },
    limit: query.limit,
    mostWithheld: config.index.findLimit,
  });
  await search.reveal({ studies: found?.map(({ studyInstanceUid }) => studyInstanceUid) ?? [] });
  if (found === undefined) throw tooMuchWithheld('studies', '--patient-id or --accession');
  return found;
}

function fields(study: StudyDetail | StudySummary): Record<string, string | number | null> {
  return {
    study: study.studyInstanceUid,
    patient: `${study.patientName} ${study.patientId}${study.issuer === '' ? '' : ` (${study.issuer})`}`,
    date: `${study.studyDate} ${study.studyTime}`,
    accession: study.accessionNumber,
    description: study.studyDescription,
    modalities: study.modalities.join(', '),
    instances: `${study.numberOfInstances} in ${study.numberOfSeries} series, ${humanBytes(study.bytes)}`,
    received: `${humanTime(study.firstReceivedAt)} to ${humanTime(study.lastReceivedAt)}`,
    organisation: study.organisation,
    marks: study.marks.join(', '),
  };
}
