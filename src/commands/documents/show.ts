import type { Command } from 'commander';
import type { Config } from '../../config/schema.ts';
import { storagePaths } from '../../config/storage-paths.ts';
import type { CareDocument } from '../../documents/care-document.ts';
import { readCda } from '../../documents/cda-reader.ts';
import { drainOutbox } from '../../documents/drain-outbox.ts';
import { reconcileRules } from '../../documents/reconcile-rules.ts';
import type { DocumentRow } from '../../index/documents/document-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { DocumentStore } from '../../store/document-store.ts';
import { noteDocumentRead } from '../administration.ts';
import { askerOption } from '../asker-option.ts';
import type { AskerOptions } from '../asker-option.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError } from '../exit-codes.ts';
import { localSearch } from '../local-search.ts';
import type { LocalSearch } from '../local-search.ts';
import { newFile } from '../new-file.ts';
import { noteDocumentExport } from '../note-audit.ts';
import { withIndex } from '../open-index.ts';
import { withoutHeader } from './list.ts';

export function addDocumentsShow(documents: Command, environment: CliEnvironment): void {
  const show = addCommand(documents, {
    usage: 'show <oid>',
    summary: 'one document: what it says, its versions, the studies it belongs to',
    examples: [
      'kuva documents show 1.2.246.10.90000011.11.2026.1.3.1',
      'kuva documents show OID --json | jq -r .sections[].text',
    ],
  });
  askerOption(show).action(async (oid: string, { asker }: AskerOptions, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const found = await withIndex(config, async (index) => {
      const search = localSearch({ config, index, command: 'documents show', asker });
      const row = await permittedDocument(index, search, oid);
      const set = await index.read('documentList', { limit: 1000, setId: row.setId });
      const ofSet = await search.permittedDocuments(set);
      const versions = set.filter((version) => ofSet.has(version.oid));
      const studies = [...(await search.permitted(await index.read('documentStudies', oid)))];
      await search.reveal({ studies, documents: versions.map((version) => version.oid) });
      return { row, versions, studies };
    });
    const document = await readDocument(config, found.row);
    const { row, versions, studies } = found;
    out.record(
      { ...withoutHeader(row), ...document, studies, versions: versions.map(withoutHeader) },
      {
        OID: row.oid,
        kind: `${row.kind}, ${document.title}`,
        version: `${row.version} of ${versions.length}, ${row.state}${row.stateReason === '' ? '' : ` (${row.stateReason})`}`,
        made: row.effectiveTime,
        authors: document.authors.map(({ name, idExtension }) => `${name} ${idExtension}`).join('; '),
        patient: `${row.patientId} ${document.patient.familyName}, ${document.patient.givenNames}`,
        controller: `${row.controllerOid} ${document.controllerName}`,
        register: `${row.registerCode} ${row.registerSpecifier}`.trim(),
        'service event': row.serviceEventOid,
        examination: document.examinations.map(({ code, displayName }) => `${code} ${displayName}`).join('; '),
        'accession number': document.accessionNumbers.join(', '),
        'names study': document.studyUids.join(', '),
        'belongs to': studies.join(', '),
        'patient sees it from': row.displayFrom ?? 'at once',
        'capacity of a minor': row.minorCapacity,
        sha256: row.sha256,
      },
    );
    if (!out.json) for (const { title, text } of document.sections) out.raw(`\n${title}\n${text}`);
  });

  const exported = addCommand(documents, {
    usage: 'export <oid>',
    summary: 'the document as it came, byte for byte, to standard output or a file',
    examples: ['kuva documents export OID > statement.xml', 'xmllint --noout <(kuva documents export OID)'],
  }).option('--to <file>', 'a file that does not exist yet');
  askerOption(exported).action(async (oid: string, { to, asker }: AskerOptions & { to?: string }, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const target = to === undefined ? undefined : newFile(environment.cwd, '--to', to);
    const row = await withIndex(config, async (index) => {
      const search = localSearch({ config, index, command: 'documents export', asker });
      const found = await permittedDocument(index, search, oid);
      await search.reveal({ documents: [oid] });
      await noteDocumentExport(index, config, found, target?.path ?? '');
      return found;
    });
    const bytes = await DocumentStore.reading(storagePaths(config).documents).read(row.sha256);
    if (target === undefined) {
      environment.stdout.write(bytes);
      return;
    }
    target.write(bytes);
    out.say(`${bytes.length} bytes written to ${target.path}`);
  });

  addCommand(documents, {
    usage: 'invalidate <oid>',
    summary: 'declare a document invalid (mitätöinti); it stays with its history, and counts for nothing',
    examples: ['kuva documents invalidate OID --reason "wrong patient"'],
  })
    .requiredOption('--reason <text>', 'why, for those who look later')
    .action(async (oid: string, { reason }: { reason: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      await withIndex(config, async (index) => {
        const row = await index.read('documentByOid', oid);
        if (row === undefined) throw noDocument(oid);
        await noteDocumentRead(index, config, 'documents invalidate', row);
        if (!(await index.write('documentInvalidate', oid, reason, Date.now())))
          throw new CommandFailedError(`document ${oid} is ${row.state} already`);
        await drainOutbox(index, reconcileRules(loadProfile(config.profile)), Date.now());
      });
      out.record({ invalidated: oid }, { invalidated: oid });
    });
}

/** @throws CommandFailedError when it may not be shown: which cannot be told from that it is not here */
async function permittedDocument(index: IndexService, search: LocalSearch, oid: string): Promise<DocumentRow> {
  const row = await index.read('documentByOid', oid);
  if (row !== undefined && (await search.permittedDocuments([row])).has(oid)) return row;
  await search.reveal({});
  throw noDocument(oid);
}

function noDocument(oid: string): CommandFailedError {
  return new CommandFailedError(`there is no document ${oid}; kuva documents list shows what there is`);
}

async function readDocument(config: Config, { sha256 }: DocumentRow): Promise<CareDocument> {
  const files = DocumentStore.reading(storagePaths(config).documents);
  return readCda([await files.read(sha256)], loadProfile(config.profile));
}
