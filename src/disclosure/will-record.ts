import { zonedDay } from '../core/zoned-day.ts';
import { z } from 'zod';
import { KuvaError } from '../core/errors.ts';
import { printable } from '../core/text.ts';
import { isOid } from '../identity/finnish-oid.ts';
import { looksLikeHetu, parseHetu } from '../identity/hetu.ts';
import type { NewWill } from '../index/disclosure/disclosure-types.ts';
import { CONSENT_KINDS, DENIAL_SCOPES, INFORMING_VERSIONS } from '../profile/disclosure-section.ts';
import { speaks } from './denials.ts';
import { startOfDay, wasMinor } from './policy-day.ts';
import type { DisclosurePolicy } from './question.ts';

/** A record that may not be kept as it is; `message` names its keys, and never the patient. */
export class WillRecordError extends KuvaError {
  override readonly name = 'WillRecordError';

  constructor(problem: string) {
    super('WILL_RECORD', problem);
  }
}

/** Who keeps the record, and when. */
export interface Recording {
  readonly recordedAt: number;
  readonly recordedBy: string;
}

const oid = () => z.string().refine(isOid, { error: 'write an OID: numbers and dots' });
const moment = () => {
  const error = 'write a day as 2024-01-31, or a moment with its offset as 2024-01-31T12:00:00+02:00';
  return z
    .string({ error })
    .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/, { error })
    .refine((text) => !Number.isNaN(Date.parse(text)) && isCalendarDay(text.slice(0, 10)), { error });
};
const day = () => z.iso.date({ error: 'write a day as 2024-01-31' });
const hetu = () =>
  z
    .string({ error: 'write a personal identity code' })
    .transform((text) => text.trim().toUpperCase())
    .refine((text) => 'hetu' in parseHetu(text), { error: 'write a valid personal identity code' });
const anyPatient = () =>
  z
    .string({ error: 'write a Patient ID' })
    .transform((text) => text.trim().toUpperCase())
    .refine((text) => text.length > 0 && text.length <= 64 && (!looksLikeHetu(text) || 'hetu' in parseHetu(text)), {
      error: 'write a Patient ID; a personal identity code must be a valid one',
    });
const registerCode = () => z.string().regex(/^\d{1,4}$/, { error: 'write a register code, such as 2' });
const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: `write one of ${words.join(', ')}` });

const common = {
  from: moment().optional(),
  until: moment().optional(),
  /** Identifier of the record where it comes from: the same one does not come in twice. */
  id: z.string().max(128).optional(),
};
const expressed = {
  by: oneOf(['patient', 'guardian']).default('patient'),
  via: oneOf(['citizen', 'provider']).default('provider'),
};

const record = z.discriminatedUnion(
  'register',
  [
    z.strictObject({
      register: z.literal('consent'),
      patient: hetu(),
      ...common,
      ...expressed,
      kind: oneOf(CONSENT_KINDS).default('luovutuslupa'),
    }),
    z.strictObject({
      register: z.literal('denial'),
      patient: hetu(),
      ...common,
      ...expressed,
      scope: oneOf(DENIAL_SCOPES),
      serviceEvent: oid().optional(),
      controller: oid().optional(),
      registerCode: registerCode().optional(),
      group: z.string().optional(),
      emergencyAllowed: z.boolean().default(false),
    }),
    z.strictObject({
      register: z.literal('informing'),
      patient: hetu(),
      ...common,
      version: oneOf(INFORMING_VERSIONS),
    }),
    z.strictObject({
      register: z.literal('authorisation'),
      /** Left out: for the whole register. */
      patient: anyPatient().optional(),
      ...common,
      organiser: oid(),
      organiserUnit: oid().optional(),
      producer: oid(),
      searchController: oid().optional(),
      searchRegister: registerCode(),
      searchSpecifier: z.string().max(64).default(''),
      storageController: oid().optional(),
      storageRegister: registerCode().optional(),
      storageSpecifier: z.string().max(64).optional(),
      materialFrom: day().optional(),
      materialUntil: day().optional(),
      serviceEvents: z.array(oid()).default([]),
    }),
    z.strictObject({ register: z.literal('relation'), patient: anyPatient(), ...common, controller: oid() }),
  ],
  { error: 'write consent, denial, informing, authorisation or relation' },
);
type WillRecord = z.output<typeof record>;

/**
 * Checks a record as people and files write it, and gives the row to keep. A day as `until` is the last day that counts.
 * @throws WillRecordError with every key that is wrong
 */
export function readWillRecord(value: unknown, policy: DisclosurePolicy, recording: Recording): NewWill {
  const parsed = record.safeParse(value);
  if (!parsed.success) throw new WillRecordError(parsed.error.issues.map((issue) => describe(issue, value)).join('; '));
  const given = parsed.data;
  if (given.id !== undefined && given.from === undefined)
    throw new WillRecordError(
      'from is missing: a record with an id says since when, so that it is the same when it comes again',
    );
  const validFrom = given.from === undefined ? recording.recordedAt : startOf(given.from, policy);
  const validUntil = given.until === undefined ? null : endOf(given.until, policy);
  if (validUntil !== null && validUntil <= validFrom)
    throw new WillRecordError('until: write a day or moment after from');
  const row = {
    ...recording,
    patientId: given.patient ?? '',
    validFrom,
    validUntil,
    sourceId: given.id ?? '',
  };
  return factsOf(given, row, policy);
}

