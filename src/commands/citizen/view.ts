import type { Command } from 'commander';
import { documentPdf } from '../../citizen/document-pdf.ts';
import type { OpenedDocument } from '../../citizen/citizen-view.ts';
import { readCda, readPdfBody } from '../../documents/cda-reader.ts';
import type { Profile } from '../../profile/profile.ts';
import { noteDocumentRead } from '../administration.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError } from '../exit-codes.ts';
import { newFile } from '../new-file.ts';
import { noteDocumentExport } from '../note-audit.ts';
import { citizenId, dayText, withCitizen } from './open-citizen.ts';

export interface AsOption {
  readonly as?: string;
}

export function addCitizenViewCommands(citizen: Command, environment: CliEnvironment): void {
  addCommand(citizen, {
    usage: 'view <person>',
    summary: 'the documents that the person sees today; every look is in the use log',
    examples: [
      'kuva citizen view 010181-900C',
      'kuva citizen view 010181-900C --why        # also what is hidden, and why',
    ],
  })
    .option('--as <guardian>', 'as a guardian of the person sees them')
    .option('--why', 'tell the administrator what is hidden, and why; a citizen is not told')
    .action(async (text: string, options: AsOption & { why?: boolean }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const { person, viewer } = who(text, options);
      const { shown, hidden } = await withCitizen(config, async ({ index, view }) => {
        const seen = await view.list(person, viewer);
        if (options.why === true)
          for (const { oid } of seen.hidden) {
            const row = await index.read('documentByOid', oid);
            if (row !== undefined) await noteDocumentRead(index, config, 'citizen view --why', row);
          }
        return seen;
      });
      out.list(
        shown,
        [
          { title: 'day', value: (row) => dayText(row.day) },
          { title: 'kind', value: (row) => row.kind },
          { title: 'version', value: (row) => row.version, align: 'right' },
          { title: 'examination', value: (row) => row.examinationCode },
          { title: 'controller', value: (row) => row.controllerOid },
          { title: 'document', value: (row) => row.oid },
        ],
        'there is nothing to be seen',
      );
      if (options.why === true)
        for (const { oid, reason, from } of hidden)
          out.say(`hidden: ${oid} ${reason}${from === undefined ? '' : ` until ${dayText(from)}`}`);
    });

  addCommand(citizen, {
    usage: 'download <person> <document>',
    summary: 'one document as it came (CDA), or as a PDF',
    examples: ['kuva citizen download 010181-900C 1.2.246.10.99999994.11.7 --pdf --out statement.pdf'],
  })
    .requiredOption('--out <file>', 'where to write it')
    .option('--pdf', 'as PDF for reading and printing')
    .option('--as <guardian>', 'as a guardian of the person')
    .action(async (text: string, oid: string, options: AsOption & { out: string; pdf?: boolean }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const { person, viewer } = who(text, options);
      const { path, write } = newFile(environment.cwd, '--out', options.out);
      const bytes = await withCitizen(config, async ({ index, view, profile }) => {
        const opened = await view.open(person, viewer, oid);
        await noteDocumentExport(index, config, opened.row, path);
        return contentOf(opened, profile, options.pdf === true);
      });
      write(bytes);
      out.record({ document: oid, path, bytes: bytes.length }, { document: oid, written: path });
    });
}

/** Who is looked at, and who looks. @throws UsageError */
export function who(text: string, options: AsOption): { person: string; viewer: { id: string } } {
  const person = citizenId(text);
  return { person, viewer: { id: options.as === undefined ? person : citizenId(options.as, '--as') } };
}

/** Made of its sections, or the PDF that it has in their place. */
export async function pdfOf({ bytes, withoutIdentity, row }: OpenedDocument, profile: Profile): Promise<Buffer> {
  const document = await readCda([bytes], profile);
  if (document.sections.some(({ text }) => text !== '')) return documentPdf(document, withoutIdentity);
  const body = await readPdfBody([bytes], profile);
  if (body === undefined)
    throw new CommandFailedError(`document ${row.oid} has a body that is neither text nor PDF: take it without --pdf`);
  if (withoutIdentity)
    throw new CommandFailedError(
      `name and address of this person are protected (turvakielto), and the PDF in document ${row.oid} may have them: ask the controller for it`,
    );
  return body;
}

async function contentOf(document: OpenedDocument, profile: Profile, pdf: boolean): Promise<Buffer> {
  if (pdf) return pdfOf(document, profile);
  if (document.withoutIdentity)
    throw new CommandFailedError(
      'name and address of this person are protected (turvakielto): the original has them; take it with --pdf',
    );
  return document.bytes;
}
