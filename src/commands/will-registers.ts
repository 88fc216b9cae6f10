import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { storagePaths } from '../config/storage-paths.ts';
import { readWillRecord, startOf, WillRecordError } from '../disclosure/will-record.ts';
import type { Recording } from '../disclosure/will-record.ts';
import type { DisclosurePolicy } from '../disclosure/question.ts';
import type { NewWill, WillRegister, WillRegisters } from '../index/disclosure/disclosure-types.ts';
import { registeredId } from '../index/disclosure/registered-id.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { contextOf } from './command-context.ts';
import type { CliEnvironment, CommandContext } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { noteWillRead } from './administration.ts';
import { withIndex, withNewIndex } from './open-index.ts';
import { humanTime } from './output.ts';
import type { Column } from './output.ts';

// What the commands of consents, denials, informing, authorisations and care relationships share.

export function policyOf(context: CommandContext): DisclosurePolicy {
  return loadProfile(context.config.profile).disclosure;
}

/** The account at this machine that records. */
export function recordingNow(): Recording {
  return { recordedAt: Date.now(), recordedBy: `cli:${userInfo().username}` };
}

/** Checks and keeps one record, and shows what is kept. @throws UsageError that names the keys that are wrong */
export async function keepRecord(environment: CliEnvironment, command: Command, record: object): Promise<void> {
  const context = contextOf(environment, command);
  const will = asUsage(() => readWillRecord(withoutUndefined(record), policyOf(context), recordingNow()));
  const [outcome] = await withNewIndex(storagePaths(context.config), (index) => index.write('willPut', [will]));
  const id = outcome?.id ?? 0;
  context.out.record({ id, register: will.register, ...will.row }, fieldsOf(id, will));
  if (outcome?.kind === 'known') context.out.say('this record was known already');
}

/** Ends one row, from a day or moment on, or from now. */
export async function endRow(
  environment: CliEnvironment,
  command: Command,
  { register, id, at }: { register: WillRegister; id: string; at: string | undefined },
): Promise<void> {
  const { out, end, config } = ending(environment, command, at);
  if (!/^[1-9]\d*$/.test(id)) throw new UsageError(`${id}: write the number that kuva ${register} list shows`);
  if (!(await withIndex(config, (index) => index.write('willEnd', register, Number(id), end))))
    throw new CommandFailedError(`there is no ${register} ${id} that is still open; kuva ${register} list shows them`);
  out.record({ id: Number(id), register, ...end }, { [register]: Number(id), 'ends at': humanTime(end.validUntil) });
}

/** Ends all rows of a patient. */
export async function endRowsOf(
  environment: CliEnvironment,
  command: Command,
  { register, patient, at }: { register: WillRegister; patient: string; at: string | undefined },
): Promise<void> {
  const { out, end, config } = ending(environment, command, at);
  const ended = await withIndex(config, (index) => index.write('willEndAll', register, registeredId(patient), end));
  if (ended === 0) throw new CommandFailedError(`there is no ${register} of this patient that is still open`);
  out.record({ ended, register, ...end }, { ended, 'ends at': humanTime(end.validUntil) });
}

export async function listRows<Name extends WillRegister>(
  environment: CliEnvironment,
  command: Command,
  list: { register: Name; patient: string | undefined; columns: readonly Column<WillRegisters[Name]>[] },
): Promise<void> {
  const { out, config } = contextOf(environment, command);
  const patient = list.patient === undefined ? null : registeredId(list.patient);
  // The types of several registers meet here: a row of `register` is what it gives.
  const rows = await withIndex(config, async (index) => {
    const limit = patient === null ? 1000 : 1_000_000;
    const found = (await index.read('willList', list.register, patient, limit)) as WillRegisters[Name][];
    await noteWillRead(
      index,
      config,
      list.register,
      found.map((row) => row.patientId),
    );
    return found;
  });
  out.list(
    rows,
    [
      { title: 'number', value: (row) => row.id, align: 'right' },
      { title: 'patient', value: (row) => row.patientId },
      ...list.columns,
      { title: 'from', value: (row) => humanTime(row.validFrom) },
      { title: 'until', value: (row) => (row.validUntil === null ? null : humanTime(row.validUntil)) },
      { title: 'recorded', value: (row) => `${humanTime(row.recordedAt)} ${row.recordedBy}` },
      { title: 'ended', value: (row) => (row.endedAt === null ? null : `${humanTime(row.endedAt)} ${row.endedBy}`) },
    ],
    `no ${list.register} is recorded`,
  );
}

/** Runs something that checks a record, and turns its complaint into one about the command line. */
function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof WillRecordError) throw new UsageError(error.message);
    throw error;
  }
}

/** Times of an option, in the time zone of the law. */
function momentOf(at: string, policy: DisclosurePolicy, option: string): number {
  const moment =
    /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(at) && !Number.isNaN(Date.parse(at)) ? startOf(at, policy) : Number.NaN;
  if (Number.isNaN(moment))
    throw new UsageError(`${option} ${at}: write a day as 2024-01-31, or a moment as 2024-01-31T12:00:00+02:00`);
  return moment;
}

function ending(environment: CliEnvironment, command: Command, at: string | undefined) {
  const context = contextOf(environment, command);
  const { recordedAt, recordedBy } = recordingNow();
  const validUntil = at === undefined ? recordedAt : momentOf(at, policyOf(context), '--at');
  return { out: context.out, config: context.config, end: { validUntil, endedAt: recordedAt, endedBy: recordedBy } };
}

function withoutUndefined(record: object): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

const HIDDEN = new Set(['recordedAt', 'recordedBy', 'validFrom', 'validUntil', 'patientId', 'sourceId']);

function fieldsOf(id: number, { register, row }: NewWill): Record<string, string | number | null> {
  const facts = Object.entries(row).filter(([key, value]) => !HIDDEN.has(key) && value !== '');
  return {
    [register]: id,
    patient: row.patientId,
    ...Object.fromEntries(facts.map(([key, value]) => [words(key), shown(value)])),
    from: humanTime(row.validFrom),
    until: row.validUntil === null ? null : humanTime(row.validUntil),
  };
}

function words(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