type CommonRow = Omit<Extract<NewWill, { register: 'relation' }>['row'], 'controller'>;

function factsOf(given: WillRecord, row: CommonRow, policy: DisclosurePolicy): NewWill {
  switch (given.register) {
    case 'consent': {
      const expression = { givenBy: given.by, via: given.via };
      if (!speaks(policy.consentBy, expression)) throw refused(given.by, given.via, 'consent');
      // It would count for nothing, and yet end the consent that the patient gave.
      if (given.by === 'guardian' && !wasMinor(birthDateIn(given.patient), policy, row.validFrom))
        throw new WillRecordError(
          `by guardian: the patient is ${policy.guardianUntilAge} or older and consents himself`,
        );
      return { register: 'consent', row: { ...row, ...expression, kind: given.kind } };
    }
    case 'denial':
      return { register: 'denial', row: { ...row, ...denialFacts(given, policy) } };
    case 'informing':
      return { register: 'informing', row: { ...row, informingVersion: given.version } };
    case 'authorisation':
      return { register: 'authorisation', row: { ...row, ...authorisationFacts(given) } };
    case 'relation':
      return { register: 'relation', row: { ...row, controller: given.controller } };
  }
}

/** Keys that each scope needs; the others say nothing with it. */
const SCOPE_KEYS = {
  all: [],
  'service-event': ['serviceEvent'],
  provider: ['controller', 'registerCode'],
  'private-occupational': [],
  group: ['group'],
} as const;

function denialFacts(given: Extract<WillRecord, { register: 'denial' }>, policy: DisclosurePolicy) {
  const expression = { givenBy: given.by, via: given.via };
  if (!speaks(policy.denialBy, expression)) throw refused(given.by, given.via, 'denial');
  const needed: readonly string[] = SCOPE_KEYS[given.scope];
  const allowed = given.scope === 'private-occupational' ? ['controller'] : needed;
  for (const key of ['serviceEvent', 'controller', 'registerCode', 'group'] as const) {
    if (needed.includes(key) && given[key] === undefined)
      throw new WillRecordError(`${key} is missing: scope ${given.scope} needs it`);
    if (!allowed.includes(key) && given[key] !== undefined)
      throw new WillRecordError(`${key}: scope ${given.scope} has none, leave it out`);
  }
  if (given.group !== undefined && !policy.groups.some(({ name }) => name === given.group))
    throw new WillRecordError(
      `group ${printable(given.group)}: write one of ${policy.groups.map(({ name }) => name).join(', ')}`,
    );
  return {
    ...expression,
    scope: given.scope,
    serviceEvent: given.serviceEvent ?? '',
    controller: given.controller ?? '',
    registerCode: given.registerCode ?? '',
    groupName: given.group ?? '',
    emergencyAllowed: given.emergencyAllowed,
  };
}

function authorisationFacts(given: Extract<WillRecord, { register: 'authorisation' }>) {
  const packed = (text: string | undefined): string => (text ?? '').replaceAll('-', '');
  const searchController = given.searchController ?? given.organiser;
  const limited = given.materialFrom ?? given.materialUntil ?? given.serviceEvents[0];
  return {
    organiser: given.organiser,
    organiserUnit: given.organiserUnit ?? '',
    producer: given.producer,
    searchController,
    searchRegister: given.searchRegister,
    searchSpecifier: given.searchSpecifier,
    storageController: given.storageController ?? searchController,
    storageRegister: given.storageRegister ?? given.searchRegister,
    storageSpecifier: given.storageSpecifier ?? given.searchSpecifier,
    allDocuments: limited === undefined,
    materialFrom: packed(given.materialFrom),
    materialUntil: packed(given.materialUntil),
    serviceEvents: given.serviceEvents,
  };
}

/** The moment that a day or moment begins, ms since 1970. */
export function startOf(text: string, policy: DisclosurePolicy): number {
  return text.length > 10 ? Date.parse(text) : startOfDay(policy.timezone, text.replaceAll('-', ''));
}

/** The moment that ends with a day, or the moment itself. */
function endOf(text: string, policy: DisclosurePolicy): number {
  if (text.length > 10) return Date.parse(text);
  const noon = startOf(text, policy) + 36 * 3_600_000;
  return startOfDay(policy.timezone, zonedDay(policy.timezone, noon));
}

function isCalendarDay(text: string): boolean {
  return new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
}

function birthDateIn(patient: string): string {
  const parsed = parseHetu(patient);
  return 'hetu' in parsed ? parsed.hetu.birthDate : '';
}

function refused(by: string, via: string, what: string): WillRecordError {
  const where = via === 'citizen' ? "the citizen's service" : "a provider's";
  return new WillRecordError(`by ${by}, via ${via}: a ${by} gives no ${what} in ${where}`);
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.map(printable).join(', ')}`;
  const key = issue.path.map(String).join('.');
  let written: unknown = value;
  for (const part of issue.path) written = (written as Record<PropertyKey, unknown> | undefined)?.[part];
  if (key === 'patient') return `patient: ${issue.message}`;
  const shown = written === undefined ? 'is missing' : `is ${printable(JSON.stringify(written)).slice(0, 80)}`;
  return `${key === '' ? 'the record' : key} ${shown}: ${issue.message}`;
}
