import type { Command } from 'commander';
import { shownDay } from '../../core/zoned-day.ts';
import type { EnablementRow, OrganisationRow } from '../../index/registers/register-types.ts';
import type { Profile } from '../../profile/profile.ts';
import { SUBJECT } from '../../readiness/finding.ts';
import { enablementOn, legalMoves } from '../../registers/production-state.ts';
import { addCommand, addGroup } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { withIndex, withReading } from '../open-index.ts';
import { addOrgEnable } from './org-enable.ts';
import { addOrgImport } from './org-import.ts';
import { organisationFields, unknownOrganisation } from './org-fields.ts';
import { addOrgSet } from './org-set.ts';
import { dayOf, lookAgain, registerContext, sayLookedAgain } from './register-command.ts';

interface DateOption {
  readonly date?: string;
}

export function addOrgCommands(program: Command, environment: CliEnvironment): void {
  const org = addGroup(
    program,
    'org',
    'organisations that archive: identifiers, controller and register, and how far each kind of content has come to production',
    ['kuva org list', 'kuva org import config/examples/organisations-2021.yaml'],
  );
  addOrgList(org, environment);
  addOrgShow(org, environment);
  addOrgSet(org, environment);
  addOrgEnable(org, environment);
  addOrgRemove(org, environment);
  addOrgImport(org, environment);
}

function addOrgList(org: Command, environment: CliEnvironment): void {
  addCommand(org, {
    usage: 'list',
    summary: 'all organisations with their production states',
    examples: ['kuva org list', 'kuva org list --date 2027-01-01 --json'],
  })
    .option('--date <day>', 'as on this day (default: today)')
    .action(async (options: DateOption, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const day = dayOf(profile, '--date', options.date);
      const { rows, enablements } = await withReading(context.config, async (index) => ({
        rows: await index.read('organisationList'),
        enablements: await index.read('enablementList', null),
      }));
      context.out.list(
        rows.map((row) => ({ ...row, states: statesOn(profile, row, enablements, day) })),
        [
          { title: 'key', value: (row) => row.key },
          { title: 'name', value: (row) => row.name },
          { title: 'kind', value: (row) => row.kind },
          { title: 'OID', value: (row) => row.oid },
          { title: 'AE title', value: (row) => row.egressAet },
          {
            title: 'states',
            value: (row) =>
              Object.entries(row.states)
                .map(([type, state]) => `${type} ${state}`)
                .join(', '),
          },
        ],
        'no organisation is registered: kuva org set KEY --name NAME --business-id Y-TUNNUS, or kuva org import FILE',
      );
    });
}

function addOrgShow(org: Command, environment: CliEnvironment): void {
  addCommand(org, {
    usage: 'show <key>',
    summary: 'one organisation with the history of its deployment and what may come next',
    examples: ['kuva org show siun-sote'],
  })
    .option('--date <day>', 'as on this day (default: today)')
    .action(async (key: string, options: DateOption, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const day = dayOf(profile, '--date', options.date);
      const { row, enablements } = await withReading(context.config, async (index) => {
        const found = await index.read('organisationByKey', key);
        if (found === undefined) throw unknownOrganisation(key);
        return { row: found, enablements: await index.read('enablementList', found.controllerOid) };
      });
      const states = statesOn(profile, row, enablements, day);
      context.out.record(
        { ...row, states, enablements },
        {
          ...organisationFields(row),
          ...Object.fromEntries(
            Object.entries(states).map(([type, state]) => [
              `state ${type}`,
              `${state}; next ${legalMoves(state).join(' or ')}`,
            ]),
          ),
        },
      );
      if (!context.out.json && enablements.length > 0) {
        context.out.list(
          enablements,
          [
            { title: 'from', value: (one) => shownDay(one.from) },
            { title: 'content', value: (one) => one.contentType },
            { title: 'state', value: (one) => one.state },
            { title: 'note', value: (one) => one.note },
          ],
          'no deployment is planned',
        );
      }
    });
}

function addOrgRemove(org: Command, environment: CliEnvironment): void {
  addCommand(org, {
    usage: 'remove <key>',
    summary: 'forget an organisation; its studies stay, and are held from then on',
    examples: ['kuva org remove project-16'],
  }).action(async (key: string, _options: unknown, command: Command) => {
    const { context } = registerContext(environment, command);
    const held = await withIndex(context.config, async (index) => {
      const row = await index.read('organisationByKey', key);
      if (row === undefined) throw unknownOrganisation(key);
      await index.write('organisationRemove', key);
      return lookAgain(index, { subjects: [SUBJECT.organisation(key)], controllers: [row.controllerOid] });
    });
    context.out.record({ removed: key, lookedAtAgain: held }, { removed: key });
    sayLookedAgain(context, held);
  });
}

/** Where its controller is on a day, for each content type that has begun. */
function statesOn(profile: Profile, row: OrganisationRow, enablements: readonly EnablementRow[], day: string) {
  const own = enablements.filter((one) => one.controllerOid === row.controllerOid);
  return Object.fromEntries(
    profile.content.types.flatMap(({ name }) => {
      const current = enablementOn(own, name, day);
      return current === undefined ? [] : [[name, current.state]];
    }),
  );
}
