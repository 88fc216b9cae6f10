import { parse } from 'yaml';
import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import { printable } from '../core/text.ts';
import { parseDay } from '../core/zoned-day.ts';
import { parseBusinessId } from '../identity/business-id.ts';
import { organisationOid } from '../identity/finnish-oid.ts';
import { ORGANISATION_KINDS, PRODUCTION_STATES } from '../index/registers/register-types.ts';
import type { NewEnablement, OrganisationRow } from '../index/registers/register-types.ts';

const text = z.string({ error: 'write a text' });
const day = z.preprocess(
  (value) => (value === null || value === undefined ? '' : value),
  text.transform((value, context) => {
    const found = value === '' ? '' : parseDay(value);
    if (found === undefined) context.addIssue({ code: 'custom', message: 'write a day as 2026-01-31' });
    return found ?? '';
  }),
);
const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: `write one of ${words.join(', ')}` });

const ORGANISATION = z
  .strictObject({
    key: text,
    name: text,
    businessId: text.optional(),
    oid: text.optional(),
    kind: oneOf(ORGANISATION_KINDS).default('public'),
    controllerOid: text.optional(),
    registerCode: text,
    registerSpecifier: text.default(''),
    egressAet: text.default(''),
    systemEntity: text.default(''),
    joinedOn: day,
    attributes: z.record(text, text).default({}),
    enablements: z
      .array(z.strictObject({ contentType: text, state: oneOf(PRODUCTION_STATES), from: day, note: text.default('') }))
      .default([]),
  })
  .refine(({ businessId, oid }) => businessId !== undefined || oid !== undefined, {
    error: 'write businessId or oid',
  });
const FILE = z.strictObject({ organisations: z.array(ORGANISATION, { error: 'write a list of organisations' }) });

/** An organisation with how far its deployment has come. */
export interface ImportedOrganisation {
  readonly row: OrganisationRow;
  readonly enablements: readonly Omit<NewEnablement, 'controllerOid' | 'recordedAt'>[];
}

/** Reads YAML or JSON with `organisations`. @throws ConfigError with one line a problem */
export function parseOrganisationFile(content: string, name: string): ImportedOrganisation[] {
  let value: unknown;
  try {
    value = parse(content, { schema: 'failsafe' });
  } catch (error) {
    throw new ConfigError([`${name}: neither valid YAML nor JSON`], error);
  }
  const parsed = FILE.safeParse(value);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${name}: ${printable(issue.path.map(String).join('.'))}: ${issue.message}`),
      parsed.error,
    );
  return parsed.data.organisations.map(({ businessId, enablements, ...given }) => {
    const oid = given.oid ?? oidOf(businessId ?? '', given.key, name);
    return { row: { ...given, oid, controllerOid: given.controllerOid ?? `${oid}.19.0` }, enablements };
  });
}

function oidOf(businessId: string, key: string, name: string): string {
  const known = parseBusinessId(businessId);
  if (known === undefined)
    throw new ConfigError([
      `${name}: organisation ${printable(key)}: businessId is ${printable(businessId)}: write a business id with its check digit, such as 0204819-8`,
    ]);
  return organisationOid(known);
}
