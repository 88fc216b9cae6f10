import type { Command } from 'commander';
import { LOGS } from '../../access-log/access-log.ts';
import { patientReport } from '../../access-log/patient-report.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError } from '../exit-codes.ts';
import { noteLogUse } from '../note-audit.ts';
import { hasDatabase, withIndex } from '../open-index.ts';
import { humanTime } from '../output.ts';
import { endRow, endRowsOf, keepRecord } from '../will-registers.ts';
import { citizenId, withCitizen } from './open-citizen.ts';
import { who } from './view.ts';
import type { AsOption } from './view.ts';

interface DenialOptions extends AsOption {
  readonly scope: string;
  readonly serviceEvent?: string;
  readonly controller?: string;
  readonly registerCode?: string;
  readonly group?: string;
  readonly emergencyAllowed?: boolean;
}

/** What citizens decide by themselves; the same registers as providers write to. */
export function addCitizenWillCommands(citizen: Command, environment: CliEnvironment): void {
  addCommand(citizen, {
    usage: 'consent <person>',
    summary: 'give the consent to disclosure (luovutuslupa), or withdraw it',
    examples: ['kuva citizen consent 010181-900C', 'kuva citizen consent 010181-900C --withdraw'],
  })
    .option('--withdraw', 'withdraw it')
    .option('--as <guardian>', 'as a guardian gives it for a minor')
    .action(async (text: string, options: AsOption & { withdraw?: boolean }, command: Command) => {
      const patient = await actingFor(environment, command, text, options);
      if (options.withdraw === true)
        await endRowsOf(environment, command, { register: 'consent', patient, at: undefined });
      else await keepRecord(environment, command, { register: 'consent', patient, by: by(options), via: 'citizen' });
    });

  addCommand(citizen, {
    usage: 'denial <person>',
    summary: 'deny disclosure; a guardian cannot do that for a minor here',
    examples: [
      'kuva citizen denial 010181-900C --scope all',
      'kuva citizen denial 010181-900C --scope service-event --service-event 1.2.246.10.99999994.14.2026.17',
    ],
  })
    .requiredOption('--scope <scope>', 'all, service-event, provider, private-occupational or group')
    .option('--service-event <oid>', 'palvelutapahtuma')
    .option('--controller <oid>', 'rekisterinpitäjä')
    .option('--register-code <code>', 'register of that controller')
    .option('--group <name>', 'group of controllers, as the profile has it')
    .option('--emergency-allowed', 'allow use in an emergency nevertheless')
    .option('--as <guardian>', 'as a guardian')
    .action(async (text: string, { as, ...scope }: DenialOptions, command: Command) => {
      const options = as === undefined ? {} : { as };
      const patient = await actingFor(environment, command, text, options);
      await keepRecord(environment, command, {
        register: 'denial',
        patient,
        by: by(options),
        via: 'citizen',
        ...scope,
      });
    });

  addCommand(citizen, {
    usage: 'undeny <person> <denial>',
    summary: 'cancel a denial; kuva denial list shows their numbers',
    examples: ['kuva citizen undeny 010181-900C 4'],
  }).action(async (text: string, id: string, _options: unknown, command: Command) => {
    const { config } = contextOf(environment, command);
    const person = await actingFor(environment, command, text, {});
    const own = await withIndex(config, (index) => index.read('willList', 'denial', person, 1_000_000));
    if (!own.some((row) => String(row.id) === id))
      throw new CommandFailedError(`there is no denial ${id} of this person; kuva denial list shows them`);
    await endRow(environment, command, { register: 'denial', id, at: undefined });
  });

  addCommand(citizen, {
    usage: 'log <person>',
    summary: 'who has seen the person’s data, or got them, within the time that is told without a reason',
    examples: ['kuva citizen log 010181-900C'],
  }).action(async (text: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const person = citizenId(text);
    const { reportYears, reportNamesPersons } = loadProfile(config.profile).log;
    const rows = await withIndex(config, async (index) => {
      await noteLogUse(index, config, LOGS);
      return index.read('accessLogEntries', { person, limit: Number.MAX_SAFE_INTEGER });
    });
    const { lines } = patientReport(rows, {
      reportYears,
      namesPersons: reportNamesPersons,
      specialReason: '',
      now: Date.now(),
    });
    out.list(
      lines,
      [
        { title: 'time', value: (row) => humanTime(row.at) },
        { title: 'kind', value: (row) => row.log },
        { title: 'by', value: (row) => `${row.organisation} ${row.user}`.trim() },
        { title: 'what', value: (row) => `${row.event} ${row.item}` },
        { title: 'basis', value: (row) => row.basis },
      ],
      'nobody has',
    );
  });
}

function by({ as }: AsOption): 'patient' | 'guardian' {
  return as === undefined ? 'patient' : 'guardian';
}

/** The person for whom may be acted. @throws CommandFailedError for the dead, and when the guardian has no custody or the child is of age */
async function actingFor(
  environment: CliEnvironment,
  command: Command,
  text: string,
  options: AsOption,
): Promise<string> {
  const { config } = contextOf(environment, command);
  const { person, viewer } = who(text, options);
  // Somebody of whom nothing is recorded may decide, too: then there is no storage to look into.
  const own = viewer.id === person;
  if (own && !hasDatabase(config)) return person;
  if (await withCitizen(config, ({ view }) => view.mayActFor(person, viewer))) return person;
  throw new CommandFailedError(
    own
      ? 'this person has died: nothing is decided for them any more'
      : '--as: no custody of this person is recorded that holds today, or the person has died',
  );
}
