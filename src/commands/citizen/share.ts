import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { noteDocumentExport } from '../note-audit.ts';
import { withIndex } from '../open-index.ts';
import { humanTime } from '../output.ts';
import { citizenId, withCitizen } from './open-citizen.ts';
import { handOver } from './hand-over.ts';
import { pdfOf, who } from './view.ts';
import type { AsOption } from './view.ts';

export function addCitizenShareCommands(citizen: Command, environment: CliEnvironment): void {
  addCommand(citizen, {
    usage: 'share <person> <documents...>',
    summary: 'a link with which somebody else may read documents once; the token is shown now and never again',
    examples: ['kuva citizen share 010181-900C 1.2.246.10.99999994.11.7 --days 7'],
  })
    .option('--days <number>', 'how long it may be opened', '7')
    .option('--as <guardian>', 'as a guardian of the person')
    .action(async (text: string, oids: readonly string[], options: AsOption & { days: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const { person, viewer } = who(text, options);
      if (!/^[1-9]\d{0,3}$/.test(options.days))
        throw new UsageError(`--days ${options.days}: write a whole number of days from 1`);
      const link = await withCitizen(config, ({ shares }) =>
        shares.make(person, viewer.id, oids, Number(options.days)),
      );
      out.record(link, { link: link.id, token: link.token, 'may be opened until': humanTime(link.expiresAt) });
    });

  addCommand(citizen, {
    usage: 'open <token>',
    summary:
      'what such a link leads to, as PDF files; it works once: it is used up when the files are on the disk, not before',
    examples: ['kuva citizen open 9nq0…Yw --out /tmp/shared'],
  })
    .requiredOption('--out <folder>', 'where to write the files')
    .action(async (token: string, options: { out: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const folder = resolve(environment.cwd, options.out);
      const files = await withCitizen(config, async ({ index, shares, profile }) => {
        const { documents, useUp } = await shares.find(token);
        const pdfs = documents.map(async (document) => ({
          name: `${document.row.oid}.pdf`,
          bytes: await pdfOf(document, profile),
        }));
        return handOver(folder, await Promise.all(pdfs), async () => {
          // Before: what fails after the one time is used up would take the files away.
          for (const { row } of documents) await noteDocumentExport(index, config, row, folder);
          await useUp();
        });
      });
      out.list(
        files.map((path) => ({ path })),
        [{ title: 'written', value: (row) => row.path }],
        '',
      );
    });

  addCommand(citizen, {
    usage: 'shares <person>',
    summary: 'the links of a person; looking is in the use log',
    examples: ['kuva citizen shares 010181-900C'],
  }).action(async (text: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const person = citizenId(text);
    const shares = await withCitizen(config, async ({ index, view }) => {
      const links = await index.read('citizenShares', person);
      await view.noteShared(
        person,
        links.flatMap(({ documents }) => documents),
      );
      return links;
    });
    out.list(
      shares,
      [
        { title: 'link', value: (row) => row.id, align: 'right' },
        { title: 'made', value: (row) => humanTime(row.madeAt) },
        { title: 'until', value: (row) => humanTime(row.expiresAt) },
        { title: 'opened', value: (row) => (row.openedAt === null ? null : humanTime(row.openedAt)) },
        { title: 'taken back', value: (row) => (row.endedAt === null ? null : humanTime(row.endedAt)) },
        { title: 'documents', value: (row) => row.documents.join(' ') },
      ],
      'no link was made',
    );
  });

  addCommand(citizen, {
    usage: 'unshare <person> <link>',
    summary: 'take a link back that has not been opened',
    examples: ['kuva citizen unshare 010181-900C 3'],
  }).action(async (text: string, link: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const person = citizenId(text);
    if (!/^[1-9]\d{0,9}$/.test(link))
      throw new UsageError(`link ${link}: write its number, as kuva citizen shares has it`);
    const ended = await withIndex(config, (index) => index.write('citizenShareEnd', Number(link), person, Date.now()));
    if (!ended) throw new CommandFailedError(`there is no link ${link} of this person that could be taken back`);
    out.record({ takenBack: Number(link) }, { 'taken back': Number(link) });
  });
}
