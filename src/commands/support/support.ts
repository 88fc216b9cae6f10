import type { Command } from 'commander';
import { loadProfile } from '../../profile/load-profile.ts';
import type { Profile } from '../../profile/profile.ts';
import { shownDay } from '../../core/zoned-day.ts';
import { clock, officeState } from '../../support/office-hours.ts';
import { weekdayOf } from '../../support/holidays.ts';
import { addCommand, addGroup, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { UsageError } from '../exit-codes.ts';
import { collectParts } from './bundle-parts.ts';
import { writeBundle } from './write-bundle.ts';

export function addSupportCommands(program: Command, environment: CliEnvironment): void {
  const support = addGroup(
    program,
    'support',
    'when something is wrong: whom to ask now, and a folder of facts to send along, without patient data',
    ['kuva support contacts', 'kuva support bundle incident-7'],
  );

  addCommand(support, {
    usage: 'contacts',
    summary: 'who can be reached now: the office in its hours, the channel for faults at any time',
    examples: ['kuva support contacts', 'kuva support contacts --at 2026-12-24T10:00'],
    isDefault: true,
  })
    .option('--at <time>', 'at this moment, such as 2026-12-24T10:00 in the time of this machine (default: now)')
    .action(({ at }: { readonly at?: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const profile = loadProfile(config.profile);
      const contacts = contactsAt(profile, momentOf(at));
      const { office, faults } = profile.support;
      out.record(contacts, {
        [office.name]: `${office.phone}, ${office.email}`,
        '': hours(contacts, profile),
        [faults.name]: `${faults.phone}, ${faults.email}`,
        'call now': contacts.reachable.map(({ phone }) => phone).join(' or '),
      });
      if (profile.simulation) out.say(profile.notice);
    });

  addCommand(support, {
    usage: 'bundle <folder>',
    summary:
      'write what helps to understand a fault into a new folder: versions, configuration, state, metrics, queue and registers, the end of the log; no patient data, no keys, no hashes of passcodes',
    examples: [
      'kuva support bundle incident-7',
      'kuva support bundle incident-7 && tar czf incident-7.tar.gz incident-7',
    ],
  }).action(async (folder: string, _options: unknown, command: Command) => {
    const context = contextOf(environment, command);
    const { out } = context;
    const written = writeBundle(environment.cwd, folder, await collectParts(context.load([]), environment));
    out.list(
      written.files,
      [
        { title: 'file', value: ({ file }) => file },
        { title: 'bytes', value: ({ bytes }) => bytes, align: 'right' },
        { title: 'what', value: ({ what }) => what },
      ],
      'nothing was written',
    );
    out.say(`written to ${written.folder}; look at it before you send it`);
  });
}

interface Contacts {
  readonly at: string;
  readonly timeZone: string;
  readonly office: { readonly name: string; readonly phone: string; readonly email: string; readonly open: boolean };
  /** When the office opens or closes next, local day and time; null when it does not within a month. */
  readonly changes: { readonly day: string; readonly time: string } | null;
  readonly faults: { readonly name: string; readonly phone: string; readonly email: string };
  /** Who answers at that moment. */
  readonly reachable: readonly { readonly name: string; readonly phone: string }[];
}

function contactsAt({ support }: Profile, ms: number): Contacts {
  const { office, faults, timeZone } = support;
  const state = officeState(ms, support);
  const open = state?.open === true;
  return {
    at: new Date(ms).toISOString(),
    timeZone,
    office: { name: office.name, phone: office.phone, email: office.email, open },
    changes: state === undefined ? null : { day: shownDay(state.day), time: clock(state.minutes) },
    faults,
    reachable: [...(open ? [office] : []), faults].map(({ name, phone }) => ({ name, phone })),
  };
}

function hours({ office: { open }, changes }: Contacts, { support: { office, timeZone } }: Profile): string {
  const usual = `${office.days.join(' ')} ${clock(office.from)} to ${clock(office.to)} (${timeZone}), not on holidays`;
  if (changes === null) return `${usual}; closed`;
  if (open) return `${usual}; open now, until ${changes.time}`;
  return `${usual}; closed now, opens ${weekdayOf(changes.day.replaceAll('-', ''))} ${changes.day} ${changes.time}`;
}

function momentOf(at: string | undefined): number {
  if (at === undefined) return Date.now();
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) throw new UsageError(`--at ${at}: write a moment such as 2026-12-24T10:00`);
  return ms;
}
