import type { VR } from './vr-table.ts';

const LEADING_COUNTS: ReadonlySet<VR> = new Set(['ST', 'LT', 'UT', 'UC', 'UR']);
const SINGLE_VALUE: ReadonlySet<VR> = new Set(['ST', 'LT', 'UT', 'UR']);

function isPad(code: number): boolean {
  return code === 0x20 || code === 0;
}

function trim(value: string, leading: boolean): string {
  let start = 0;
  let end = value.length;
  while (end > start && isPad(value.charCodeAt(end - 1))) end -= 1;
  if (leading) while (start < end && isPad(value.charCodeAt(start))) start += 1;
  return start === 0 && end === value.length ? value : value.slice(start, end);
}

/**
 * Takes padding off each value of a text (PS3.5 table 6.2-1): trailing spaces and NULs, and leading ones too where the VR says that they mean nothing.
 * Values stay joined by a backslash.
 */
export function trimValues(text: string, vr: VR): string {
  const leading = !LEADING_COUNTS.has(vr);
  if (SINGLE_VALUE.has(vr) || !text.includes('\\')) return trim(text, leading);
  return text
    .split('\\')
    .map((value) => trim(value, leading))
    .join('\\');
}
