/**
 * C-FIND matching (PS3.4 C.2.2.2) by walking all studies, written apart from the SQL so that each can catch the
 * other's mistakes. Slow and plain on purpose.
 */
export interface PlainStudy {
  readonly uid: string;
  readonly PatientID: string;
  readonly IssuerOfPatientID: string;
  readonly PatientName: string;
  readonly PatientBirthDate: string;
  readonly StudyDate: string;
  readonly StudyTime: string;
  readonly AccessionNumber: string;
  readonly StudyDescription: string;
  readonly ReferringPhysicianName: string;
  readonly ModalitiesInStudy: readonly string[];
  readonly ProcedureCodes: readonly { readonly CodeValue: string; readonly CodingSchemeDesignator: string }[];
  readonly timezoneMinutes: number | undefined;
}

export interface PlainKeys {
  readonly [keyword: string]: string | Readonly<Record<string, string>>;
}

const BASE_LETTERS: Readonly<Record<string, string>> = {
  å: 'a',
  ä: 'a',
  á: 'a',
  ö: 'o',
  ø: 'o',
  š: 's',
  ž: 'z',
  č: 'c',
  đ: 'd',
  ŋ: 'n',
  ŧ: 't',
  æ: 'ae',
  ß: 'ss',
  é: 'e',
};

export function matchesStudy(
  study: PlainStudy,
  keys: PlainKeys,
  options: { readonly combined: boolean; readonly zone: number | undefined },
): boolean {
  for (const [keyword, wanted] of Object.entries(keys)) {
    if (typeof wanted !== 'string') {
      const asked = Object.entries(wanted).filter(([, value]) => !/^\**$/.test(value));
      const hit = study.ProcedureCodes.some((code) =>
        asked.every(([item, value]) => textMatches(code[item as 'CodeValue'], value)),
      );
      if (asked.length > 0 && !hit) return false;
      continue;
    }
    if (wanted === '' || /^\*+$/.test(wanted)) continue;
    if (keyword === 'StudyDate' || keyword === 'StudyTime') continue;
    if (!keyMatches(study, keyword, wanted)) return false;
  }
  return whenMatches(study, text(keys['StudyDate']), text(keys['StudyTime']), options);
}

function keyMatches(study: PlainStudy, keyword: string, wanted: string): boolean {
  switch (keyword) {
    case 'StudyInstanceUID':
      return wanted.split('\\').includes(study.uid);
    case 'PatientName':
      return nameMatches(study.PatientName, wanted);
    case 'ReferringPhysicianName':
      return nameMatches(study.ReferringPhysicianName, wanted);
    case 'ModalitiesInStudy':
      return wanted.split('\\').some((one) => study.ModalitiesInStudy.some((modality) => textMatches(modality, one)));
    case 'PatientBirthDate':
      return study.PatientBirthDate !== '' && inRange(Number(study.PatientBirthDate), bounds(wanted, Number));
    default: {
      const value = study[keyword as keyof PlainStudy];
      return typeof value === 'string' && textMatches(value, wanted);
    }
  }
}

function textMatches(value: string, wanted: string): boolean {
  return globMatches(Array.from(value), Array.from(wanted));
}

function globMatches(value: readonly string[], pattern: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return value.length === 0;
  if (head === '*') {
    for (let skip = 0; skip <= value.length; skip += 1) if (globMatches(value.slice(skip), rest)) return true;
    return false;
  }
  return value.length > 0 && (head === '?' || head === value[0]) && globMatches(value.slice(1), rest);
}

function plainName(group: string): string {
  const letters = Array.from(group.normalize('NFC').toLowerCase(), (letter) => BASE_LETTERS[letter] ?? letter).join('');
  return letters.replace(/\^+$/, '');
}

function nameMatches(name: string, wanted: string): boolean {
  const groups = [0, 1, 2].map((at) => plainName(name.split('=')[at] ?? ''));
  const asked = wanted.split('=').map(plainName);
  if (asked.length === 1) return groups.some((group) => groupMatches(group, asked[0] ?? ''));
  return asked.every((group, at) => group === '' || /^\*+$/.test(group) || groupMatches(groups[at] ?? '', group));
}

function groupMatches(group: string, wanted: string): boolean {
  if (wanted === '') return false;
  if (textMatches(group, wanted)) return true;
  // A name without a given name has an empty one: `Virtanen^*` takes it.
  return wanted.endsWith('^*') && groupMatches(group, wanted.slice(0, -2));
}

type Bounds = readonly [low: number, high: number];

function bounds(wanted: string, low: (value: string) => number, high = low): Bounds {
  const hyphen = wanted.indexOf('-');
  if (hyphen < 0) return [low(wanted), high(wanted)];
  const [from, to] = [wanted.slice(0, hyphen), wanted.slice(hyphen + 1)];
  return [from === '' ? -Infinity : low(from), to === '' ? Infinity : high(to)];
}

function inRange(value: number, [low, high]: Bounds): boolean {
  return value >= low && value <= high;
}

/** Microseconds since midnight of the first and of the last moment that a TM value names. */
function firstMoment(time: string): number {
  const [whole = '', fraction = ''] = time.split('.');
  const part = (at: number): number => Number(whole.slice(at, at + 2) || 0);
  return ((part(0) * 60 + part(2)) * 60 + part(4)) * 1e6 + Number(fraction.padEnd(6, '0'));
}

function lastMoment(time: string): number {
  const [whole = '', fraction] = time.split('.');
  const span = fraction === undefined ? { 2: 3600e6, 4: 60e6, 6: 1e6 }[whole.length] : 10 ** (6 - fraction.length);
  return firstMoment(time) + Number(span) - 1;
}

const DAY = 86_400e6;

function dayNumber(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8))) / 86_400_000;
}

function whenMatches(
  study: PlainStudy,
  date: string,
  time: string,
  { combined, zone }: { combined: boolean; zone: number | undefined },
): boolean {
  const wantsDate = date !== '' && date !== '*';
  const wantsTime = time !== '' && time !== '*';
  if (!wantsDate && !wantsTime) return true;
  if (wantsDate && study.StudyDate === '') return false;
  const together = combined && wantsDate && wantsTime;
  if (wantsTime && !together && study.StudyTime === '') return false;
  if (zone !== undefined && study.StudyDate === '') return false;
  const written =
    study.StudyDate === ''
      ? firstMoment(study.StudyTime)
      : dayNumber(study.StudyDate) * DAY + firstMoment(study.StudyTime);
  const moment = zone === undefined ? written : written + (zone - (study.timezoneMinutes ?? zone)) * 60e6;
  if (together) {
    const [fromTime, toTime] = bounds(time, firstMoment, lastMoment);
    const [fromDay, toDay] = bounds(date, dayNumber);
    const low = fromDay * DAY + (fromTime === -Infinity ? 0 : fromTime);
    const high = toDay * DAY + (toTime === Infinity ? DAY - 1 : toTime);
    return inRange(moment, [low, high]);
  }
  const day = Math.floor(moment / DAY);
  if (wantsDate && !inRange(day, bounds(date, dayNumber))) return false;
  return !wantsTime || inRange(moment - day * DAY, bounds(time, firstMoment, lastMoment));
}

function text(value: PlainKeys[string] | undefined): string {
  return typeof value === 'string' ? value : '';
}
