import type { Command } from 'commander';
import { ConfigError } from '../../config/config-error.ts';
import { storagePaths } from '../../config/storage-paths.ts';
import { parseBusinessId } from '../../identity/business-id.ts';
import { organisationOid } from '../../identity/finnish-oid.ts';
import { ORGANISATION_KINDS } from '../../index/registers/register-types.ts';
import type { OrganisationKind, OrganisationRow } from '../../index/registers/register-types.ts';
import { SUBJECT } from '../../readiness/finding.ts';
import { organisationProblems } from '../../registers/organisation-problems.ts';
import { addCommand } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { UsageError } from '../exit-codes.ts';
import { withNewIndex } from '../open-index.ts';
import { organisationFields } from './org-fields.ts';
import { lookAgain, optionalDay, registerContext, sayLookedAgain } from './register-command.ts';

interface SetOptions {
  readonly name?: string;
  readonly businessId?: string;
  readonly oid?: string;
  readonly kind?: string;
  readonly controller?: string;
  readonly registerCode?: string;
  readonly registerSpecifier?: string;
  readonly egressAet?: string;
  readonly system?: string;
  readonly joinedOn?: string;
}

export function addOrgSet(org: Command, environment: CliEnvironment): void {
  addCommand(org, {
    usage: 'set <key>',
    summary:
      'register an organisation, or change what is given of one that is registered; studies that waited for it are looked at again',
    examples: [
      'kuva org set north --name "Northern District" --business-id 9000001-1 --register-code 2 --egress-aet NORTHKUVP1',
      'kuva org set north --system "PACS 7 and RIS 3"',
      'kuva ae add CT1 --host 10.0.0.7 --organisation north        # then, what that AE sends is of it',
    ],
  })
    .option('--name <text>', 'what it is called')
    .option('--business-id <id>', 'its business id (Y-tunnus); its OID follows from it')
    .option('--oid <oid>', 'its OID, when it is that of a unit')
    .option('--kind <kind>', `${ORGANISATION_KINDS.join(', ')} (default: public)`)
    .option('--controller <oid>', 'controller (rekisterinpitäjä; default: <OID>.19.0)')
    .option('--register-code <code>', 'kind of patient register (default: 2)')
    .option('--register-specifier <text>', 'specifier of the register (rekisterin tarkenne)')
    .option('--egress-aet <title>', 'calling AE title towards the archive, one for each controller')
    .option('--system <name>', 'system entity whose certification counts for it (default: any)')
    .option('--joined-on <day>', 'when it joined the archive')
    .action(async (key: string, options: SetOptions, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const { row, known, held } = await withNewIndex(storagePaths(context.config), async (index) => {
        const current = await index.read('organisationByKey', key);
        const changed = merge(key, current, options);
        const problems = organisationProblems(changed, await index.read('organisationList'), profile);
        if (problems.length > 0) throw new ConfigError(problems);
        await index.write('organisationPut', changed);
        const types = profile.content.types.map(({ name }) => SUBJECT.certification(name));
        const controllers = [changed, current].flatMap((row) => (row === undefined ? [] : [row.controllerOid]));
        // A change of its system entity bears on what certifications say.
        const systems = changed.systemEntity === current?.systemEntity ? [] : types;
        const subjects = [SUBJECT.organisation(key), ...controllers.map(SUBJECT.controller), ...systems];
        return {
          row: changed,
          known: current !== undefined,
          held: await lookAgain(index, { subjects, controllers }),
        };
      });
      context.out.record({ ...row, lookedAtAgain: held }, organisationFields(row));
      context.out.say(`${key} is ${known ? 'changed' : 'registered'}`);
      sayLookedAgain(context, held);
    });
}

const NEW_ORGANISATION = {
  name: '',
  kind: 'public',
  registerCode: '2',
  registerSpecifier: '',
  egressAet: '',
  systemEntity: '',
  joinedOn: '',
  attributes: {},
} as const;

function merge(key: string, current: OrganisationRow | undefined, options: SetOptions): OrganisationRow {
  const oid = oidOf(options) ?? current?.oid;
  if (oid === undefined) throw new UsageError(`organisation ${key} is new: give --business-id or --oid`);
  const before = current ?? { ...NEW_ORGANISATION, key, oid, controllerOid: `${oid}.19.0` };
  return {
    key,
    name: options.name ?? before.name,
    oid,
    kind: kindOf(options.kind) ?? before.kind,
    controllerOid: options.controller ?? before.controllerOid,
    registerCode: options.registerCode ?? before.registerCode,
    registerSpecifier: options.registerSpecifier ?? before.registerSpecifier,
    egressAet: options.egressAet ?? before.egressAet,
    systemEntity: options.system ?? before.systemEntity,
    joinedOn: optionalDay('--joined-on', options.joinedOn) ?? before.joinedOn,
    attributes: before.attributes,
  };
}

function oidOf({ businessId, oid }: SetOptions): string | undefined {
  if (businessId === undefined) return oid;
  const known = parseBusinessId(businessId);
  if (known === undefined)
    throw new UsageError(`--business-id ${businessId}: write a business id with its check digit, such as 0204819-8`);
  return oid ?? organisationOid(known);
}

function kindOf(text: string | undefined): OrganisationKind | undefined {
  const kind = ORGANISATION_KINDS.find((known) => known === text);
  if (text !== undefined && kind === undefined)
    throw new UsageError(`--kind ${text}: write one of ${ORGANISATION_KINDS.join(', ')}`);
  return kind;
}
