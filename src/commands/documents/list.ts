import type { Command } from 'commander';
import type { DocumentKind, DocumentQuery, DocumentRow, DocumentState } from '../../index/documents/document-types.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { UsageError } from '../exit-codes.ts';
import { withIndex } from '../open-index.ts';
import type { Column } from '../output.ts';

interface ListOptions {
  readonly patient?: string;
  readonly kind?: string;
  readonly state?: string;
  readonly study?: string;
  readonly limit: string;
}

const KINDS: readonly DocumentKind[] = ['request', 'entry', 'statement'];
const STATES: readonly DocumentState[] = ['current', 'replaced', 'invalidated'];

export function addDocumentsList(documents: Command, environment: CliEnvironment): void {
  addCommand(documents, {
    usage: 'list',
    summary: 'registered documents, newest first',
    examples: [
      'kuva documents list --patient 010181-900C',
      'kuva documents list --kind statement --state current --json',
    ],
  })
    .option('--patient <id>', 'of one patient')
    .option('--kind <kind>', `one of ${KINDS.join(', ')}`)
    .option('--state <state>', `one of ${STATES.join(', ')}`)
    .option('--study <uid>', 'those that belong to a study')
    .option('--limit <number>', 'at most', '100')
    .action(async (options: ListOptions, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const query = queryOf(options);
      const rows = await withIndex(config, async (index): Promise<DocumentRow[]> => {
        if (options.study === undefined) return index.read('documentList', query);
        const linked = await index.read('documentsOfStudy', options.study);
        return linked.filter((row) => matches(row, query)).slice(0, query.limit);
      });
      out.list(rows.map(withoutHeader), COLUMNS, 'no documents: kuva documents import PATH');
    });
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
