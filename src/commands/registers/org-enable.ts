import type { Command } from 'commander';
import { ConfigError } from '../../config/config-error.ts';
import { shownDay } from '../../core/zoned-day.ts';
import { PRODUCTION_STATES } from '../../index/registers/register-types.ts';
import type { EnablementRow, ProductionState } from '../../index/registers/register-types.ts';
import type { Profile } from '../../profile/profile.ts';
import { SUBJECT } from '../../readiness/finding.ts';
import { legalMoves } from '../../registers/production-state.ts';
import { addCommand } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { withIndex } from '../open-index.ts';
import { unknownOrganisation } from './org-fields.ts';
import { dayOf, lookAgain, registerContext, sayLookedAgain } from './register-command.ts';

interface EnableOptions {
  readonly contentType: string;
  readonly state: string;
  readonly from?: string;
  readonly note?: string;
}

export function addOrgEnable(org: Command, environment: CliEnvironment): void {
  addCommand(org, {
    usage: 'enable <key>',
    summary: `move an organisation's controller on for one kind of content: ${PRODUCTION_STATES.join(' → ')}; no step can be left out`,
    examples: [
      'kuva org enable north --content-type radiology --state PLANNED',
      'kuva org enable north --content-type radiology --state TEST --from 2026-12-01',
      'kuva org enable north --content-type ecg --state SUSPENDED --note "new PACS"',
    ],
  })
    .requiredOption('--content-type <name>', 'kind of content')
    .requiredOption('--state <state>', PRODUCTION_STATES.join(', '))
    .option('--from <day>', 'from this day on, at midnight (default: today)')
    .option('--note <text>', 'a note for people', '')
    .action(async (key: string, options: EnableOptions, command: Command) => {
      const { context, profile } = registerContext(environment, command);
      const state = stateOf(options.state);
      const from = dayOf(profile, '--from', options.from);
      checkContentType(profile, options.contentType, state, from);
      const { row, held } = await withIndex(context.config, async (index) => {
        const organisation = await index.read('organisationByKey', key);
        if (organisation === undefined) throw unknownOrganisation(key);
        const { controllerOid } = organisation;
        const rows = await index.read('enablementList', controllerOid);
        checkMove(rows.filter((one) => one.contentType === options.contentType).at(-1), state, from);
        const enablement = {
          controllerOid,
          contentType: options.contentType,
          state,
          from,
          note: options.note ?? '',
          recordedAt: Date.now(),
        };
        await index.write('enablementAdd', enablement);
        return {
          row: enablement,
          held: await lookAgain(index, { subjects: [SUBJECT.controller(controllerOid)], controllers: [controllerOid] }),
        };
      });
      context.out.record(
        { organisation: key, ...row, lookedAtAgain: held },
        { organisation: key, controller: row.controllerOid, content: row.contentType, state, from: shownDay(from) },
      );
      sayLookedAgain(context, held);
    });
}

function stateOf(text: string): ProductionState {
  const state = PRODUCTION_STATES.find((known) => known === text.toUpperCase());
  if (state === undefined) throw new UsageError(`--state ${text}: write one of ${PRODUCTION_STATES.join(', ')}`);
  return state;
}

function checkContentType(profile: Profile, name: string, state: ProductionState, from: string): void {
  const type = profile.content.types.find((known) => known.name === name);
  if (type === undefined)
    throw new UsageError(
      `--content-type ${name}: write one of ${profile.content.types.map((known) => known.name).join(', ')}`,
    );
  if (state === 'PRODUCTION' && from < type.availableFrom)
    throw new ConfigError([
      `--from ${shownDay(from)}: the archive takes ${name} from ${shownDay(type.availableFrom)}; give that day or a later one`,
    ]);
}

// A move is of the last one recorded, also when that one's day is still to come.
function checkMove(last: EnablementRow | undefined, state: ProductionState, from: string): void {
  const allowed = legalMoves(last?.state);
  if (!allowed.includes(state))
    throw new CommandFailedError(
      last === undefined
        ? `a deployment begins with PLANNED, not with ${state}`
        : `from ${last.state} a deployment goes to ${allowed.join(' or ')}, not to ${state}`,
    );
  if (last !== undefined && from < last.from)
    throw new UsageError(
      `--from ${shownDay(from)}: ${last.state} is from ${shownDay(last.from)}; give that day or a later one`,
    );
}
