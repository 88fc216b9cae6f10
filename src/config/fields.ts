import { isIP } from 'node:net';
import { z } from 'zod';

// Every message below completes the sentence "<key> is <value>: …" and says what to write instead.

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const UNITS_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** Environment variables and flags are text; a text that is a plain decimal number counts as that number. */
function numeric(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value.trim()) : value;
}

/** A whole number from `min` to `max`. */
export function count(min: number, max: number) {
  const error = `write a whole number from ${min} to ${max}`;
  return z.preprocess(numeric, z.int({ error }).min(min, { error }).max(max, { error }));
}

/** A TCP port; 0 lets the operating system choose a free one. */
export function port() {
  return count(0, 65_535);
}

/** `true` or `false`, also as text. */
export function flag() {
  const fromText = (value: unknown): unknown =>
    value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value;
  return z.preprocess(fromText, z.boolean({ error: 'write true or false' }));
}

function withUnit(units: Readonly<Record<string, number>>, error: string, bare: boolean) {
  return z.union([z.string(), z.number()], { error }).transform((value, context): number => {
    const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(String(value).trim());
    const unit = match?.[2] === '' && (bare || Number(match[1]) === 0) ? 1 : units[match?.[2] ?? ''];
    if (match === null || unit === undefined) {
      context.issues.push({ code: 'custom', message: error, input: value });
      return z.NEVER;
    }
    return Math.round(Number(match[1]) * unit);
  });
}

/** A duration with its unit, such as `30s` or `5min`; parsed to milliseconds. */
export function duration(min: number, max: number) {
  const error = 'write a number with its unit ms, s, min, h or d, such as 30s';
  const range = `write a duration from ${spoken(min)} to ${spoken(max)}`;
  return withUnit(UNITS_MS, error, false).pipe(z.number().min(min, { error: range }).max(max, { error: range }));
}

function spoken(ms: number): string {
  const [unit, size] = Object.entries(UNITS_MS).findLast(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** A size with an optional unit, such as `64KiB` or `1GB`; parsed to bytes. */
export function size(min: number, max: number) {
  const error = 'write a number of bytes, or a number with its unit kB, MB, GB, KiB, MiB or GiB, such as 64KiB';
  const range = `write a size from ${min} to ${max} bytes`;
  return withUnit(UNITS_BYTES, error, true).pipe(z.number().min(min, { error: range }).max(max, { error: range }));
}

/** An AE title: 1 to 16 characters of the default repertoire without backslash, not only spaces (PS3.5 6.2, VR AE). */
export function aeTitle() {
  const error = 'write an AE title of 1 to 16 printable ASCII characters without backslash';
  return z
    .string({ error })
    .trim()
    .regex(/^[\x20-\x5b\x5d-\x7e]{1,16}$/, { error });
}

/** The name or address to listen on. */
export function host() {
  const error = 'write an IP address or a host name, such as 127.0.0.1, or 0.0.0.0 for every interface';
  return z
    .string({ error })
    .refine((value) => isIP(value) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(value), { error });
}

/** A UID (PS3.5 9.1). */
export function uid() {
  const error = 'write a UID: digits and dots, at most 64 characters';
  return z
    .string({ error })
    .max(64, { error })
    .regex(/^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/, { error });
}

/** A file or directory; made absolute by the loader. */
export function path() {
  const error = 'write the path of a file or a folder';
  return z
    .string({ error })
    .min(1, { error })
    .refine((value) => !value.includes('\0'), { error });
}

/** Free text of one line. */
export function line(max: number) {
  const error = `write at most ${max} characters on one line`;
  return z
    .string({ error })
    .max(max, { error })
    .regex(/^[^\p{Cc}]*$/u, { error });
}

/** One of the given words. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, { error: `write one of ${words.join(', ')}` });
}

/** A list; as text, its items are separated by commas. */
export function list<T extends z.ZodType>(item: T) {
  const split = (value: unknown): unknown =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
      : value;
  return z.preprocess(split, z.array(item, { error: 'write a list' }));
}
