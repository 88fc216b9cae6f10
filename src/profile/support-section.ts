import { z } from 'zod';
import { count, line, oneOf } from '../config/fields.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A time of day as `07:00`, parsed to minutes since midnight. */
function timeOfDay() {
  const error = 'write a time of day in quotes, such as "07:00"';
  return z
    .string({ error })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error })
    .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
}

/** A day of every year; written as 12-06, parsed to `1206`. */
function dayOfYear() {
  const error = 'write a day of the year in quotes as month and day, such as "12-06"';
  return z
    .string({ error })
    .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, { error })
    .transform((text) => text.replace('-', ''));
}

const channel = {
  name: line(100),
  phone: line(40),
  email: line(100),
};

/** Whom to ask, and when: an office with hours, and a channel for faults at any time. */
export const supportSection = z
  .strictObject({
    /** IANA name of the time zone that the hours are in. */
    timeZone: line(64),
    office: z.strictObject({
      ...channel,
      days: z.array(oneOf(WEEKDAYS), { error: 'write a list of days' }),
      from: timeOfDay(),
      to: timeOfDay(),
    }),
    faults: z.strictObject(channel),
    /** Days on which the office is closed. */
    holidays: z.strictObject({
      yearly: z.array(dayOfYear(), { error: 'write a list of days of the year' }),
      /** Days after Easter Sunday, negative before it. */
      easter: z.array(z.int().min(-60).max(60), { error: 'write a list of numbers of days' }),
      /** The first such weekday on or after a day of the year. */
      movable: z.array(z.strictObject({ weekday: oneOf(WEEKDAYS), from: dayOfYear() }), {
        error: 'write a list of {weekday, from}',
      }),
    }),
    /** Lines of the log file that go into a bundle, the latest. */
    logLines: count(0, 1_000_000),
  })
  .refine(({ office }) => office.from < office.to, { error: 'let office.from be before office.to' });
