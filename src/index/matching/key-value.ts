import { keywordOf, tagText } from '../../dicom/dictionary.ts';
import { isUid } from '../../dicom/uid-syntax.ts';
import type { VR } from '../../dicom/vr-table.ts';
import { canonicalDate, canonicalTime, dayMs, localDateTimeMs, splitDateTime, timeOfDayMs } from '../date-time.ts';
import { IdentifierError } from '../index-errors.ts';
import type { FindKey } from './find-query.ts';
import type { KeyColumn } from './key-table.ts';
import { hasWildcard } from './like-pattern.ts';

const IDENTIFIER_MISMATCH = 0xa900;
const MAX_VALUES = 10_000;
/** A pattern of many `*` makes LIKE try every split of the text. */
const MAX_STARS = 16;
const MAX_PATTERN = 1024;

/** VRs that may carry wildcards (PS3.4 C.2.2.2.4). */
const WILDCARD_VRS: ReadonlySet<VR> = new Set<VR>(['AE', 'CS', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT']);
/** VRs whose leading spaces count (PS3.5 6.2). */
const LEADING_SPACES: ReadonlySet<VR> = new Set<VR>(['LT', 'ST', 'UT', 'UC']);

/** The text of a key as what it asks for (PS3.4 C.2.2.2). @throws IdentifierError A900 */
export function parseKeyValue(tag: number, vr: VR, text: string, kind: KeyColumn['kind']): FindKey {
  const value = trim(text, vr);
  // `*` alone is universal for text; many SCUs send it for every VR.
  if (/^\**$/.test(value)) return { tag, kind: 'universal' };
  switch (kind) {
    case 'date':
      return rangeKey(tag, value, dateValue, splitAtHyphen);
    case 'time':
      return rangeKey(tag, value, timeValue, splitAtHyphen);
    case 'date-time':
      return rangeKey(tag, value, dateTimeValue, splitDateTimes);
    default:
      return textKey(tag, vr, value, kind);
  }
}

function textKey(tag: number, vr: VR, value: string, kind: KeyColumn['kind']): FindKey {
  // Several values match any of them: a list for UIDs (C.2.2.2.2), and what SCUs mean by CT\MR.
  const values = value
    .split('\\')
    .map((each) => trim(each, vr))
    .filter((each) => each !== '');
  if (values.length > MAX_VALUES) throw fault(tag, `has more than ${MAX_VALUES} values`);
  const [only, ...more] = values;
  if (only === undefined) return { tag, kind: 'universal' };
  if (kind === 'uid' || vr === 'UI') {
    if (!values.every(isUid)) throw fault(tag, 'holds what is no UID; wildcards are not allowed in UIDs');
  } else if (kind === 'integer') {
    if (!values.every((each) => /^[+-]?\d{1,12}$/.test(each))) throw fault(tag, 'is no whole number');
  } else if (WILDCARD_VRS.has(vr) && hasWildcard(value)) {
    if (more.length > 0) throw fault(tag, 'has a wildcard in a list of values');
    if (value.length > MAX_PATTERN || value.replaceAll(/[^*]|\*(?=\*)/g, '').length > MAX_STARS)
      throw fault(tag, 'has too many wildcards');
    return { tag, kind: 'wildcard', value: only };
  }
  return more.length === 0 ? { tag, kind: 'single', value: only } : { tag, kind: 'list', values };
}

type Split = (value: string) => readonly [from: string, to: string] | undefined;

function rangeKey(tag: number, value: string, canonical: (value: string) => string | undefined, split: Split): FindKey {
  const end = (text: string): string | undefined => {
    if (text === '') return undefined;
    const checked = canonical(text);
    if (checked === undefined) throw fault(tag, 'is no value or range of its VR');
    return checked;
  };
  const parts = split(value);
  if (parts === undefined) {
    const single = end(value);
    return single === undefined ? { tag, kind: 'universal' } : { tag, kind: 'single', value: single };
  }
  const [from, to] = [end(parts[0].trim()), end(parts[1].trim())];
  if (from === undefined && to === undefined) throw fault(tag, 'is a range without ends');
  return { tag, kind: 'range', from, to };
}

function splitAtHyphen(value: string): readonly [string, string] | undefined {
  const at = value.indexOf('-');
  return at < 0 ? undefined : [value.slice(0, at), value.slice(at + 1)];
}

/** In DT a hyphen may also begin an offset from UTC: `20260101-0500` alone is a value (PS3.5 6.2, DT note). */
function splitDateTimes(value: string): readonly [string, string] | undefined {
  if (dateTimeValue(value) !== undefined) return undefined;
  for (let at = value.indexOf('-'); at >= 0; at = value.indexOf('-', at + 1)) {
    const [from, to] = [value.slice(0, at).trim(), value.slice(at + 1).trim()];
    const whole = (part: string): boolean => part === '' || dateTimeValue(part) !== undefined;
    if (whole(from) && whole(to)) return [from, to];
  }
  return [value, value];
}

function dateValue(text: string): string | undefined {
  const date = canonicalDate(text);
  return dayMs(date) === undefined ? undefined : date;
}

function timeValue(text: string): string | undefined {
  const time = canonicalTime(text);
  return timeOfDayMs(time) === undefined ? undefined : time;
}

function dateTimeValue(text: string): string | undefined {
  const parts = splitDateTime(text);
  return parts === undefined || localDateTimeMs(parts.local) === undefined ? undefined : text;
}

function trim(text: string, vr: VR): string {
  const end = text.replace(/[ \0]+$/, '');
  return LEADING_SPACES.has(vr) ? end : end.replace(/^ +/, '');
}

function fault(tag: number, text: string): IdentifierError {
  return new IdentifierError(IDENTIFIER_MISMATCH, tag, `${keywordOf(tag) ?? tagText(tag)} ${text}`);
}
