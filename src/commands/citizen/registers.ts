import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { finnishDay } from '../../citizen/calendar-day.ts';
import { storagePaths } from '../../config/storage-paths.ts';
import { DOCUMENT_KINDS } from '../../profile/documents-section.ts';
import { addCommand, addGroup, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError, UsageError } from '../exit-codes.ts';
import { withIndex, withNewIndex, withReading } from '../open-index.ts';
import { humanTime } from '../output.ts';
import { citizenId, dayNamed, dayText } from './open-citizen.ts';

/** What decides about showing: custody, death, protection, delays of organisations. */
export function addCitizenRegisterCommands(citizen: Command, environment: CliEnvironment): void {
  addGuardianCommands(citizen, environment);
  addDelayCommands(citizen, environment);

  addCommand(citizen, {
    usage: 'person <person>',
    summary: 'what the population register says of a person: death, protection of name and address (turvakielto)',
    examples: [
      'kuva citizen person 010181-900C --deceased 2026-01-31',
      'kuva citizen person 010181-900C --non-disclosure',
    ],
  })
    .option('--deceased <day>', 'day of death')
    .option('--alive', 'take a day of death back')
    .option('--non-disclosure', 'name and address are protected')
    .option('--no-non-disclosure', 'they are not')
    .action(
      async (
        text: string,
        options: { deceased?: string; alive?: boolean; nonDisclosure?: boolean },
        command: Command,
      ) => {
        const { out, config } = contextOf(environment, command);
        const person = citizenId(text);
        const given = options.deceased === undefined ? undefined : dayNamed('--deceased', options.deceased);
        const row = await withNewIndex(storagePaths(config), async (index) => {
          const before = await index.read('citizenPerson', person);
          const changed = {
            person,
            deceasedOn: options.alive === true ? '' : (given ?? before.deceasedOn),
            nonDisclosure: options.nonDisclosure ?? before.nonDisclosure,
          };
          await index.write('citizenPersonPut', changed, Date.now());
          return changed;
        });
        out.record(row, {
          person,
          deceased: dayText(row.deceasedOn),
          'name and address protected': row.nonDisclosure ? 'yes' : 'no',
        });
      },
    );
}

function addGuardianCommands(citizen: Command, environment: CliEnvironment): void {
  const guardian = addGroup(citizen, 'guardian', 'custody of minors (huoltajuus), as the population register has it', [
    'kuva citizen guardian add 010316A9007 010181-900C',
  ]);
  addCommand(guardian, {
    usage: 'add <child> <guardian>',
    summary: 'record custody',
    examples: ['kuva citizen guardian add 010316A9007 010181-900C --from 2016-03-01'],
  })
    .option('--from <day>', 'first day (default: the birth of the child)')
    .option('--until <day>', 'last day')
    .option('--no-health', 'a coded division of custody leaves health care to the other guardian')
    .action(
      async (
        childText: string,
        guardianText: string,
        options: { from?: string; until?: string; health: boolean },
        command: Command,
      ) => {
        const { out, config } = contextOf(environment, command);
        const row = {
          child: citizenId(childText, 'the code of the child'),
          guardian: citizenId(guardianText, 'the code of the guardian'),
          validFrom: options.from === undefined ? '00000000' : dayNamed('--from', options.from),
          validUntil: options.until === undefined ? '' : dayNamed('--until', options.until),
          health: options.health,
          recordedAt: Date.now(),
          recordedBy: `cli:${userInfo().username}`,
        };
        const id = await withNewIndex(storagePaths(config), (index) => index.write('citizenGuardianAdd', row));
        out.record({ id, ...row }, { custody: id, child: row.child, guardian: row.guardian });
      },
    );
  addCommand(guardian, {
    usage: 'end <custody>',
    summary: 'end custody, today or on another day',
    examples: ['kuva citizen guardian end 3 --on 2026-01-31'],
  })
    .option('--on <day>', 'last day')
    .action(async (id: string, options: { on?: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      if (!/^[1-9]\d{0,9}$/.test(id)) throw new UsageError(`custody ${id}: write its number, as guardian list has it`);
      const until = options.on === undefined ? finnishDay(Date.now()) : dayNamed('--on', options.on);
      if (!(await withIndex(config, (index) => index.write('citizenGuardianEnd', Number(id), until))))
        throw new CommandFailedError(
          `there is no custody ${id} that lasts longer; kuva citizen guardian list shows them`,
        );
      out.record({ custody: Number(id), until }, { custody: Number(id), 'last day': dayText(until) });
    });
  addCommand(guardian, {
    usage: 'list <child>',
    summary: 'who has, and had, custody of a child',
    examples: ['kuva citizen guardian list 010316A9007'],
  }).action(async (text: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const child = citizenId(text);
    const rows = await withReading(config, (index) => index.read('citizenGuardians', child));
    out.list(
      rows,
      [
        { title: 'custody', value: (row) => row.id, align: 'right' },
        { title: 'guardian', value: (row) => row.guardian },
        { title: 'from', value: (row) => (row.validFrom === '00000000' ? 'birth' : dayText(row.validFrom)) },
        { title: 'last day', value: (row) => dayText(row.validUntil) },
        { title: 'health care', value: (row) => (row.health ? 'yes' : 'no') },
        { title: 'recorded', value: (row) => `${humanTime(row.recordedAt)} ${row.recordedBy}` },
      ],
      'no custody is recorded',
    );
  });
}

function addDelayCommands(citizen: Command, environment: CliEnvironment): void {
  const delay = addGroup(citizen, 'delay', 'days until a patient sees documents of an organisation (viivästäminen)', [
    'kuva citizen delay set lappi statement 30',
  ]);
  addCommand(delay, {
    usage: 'set <organisation> <kind> <days>',
    summary: 'a default for documents that name no day themselves',
    examples: ['kuva citizen delay set lappi statement 30'],
  }).action(async (key: string, kindText: string, daysText: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const kind = DOCUMENT_KINDS.find((known) => known === kindText);
    if (kind === undefined) throw new UsageError(`kind ${kindText}: write one of ${DOCUMENT_KINDS.join(', ')}`);
    if (!/^\d{1,4}$/.test(daysText)) throw new UsageError(`days ${daysText}: write a whole number of days`);
    const row = await withIndex(config, async (index) => {
      const organisation = await index.read('organisationByKey', key);
      if (organisation === undefined)
        throw new CommandFailedError(`there is no organisation ${key}; kuva org list shows them`);
      const put = { controllerOid: organisation.controllerOid, kind, days: Number(daysText) };
      await index.write('citizenDelayPut', put);
      return put;
    });
    out.record(row, { controller: row.controllerOid, kind: row.kind, days: row.days });
  });
  addCommand(delay, {
    usage: 'list',
    summary: 'all delays that are not the archive’s own',
    examples: ['kuva citizen delay list'],
  }).action(async (_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    out.list(
      await withReading(config, (index) => index.read('citizenDelays')),
      [
        { title: 'controller', value: (row) => row.controllerOid },
        { title: 'kind', value: (row) => row.kind },
        { title: 'days', value: (row) => row.days, align: 'right' },
      ],
      'every organisation has the delays of the archive (profile: citizen.delayDays)',
    );
  });
}
