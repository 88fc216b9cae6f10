import { z } from 'zod';
import { count, flag, line } from '../config/fields.ts';

/** A status or failure reason, hexadecimal; in quotes, since YAML takes 0110 for a number. */
function statusCode() {
  const error = "write four hexadecimal digits in quotes, such as '0110'";
  return z
    .string({ error })
    .regex(/^[0-9A-Fa-f]{4}$/, { error })
    .transform((text) => Number.parseInt(text, 16));
}

const verdict = {
  /**
   * success: the archive has it; warning: it has it, and said something that is kept; retry: again later, nothing is wrong with the
   * object; hold: the same bytes will never be taken, so somebody has to do something.
   */
  reaction: z.enum(['success', 'warning', 'retry', 'hold'], { error: 'write one of success, warning, retry, hold' }),
  /** retry: it is the archive as a whole that is in trouble, so other studies wait as well. */
  archiveInTrouble: flag().optional(),
  /** retry: after so many times in a row the study is held. */
  attempts: count(1, 1000).optional(),
  /** In plain words. */
  cause: line(200),
  /** What to do; '' when there is nothing to do. */
  remedy: line(300),
};

const reason = z.strictObject({
  reason: statusCode(),
  reaction: z.enum(['resend', 'hold'], { error: 'write resend or hold' }),
  cause: line(200),
  remedy: line(300),
});

/** How objects are handed over, and what the archive's answers mean. */
export const egressSection = z.strictObject({
  /** IANA name; schedules and the date of the manifest are in it. */
  timeZone: z.string({ error: 'write a time zone, such as Europe/Helsinki' }).refine(isTimeZone, {
    error: 'write the IANA name of a time zone, such as Europe/Helsinki',
  }),
  /** Answers to C-STORE by exact code; they count before the ranges. */
  statuses: z.array(z.strictObject({ code: statusCode(), ...verdict }), { error: 'write a list' }),
  /** Codes that are not named; the first range that holds one counts. Together they must cover every code. */
  ranges: z
    .array(z.strictObject({ from: statusCode(), to: statusCode(), ...verdict }), { error: 'write a list' })
    .refine((ranges) => ranges.some(({ from, to }) => from === 0 && to === 0xffff), {
      error: "let the last range go from '0000' to 'FFFF', so that no code is left without a meaning",
    }),
  commitment: z.strictObject({
    /** What the archive's failure reasons mean (PS3.3 C.14.1.1). Any other one counts as resend. */
    failures: z.array(reason, { error: 'write a list' }),
    /** So many negative reports for one object and the study is held. */
    maxResends: count(1, 100),
    /** Whether commitment is asked for the manifest, too. */
    ofManifest: flag(),
  }),
  manifest: z.strictObject({
    /** cstore-kos: the Key Object Selection Document goes by C-STORE. rad68 (IHE Provide and Register Imaging Document Set) is the other way known. */
    strategy: z
      .enum(['cstore-kos', 'rad68'], { error: 'write cstore-kos' })
      .refine((strategy) => strategy !== 'rad68', {
        error: 'this version delivers no manifest by IHE RAD-68 (SOAP, MTOM): write cstore-kos',
      }),
    /** Document title (PS3.16 CID 7010). */
    title: z.strictObject({ value: line(16), scheme: line(16), meaning: line(64) }),
    manufacturer: line(64),
    seriesDescription: line(64),
    seriesNumber: count(1, 2_147_483_647),
  }),
});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
