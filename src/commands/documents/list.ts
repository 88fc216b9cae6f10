import type { Command } from 'commander';
import type { DocumentKind, DocumentQuery, DocumentRow, DocumentState } from '../../index/documents/document-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import { firstShown } from '../../search/first-shown.ts';
import { askerOption } from '../asker-option.ts';
import type { AskerOptions } from '../asker-option.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { UsageError } from '../exit-codes.ts';
import { localSearch, tooMuchWithheld } from '../local-search.ts';
import type { LocalSearch } from '../local-search.ts';
import { withIndex } from '../open-index.ts';
import type { Column } from '../output.ts';

interface ListOptions extends AskerOptions {
  readonly patient?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly study?: string;
  readonly limit: string;
}

const KINDS: readonly DocumentKind[] = ['request', 'entry', 'statement'];
const STATES: readonly DocumentState[] = ['current', 'replaced', 'invalidated'];

export function addDocumentsList(documents: Command, environment: CliEnvironment): void {
  const list = addCommand(documents, {
    usage: 'list',
    summary:
      'registered documents, newest first; with disclosure control those of the own registers, and of others what the law permits; what is shown is in the log',
    examples: [
      'kuva documents list --patient 010181-900C',
      'kuva documents list --kind statement --state current --json',
    ],
  })
    .option('--patient <id>', 'of one patient')
    .option('--kind <kind>', `one of ${KINDS.join(', ')}`)
    .option('--state <state>', `one of ${STATES.join(', ')}`)
    .option('--study <uid>', 'those that belong to a study')
    .option('--limit <number>', 'at most', '100');
  askerOption(list).action(async (options: ListOptions, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const query = queryOf(options);
    const rows = await withIndex(config, async (index) => {
      const search = localSearch({ config, index, command: 'documents list', asker: options.asker });
      const permitted = async <Row extends DocumentRow>(all: readonly Row[]): Promise<Row[]> => {
        const shown = await search.permittedDocuments(all);
        return all.filter(({ oid }) => shown.has(oid));
      };
      const found =
        options.study === undefined
          ? await firstShown<DocumentRow>({
              page: (last, limit) =>
                index.read('documentList', { ...query, limit, ...(last === undefined ? {} : { before: last.id }) }),
              permitted,
              limit: query.limit,
              mostWithheld: config.index.findLimit,
            })
          : await permitted((await ofStudy(index, search, options.study)).filter((row) => matches(row, query)));
      const shown = found?.slice(0, query.limit);
      await search.reveal({ documents: shown?.map(({ oid }) => oid) ?? [] });
      if (shown === undefined) throw tooMuchWithheld('documents', '--patient or --study');
      return shown;
    });
    out.list(rows.map(withoutHeader), COLUMNS, 'no documents: kuva documents import PATH');
  });
}

/** What belongs to a study that may not be shown are those documents alone that name it: as when it is not here. */
async function ofStudy(index: IndexService, search: LocalSearch, studyUid: string): Promise<DocumentRow[]> {
  const linked = await index.read('documentsOfStudy', studyUid);
  const study = (await search.permitted([studyUid])).has(studyUid);
  return linked.filter(({ linkedBy }) => study || linkedBy === 'study');
}

const COLUMNS: Column<Omit<DocumentRow, 'header'>>[] = [
  { title: 'made', value: (row) => row.effectiveTime },
  { title: 'kind', value: (row) => row.kind },
  { title: 'version', value: (row) => row.version, align: 'right' },
  { title: 'state', value: (row) => row.state },
  { title: 'patient', value: (row) => row.patientId },
  { title: 'code', value: (row) => row.examinationCode },
  { title: 'controller', value: (row) => row.controllerOid },
  { title: 'OID', value: (row) => row.oid },
];

/** The JSON header as a field of its own is for machines that ask for one document. */
export function withoutHeader<Row extends DocumentRow>(row: Row): Omit<Row, 'header'> {
  const { header: _, ...rest } = row;
  return rest;
}

function queryOf(options: ListOptions): DocumentQuery & { readonly limit: number } {
  if (!/^[1-9]\d{0,6}$/.test(options.limit)) throw new UsageError(`--limit ${options.limit}: write a number from 1`);
  return {
    limit: Number(options.limit),
    ...(options.patient === undefined ? {} : { patientId: options.patient }),
    ...(options.kind === undefined ? {} : { kind: oneOf('--kind', options.kind, KINDS) }),
    ...(options.state === undefined ? {} : { state: oneOf('--state', options.state, STATES) }),
  };
}

function matches(row: DocumentRow, query: DocumentQuery): boolean {
  return (
    (query.kind ?? row.kind) === row.kind &&
    (query.state ?? row.state) === row.state &&
    (query.patientId ?? row.patientId) === row.patientId
  );
}

function oneOf<T extends string>(option: string, text: string, words: readonly T[]): T {
  const word = words.find((each) => each === text);
  if (word === undefined) throw new UsageError(`${option} ${text}: write one of ${words.join(', ')}`);
  return word;
}
