import { z } from 'zod';
import { ConfigError } from '../config/config-error.ts';
import { parseDay } from '../core/zoned-day.ts';
import { printable } from '../core/text.ts';
import type { CodeEntry } from '../index/nomenclature/code-types.ts';
import { csvRows } from './csv-rows.ts';

export type FileEntry = Omit<CodeEntry, 'listOid'>;

/** Which columns of a CSV file hold what, by their titles. */
export type CodeColumns = Readonly<Partial<Record<keyof FileEntry, string>>>;

// Titles in exports of the national code server and in hand-made files, compared by their letters alone.
const TITLES: Readonly<Record<keyof FileEntry, readonly string[]>> = {
  code: ['code', 'codeid', 'codevalue', 'koodi', 'tunniste'],
  name: ['name', 'longname', 'display', 'nimi', 'pitkanimi'],
  validFrom: ['validfrom', 'begindate', 'startdate', 'alkupvm', 'voimassaoloalkaa'],
  validTo: ['validto', 'enddate', 'expirationdate', 'expiringdate', 'loppupvm', 'voimassaolopaattyy'],
};

const text = z.union([z.string(), z.number().transform(String)]).default('');
const JSON_ENTRY = z.looseObject({ code: text, name: text, validFrom: text, validTo: text });
const JSON_FILE = z.union([z.array(JSON_ENTRY), z.looseObject({ codes: z.array(JSON_ENTRY) })]);

interface RawEntry {
  readonly where: string;
  readonly values: Readonly<Record<keyof FileEntry, string>>;
}

/**
 * Codes with their periods of validity, from JSON (an array of {code, name, validFrom, validTo}, or an object with such `codes`) or CSV
 * with a line of titles. @throws ConfigError with one line a problem
 */
export function parseCodeFile(content: string, name: string, columns: CodeColumns = {}): FileEntry[] {
  const trimmed = content.replace(/^\uFEFF/, '');
  const raw = /^\s*[[{]/.test(trimmed) ? rawFromJson(trimmed, name) : rawFromCsv(trimmed, name, columns);
  const problems: string[] = raw.length === 0 ? [`${name}: there are no codes in it`] : [];
  const entries = raw.map(({ where, values }) => checked(values, (problem) => problems.push(`${where}: ${problem}`)));
  problems.push(...overlaps(entries).map((problem) => `${name}: ${problem}`));
  if (problems.length > 0) throw new ConfigError(problems.slice(0, 50));
  return entries;
}

function rawFromJson(content: string, name: string): RawEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new ConfigError([`${name}: not valid JSON`], error);
  }
  const parsed = JSON_FILE.safeParse(value);
  if (!parsed.success)
    throw new ConfigError([`${name}: write a list of {"code", "name", "validFrom", "validTo"}`], parsed.error);
  const codes = Array.isArray(parsed.data) ? parsed.data : parsed.data.codes;
  return codes.map((values, at) => ({ where: `${name}: code ${at + 1}`, values }));
}

function rawFromCsv(content: string, name: string, columns: CodeColumns): RawEntry[] {
  const [head, ...rows] = csvRows(content);
  const titles = (head?.fields ?? []).map(plain);
  const at = (key: keyof FileEntry): number => {
    const wanted = columns[key] === undefined ? TITLES[key] : [plain(columns[key])];
    return titles.findIndex((title) => wanted.includes(title));
  };
  const places = { code: at('code'), name: at('name'), validFrom: at('validFrom'), validTo: at('validTo') };
  const missing = (Object.keys(places) as (keyof FileEntry)[]).filter(
    (key) => places[key] < 0 && (key === 'code' || key === 'validFrom' || columns[key] !== undefined),
  );
  if (missing.length > 0)
    throw new ConfigError(
      missing.map(
        (key) =>
          `${name}:1: no column tells ${key}; name it with --column ${key}=TITLE, of: ${printable((head?.fields ?? []).join(', '))}`,
      ),
    );
  return rows.map(({ line, fields }) => {
    const value = (key: keyof FileEntry): string => fields[places[key]] ?? '';
    return {
      where: `${name}:${line}`,
      values: { code: value('code'), name: value('name'), validFrom: value('validFrom'), validTo: value('validTo') },
    };
  });
}

function checked(values: RawEntry['values'], report: (problem: string) => void): FileEntry {
  const day = (key: 'validFrom' | 'validTo'): string => {
    // Exports may give a time of day after the day.
    const found = values[key] === '' ? '' : parseDay(values[key].split(/[T ]/)[0] ?? '');
    if (found === undefined) report(`${key} is ${printable(values[key])}: write a day as 2026-01-31`);
    return found ?? '';
  };
  if (!/^[^\s\p{Cc}]{1,32}$/u.test(values.code))
    report(`code is "${printable(values.code)}": write 1 to 32 characters`);
  const entry = { code: values.code, name: values.name, validFrom: day('validFrom'), validTo: day('validTo') };
  if (entry.validTo !== '' && entry.validTo < entry.validFrom)
    report(`code ${printable(entry.code)} ends before it begins`);
  return entry;
}

function overlaps(entries: readonly FileEntry[]): string[] {
  const byCode = Map.groupBy(entries, ({ code }) => code);
  return [...byCode].flatMap(([code, periods]) => {
    const sorted = periods.toSorted((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
    return sorted.some((period, at) => {
      const next = sorted[at + 1];
      return next !== undefined && (period.validTo === '' || next.validFrom <= period.validTo);
    })
      ? [`periods of code ${printable(code)} overlap`]
      : [];
  });
}

function plain(title: string): string {
  return title
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
}
