import { z } from 'zod';
import { aeTitle, count, duration, flag, host, line, list, oneOf, port, size } from './fields.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const MINUTES_A_DAY = 24 * 60;

/** A time of day as `07:30`, up to `24:00`; parsed to minutes since midnight. */
function timeOfDay() {
  const error = 'write a time of day in quotes, such as "07:30"';
  return z
    .string({ error })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error })
    .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
}

/** In a window, bytes a second; a number also where JSON has no infinity. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

// Bytes a second.
const bandwidth = () => size(0, 1e12).nullable();

/** A part of the week with a bandwidth of its own; `closed` lets only emergencies go. */
const scheduleWindow = z
  .strictObject({
    days: list(oneOf(DAYS)).default([...DAYS]),
    from: timeOfDay(),
    to: timeOfDay(),
    bandwidth: bandwidth().default(null),
    closed: flag().default(false),
  })
  .refine(({ from, to }) => from !== to, { error: 'let from and to differ' })
  // A window over midnight is two: the schedule looks at one day.
  .transform(({ days, from, to, bandwidth: rate, closed }) => {
    const numbers = days.map((day) => DAYS.indexOf(day) + 1);
    const window = { days: numbers, from, to, rate: closed ? 0 : (rate ?? UNLIMITED) };
    if (from < to) return [window];
    const next = numbers.map((day) => (day % DAYS.length) + 1);
    return [
      { ...window, to: MINUTES_A_DAY },
      { ...window, days: next, from: 0 },
    ];
  });

const destination = z.strictObject({
  // What the queue, the metrics and the command line call it.
  name: line(64).min(1).default('national'),
  aeTitle: aeTitle(),
  host: host(),
  port: port().default(2762),
  tls: flag().default(true),
  // Calling AE title of what belongs to no controller with a title of its own; left out: node.aeTitle.
  callingAeTitle: aeTitle().nullable().default(null),
  // Studies that are sent at once.
  window: count(1, 32).default(2),
  bandwidth: bandwidth().default(null),
  schedule: z
    .array(scheduleWindow, { error: 'write a list of {days, from, to, bandwidth or closed}' })
    .default([])
    .transform((windows) => windows.flat()),
});

/** Waits after failures as `5x1min, 12x5min, 7x1d`; parsed to steps of milliseconds. */
function ladder() {
  const error = 'write waits as how often x how long, such as "5x1min, 12x5min, 24x1h, 7x1d"';
  const step = z
    .string({ error })
    .regex(/^[1-9]\d{0,5}x/, { error })
    .transform((text): { times: number; delay: string | number } => {
      const [times = '', delay = ''] = text.split('x');
      return { times: Number(times), delay };
    })
    .pipe(z.strictObject({ times: z.number(), delay: duration(100, 30 * 86_400_000) }));
  return list(step).refine((steps) => steps.length > 0, { error });
}

/** What is forwarded, and where to. */
export const egressFields = {
  // Null: nothing is forwarded.
  destination: destination.nullable().default(null),
  // Further ones; each gets every study.
  destinations: z.array(destination, { error: 'write a list of destinations' }).default([]),
  // A study to which nothing has been added for so long is complete.
  quietTime: duration(0, 7 * 86_400_000).default(30 * 60_000),
  // From the receipt of the first object until the study should be archived; null: no deadline.
  deadline: duration(60_000, 365 * 86_400_000)
    .nullable()
    .default(86_400_000),
  // What these calling AEs send goes before everything else.
  emergencyAeTitles: list(aeTitle()).default([]),
  // How long a study waits after each failure in a row; at the end of the ladder it is a dead letter, which somebody has to look at.
  retry: ladder().default([
    { times: 5, delay: 60_000 },
    { times: 12, delay: 300_000 },
    { times: 24, delay: 3_600_000 },
    { times: 7, delay: 86_400_000 },
  ]),
  // Failures of a destination in a row after which nothing is sent until it answers a C-ECHO, and how long until that is tried.
  breaker: z
    .strictObject({
      threshold: count(1, 1000).default(5),
      openFor: duration(100, 86_400_000).default(30_000),
      maxOpenFor: duration(100, 86_400_000).default(600_000),
    })
    .prefault({}),
  commitment: z
    .strictObject({
      // Instances in one request; a larger study makes several.
      maxInstances: count(1, 100_000).default(1000),
      // How long the association of the request stays open for the report.
      sameAssociationWait: duration(0, 600_000).default(2_000),
      // How long a report may take; then it is asked for anew.
      answerWithin: duration(1000, 30 * 86_400_000).default(3_600_000),
    })
    .prefault({}),
  // How often the archive is asked whether it still shows every object of a study; null: never.
  reconcileEvery: duration(1000, 365 * 86_400_000)
    .nullable()
    .default(86_400_000),
  // Files of a study may be given up (kuva evict) so long after it was archived and after its last object came.
  evictAfter: duration(0, 3650 * 86_400_000).default(90 * 86_400_000),
  // Whether kuva start runs kuva egress as well.
  supervise: flag().default(true),
};

export const DESTINATION_KEYS = Object.keys(destination.shape);
