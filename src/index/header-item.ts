import type { HeaderItem } from '../dicom/header-reader.ts';

/** The longest value a VR with a limit may have (LT, PS3.5 6.2): a hostile header must not bloat a row. */
const MAX_TEXT = 10_240;

/** A single text value of a header; '' when absent or a sequence. NUL and spaces at the ends are padding. */
export function textOf(item: HeaderItem | undefined, keyword: string): string {
  const value = item?.[keyword];
  return typeof value === 'string' ? value.slice(0, MAX_TEXT).replace(/^[ \0]+|[ \0]+$/g, '') : '';
}

/** The values of a multi-valued text, empty ones left out. */
export function valuesOf(item: HeaderItem | undefined, keyword: string): string[] {
  const text = textOf(item, keyword);
  return text === ''
    ? []
    : text
        .split('\\')
        .map((value) => value.trim())
        .filter((value) => value !== '');
}

export function firstValueOf(item: HeaderItem | undefined, keyword: string): string {
  return valuesOf(item, keyword)[0] ?? '';
}

export function itemsOf(item: HeaderItem | undefined, keyword: string): HeaderItem[] {
  const value = item?.[keyword];
  return Array.isArray(value) ? value : [];
}

/** A whole number (VR IS, US); null when the text is none. */
export function integerOf(item: HeaderItem | undefined, keyword: string): number | null {
  const text = firstValueOf(item, keyword);
  return /^[+-]?\d{1,12}$/.test(text) ? Number(text) : null;
}
