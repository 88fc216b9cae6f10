import type { Command } from 'commander';
import { ConfigError } from '../../config/config-error.ts';
import { storagePaths } from '../../config/storage-paths.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { OrganisationRow } from '../../index/registers/register-types.ts';
import type { Profile } from '../../profile/profile.ts';
import { SUBJECT } from '../../readiness/finding.ts';
import { parseOrganisationFile } from '../../registers/organisation-file.ts';
import type { ImportedOrganisation } from '../../registers/organisation-file.ts';
import { organisationProblems } from '../../registers/organisation-problems.ts';
import { addCommand } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { withNewIndex } from '../open-index.ts';
import { lookAgain, readText, registerContext, sayLookedAgain } from './register-command.ts';

export function addOrgImport(org: Command, environment: CliEnvironment): void {
  addCommand(org, {
    usage: 'import <file>',
    summary:
      'organisations from YAML or JSON, with how far they have come; a deployment that the register knows already is left as it is',
    examples: ['kuva org import config/examples/organisations-2021.yaml'],
  }).action(async (file: string, _options: unknown, command: Command) => {
    const { context, profile } = registerContext(environment, command);
    const { name, text } = readText(environment, file);
    const organisations = parseOrganisationFile(text, name);
    const result = await withNewIndex(storagePaths(context.config), async (index) => {
      const known = await index.read('organisationList');
      const problems = problemsOf(organisations, known, profile);
      if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${name}: ${problem}`));
      const enablements = await keep(index, organisations);
      const subjects = organisations.flatMap(({ row }) => [
        SUBJECT.organisation(row.key),
        SUBJECT.controller(row.controllerOid),
      ]);
      const changed = organisations.filter(({ row }) => known.some(({ key }) => key === row.key)).length;
      return {
        organisations: organisations.length,
        new: organisations.length - changed,
        changed,
        enablements,
        lookedAtAgain: await lookAgain(index, {
          subjects,
          controllers: organisations.map(({ row }) => row.controllerOid),
        }),
      };
    });
    const { lookedAtAgain, ...counts } = result;
    context.out.record({ file: name, ...result }, { file: name, ...counts });
    sayLookedAgain(context, lookedAtAgain);
  });
}

function problemsOf(
  imported: readonly ImportedOrganisation[],
  known: readonly OrganisationRow[],
  profile: Profile,
): string[] {
  const rows = imported.map(({ row }) => row);
  const others = [...known.filter(({ key }) => rows.every((row) => row.key !== key)), ...rows];
  const types = profile.content.types.map(({ name }) => name);
  const twice = rows.filter((row, at) => rows.findIndex(({ key }) => key === row.key) !== at);
  return [
    ...twice.map(({ key }) => `organisation ${key} is there twice`),
    ...rows.flatMap((row) => organisationProblems(row, others, profile)),
    ...imported.flatMap(({ row, enablements }) =>
      enablements
        .filter(({ contentType }) => !types.includes(contentType))
        .map(
          ({ contentType }) => `organisation ${row.key}: content type ${contentType}: write one of ${types.join(', ')}`,
        ),
    ),
  ];
}

/** Enablements of content types that the controller has no history of; their number. */
async function keep(index: IndexService, imported: readonly ImportedOrganisation[]): Promise<number> {
  let added = 0;
  for (const { row, enablements } of imported) {
    await index.write('organisationPut', row);
    const known = new Set(
      (await index.read('enablementList', row.controllerOid)).map(({ contentType }) => contentType),
    );
    for (const enablement of enablements.filter(({ contentType }) => !known.has(contentType))) {
      await index.write('enablementAdd', { ...enablement, controllerOid: row.controllerOid, recordedAt: Date.now() });
      added += 1;
    }
  }
  return added;
}
