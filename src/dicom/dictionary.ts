import { DICTIONARY } from './dictionary.generated.ts';
import type { VR } from './vr-table.ts';

interface Entry {
  readonly vr: VR;
  readonly keyword: string;
  /** US or SS, as Pixel Representation (0028,0103) says. */
  readonly signedByPixels: boolean;
}

// Where the dictionary leaves a choice: what implicit VR means by it (PS3.5 A.1), and the unsigned form of a pixel value.
const AMBIGUOUS: Readonly<Record<string, VR>> = { ox: 'OW', lt: 'OW', xs: 'US', up: 'UL' };

function readTable(): { byTag: Map<number, Entry>; byKeyword: Map<string, number> } {
  const byTag = new Map<number, Entry>();
  const byKeyword = new Map<string, number>();
  for (const line of DICTIONARY.split('\n')) {
    if (line === '') continue;
    const tag = Number.parseInt(line.slice(0, 8), 16);
    const vr = line.slice(8, 10);
    const keyword = line.slice(10);
    byTag.set(tag, { vr: AMBIGUOUS[vr] ?? (vr as VR), keyword, signedByPixels: vr === 'xs' });
    if (!byKeyword.has(keyword)) byKeyword.set(keyword, tag);
  }
  return { byTag, byKeyword };
}

const TABLE = readTable();

// Repeating groups (PS3.5 7.6): curves 50xx and overlays 60xx in even groups, and retired variable pixel data 7Fxx.
function repeatingBase(tag: number): number {
  const group = tag >>> 16;
  if ((group & 1) !== 0) return tag;
  const family = group & 0xff00;
  const repeats = family === 0x5000 || family === 0x6000 || (family === 0x7f00 && group < 0x7fe0);
  return repeats ? ((family << 16) | (tag & 0xffff)) >>> 0 : tag;
}

function entryOf(tag: number): Entry | undefined {
  return TABLE.byTag.get(tag) ?? TABLE.byTag.get(repeatingBase(tag));
}

/** Odd group: private (PS3.5 7.8). */
export function isPrivate(tag: number): boolean {
  return ((tag >>> 16) & 1) === 1;
}

/** (gggg,0010-00FF) in an odd group reserves a block for a private creator (PS3.5 7.8.1). */
function isPrivateCreator(tag: number): boolean {
  const element = tag & 0xffff;
  return isPrivate(tag) && element >= 0x10 && element <= 0xff;
}

/**
 * The VR of a tag (0xGGGGEEEE) by the data dictionary: group lengths are UL, private creators LO, other private or unknown elements undefined.
 * OB or OW gives OW and US or SS gives US, see `isSignedByPixels`.
 */
export function vrOf(tag: number): VR | undefined {
  const entry = entryOf(tag);
  if (entry !== undefined) return entry.vr;
  if ((tag & 0xffff) === 0) return 'UL';
  return isPrivateCreator(tag) ? 'LO' : undefined;
}

/** Whether an element is US or SS depending on Pixel Representation (PS3.3 C.7.6.3.1.2). */
export function isSignedByPixels(tag: number): boolean {
  return entryOf(tag)?.signedByPixels ?? false;
}

/** The keyword of a tag (PS3.6), or undefined for private and unknown ones. */
export function keywordOf(tag: number): string | undefined {
  return entryOf(tag)?.keyword;
}

/** The tag of a keyword, or undefined. A repeating element has the tag of its first group. */
export function tagOf(keyword: string): number | undefined {
  return TABLE.byKeyword.get(keyword);
}

/** Every keyword. */
export function keywords(): string[] {
  return [...TABLE.byKeyword.keys()];
}

/** `(gggg,eeee)`, for messages. */
export function tagText(tag: number): string {
  const hex = tag.toString(16).padStart(8, '0').toUpperCase();
  return `(${hex.slice(0, 4)},${hex.slice(4)})`;
}
