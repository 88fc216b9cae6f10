import { isStrictUid } from '../../dicom/uid-syntax.ts';
import type { JobPriority } from '../../index/egress/egress-types.ts';
import type { CliEnvironment } from '../command-context.ts';
import { UsageError } from '../exit-codes.ts';

const PRIORITY_NAMES = ['emergency', 'routine', 'migration'] as const;

export function priorityName(priority: JobPriority): string {
  return PRIORITY_NAMES[priority];
}

/** @throws UsageError */
export function priorityOf(text: string): JobPriority {
  const priority = PRIORITY_NAMES.findIndex((name) => name === text);
  if (priority < 0) throw new UsageError(`priority ${text}: write one of ${PRIORITY_NAMES.join(', ')}`);
  return priority as JobPriority;
}

/** @throws UsageError when it is no UID */
export function studyUid(text: string): string {
  if (!isStrictUid(text)) throw new UsageError(`study ${text}: write a Study Instance UID; kuva queue list shows them`);
  return text;
}

/** Who makes a change, for the history: whoever called sudo, if somebody did. */
export function actorOf({ env }: CliEnvironment): string {
  return `cli:${env['SUDO_USER'] ?? env['USER'] ?? env['LOGNAME'] ?? 'unknown'}`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** `3 d 4 h`: the two largest units. */
export function humanDuration(ms: number): string {
  const first = UNITS.findIndex(([, size]) => ms >= size);
  if (first < 0) return '0 s';
  let left = ms;
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? '' : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** @throws UsageError */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  if (!/^\d+$/.test(text) || Number(text) < min || Number(text) > max)
    throw new UsageError(`${option} ${text}: write a whole number from ${min} to ${max}`);
  return Number(text);
}
