import { z } from 'zod';

/** A day; written as 2026-01-31, parsed to `20260131` as in DICOM. */
export function day() {
  const error = 'write a day as 2026-01-31';
  return z
    .string({ error })
    .regex(/^\d{4}-\d{2}-\d{2}$/, { error })
    .refine((text) => isDay(text), { error })
    .transform((text) => text.replaceAll('-', ''));
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** An object identifier: numbers and dots. */
export function oid() {
  const error = 'write an OID: numbers and dots';
  return z.string({ error }).regex(/^[0-2](\.(0|[1-9]\d*))+$/, { error });
}

/** A name without spaces. YAML reads an unquoted 2.4 or 10 as a number; its text is meant. */
export function word() {
  const error = 'write one word';
  const text = z.string({ error }).regex(/^\S{1,64}$/, { error });
  return z.preprocess((value) => (typeof value === 'number' ? String(value) : value), text);
}

/** A list of names. */
export function words() {
  return z.array(word(), { error: 'write a list of words' });
}
