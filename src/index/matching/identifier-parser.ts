import { decodeText } from '../../dicom/character-sets.ts';
import type { DataSet, Element } from '../../dicom/data-set.ts';
import { keywordOf, tagText } from '../../dicom/dictionary.ts';
import { offsetMinutes } from '../date-time.ts';
import { IdentifierError } from '../index-errors.ts';
import { LEVELS } from './find-query.ts';
import type { FindKey, FindQuery, QueryLevel, QueryRoot } from './find-query.ts';
import { parseKeyValue } from './key-value.ts';
import { matchKeyOf, requiredTag, UNIQUE_KEYS } from './key-table.ts';
import { returnColumnOf } from './return-table.ts';

/** Identifier does not match SOP Class (PS3.4 table C.4-1). */
const IDENTIFIER_MISMATCH = 0xa900;
const MAX_KEYS = 1024;

const LEVEL_TAG = requiredTag('QueryRetrieveLevel');
const CHARSET_TAG = requiredTag('SpecificCharacterSet');
const TIMEZONE_TAG = requiredTag('TimezoneOffsetFromUTC');
const VIEW_TAG = requiredTag('QueryRetrieveView');
/** Keys of the identifier itself, not of what it looks for (PS3.4 C.4.1.1.3.1). */
const NOT_KEYS: ReadonlySet<number> = new Set([LEVEL_TAG, CHARSET_TAG, VIEW_TAG]);

/** What the SOP class and the extended negotiation of its presentation context settled (PS3.4 C.5.1.1). */
export interface FindOptions {
  readonly root: QueryRoot;
  readonly relational: boolean;
  readonly combinedDateTime: boolean;
  readonly fuzzy: boolean;
  /** Timezone query adjustment: Timezone Offset From UTC of the identifier counts. */
  readonly timezone: boolean;
  readonly rejectedToo?: boolean;
  /** Most matches to give; all when absent. */
  readonly limit?: number;
}

/**
 * A C-FIND identifier as a typed query. `charset` is the raw value of its (0008,0005).
 * @throws IdentifierError with status A900 and the tag of the key at fault
 */
export function parseFindIdentifier(ds: DataSet, charset: string, options: FindOptions): FindQuery {
  if (ds.size > MAX_KEYS)
    throw new IdentifierError(IDENTIFIER_MISMATCH, LEVEL_TAG, `More than ${MAX_KEYS} keys in the identifier`);
  const level = parseLevel(ds, options.root);
  const keys: FindKey[] = [];
  const returnKeys: number[] = [];
  const unsupportedKeys: number[] = [];
  for (const element of ds.values()) {
    const { tag } = element;
    // Group lengths are retired and say nothing (PS3.5 7.2).
    if (NOT_KEYS.has(tag) || (tag & 0xffff) === 0) continue;
    const returned = returnColumnOf(tag, level) !== undefined;
    if (returned) returnKeys.push(tag);
    if (tag === TIMEZONE_TAG) continue;
    const key = parseKey(element, charset, level);
    if (key === 'unsupported' || (key === undefined && !returned)) unsupportedKeys.push(tag);
    else if (key !== undefined && key.kind !== 'universal') keys.push(key);
  }
  if (!options.relational) requireUniqueKeys(keys, level, options.root);
  return {
    root: options.root,
    level,
    keys,
    relational: options.relational,
    fuzzy: options.fuzzy,
    combinedDateTime: options.combinedDateTime,
    timezoneOffset: options.timezone ? parseTimezone(ds) : null,
    returnKeys,
    unsupportedKeys,
    rejectedToo: options.rejectedToo ?? false,
    limit: options.limit ?? Number.POSITIVE_INFINITY,
  };
}

/** PS3.4 C.6.1.1 and C.6.2.1: PATIENT is no level of the Study Root model. */
function parseLevel(ds: DataSet, root: QueryRoot): QueryLevel {
  const text = plainText(ds.get(LEVEL_TAG)).trim();
  const level = LEVELS.find((each) => each === text);
  if (level === undefined || (root === 'STUDY' && level === 'PATIENT')) {
    throw fault(LEVEL_TAG, text === '' ? 'is missing' : 'is none of this model');
  }
  return level;
}

/** Undefined: no key that is matched, but perhaps returned. `unsupported`: narrows by something that is not matched. */
function parseKey(element: Element, charset: string, level: QueryLevel): FindKey | 'unsupported' | undefined {
  const { tag } = element;
  const match = matchKeyOf(tag, level);
  if (match === undefined) return narrows(element) ? 'unsupported' : undefined;
  if (match.column.kind !== 'sequence') {
    if (element.vr === 'SQ') throw fault(tag, 'is a sequence but should be a value');
    return parseKeyValue(tag, match.vr, decodeText(element.bytes, charset, match.vr), match.column.kind);
  }
  if (element.vr !== 'SQ') {
    if (element.bytes.length === 0) return { tag, kind: 'universal' };
    throw fault(tag, 'is a value but should be a sequence');
  }
  // PS3.4 C.2.2.2.6: a key sequence holds one item.
  if (element.items.length > 1) throw fault(tag, 'has more than one item');
  const keys: FindKey[] = [];
  for (const item of element.items[0]?.values() ?? []) {
    const column = match.column.items.get(item.tag);
    if (item.tag === CHARSET_TAG) continue;
    if (column === undefined || item.vr === 'SQ') {
      if (narrows(item)) return 'unsupported';
      continue;
    }
    const key = parseKeyValue(item.tag, item.vr, decodeText(item.bytes, charset, item.vr), column.kind);
    if (key.kind !== 'universal') keys.push(key);
  }
  return keys.length === 0 ? { tag, kind: 'universal' } : { tag, kind: 'sequence', keys };
}

/** Whether a key would narrow the matches, were it supported. */
function narrows(element: Element): boolean {
  if (element.vr === 'SQ') return element.items.some((item) => [...item.values()].some(narrows));
  return /[^ \0*]/.test(element.bytes.toString('latin1'));
}

/** PS3.4 C.4.1.2.1: a hierarchical search names one entity at each level above its own. */
function requireUniqueKeys(keys: readonly FindKey[], level: QueryLevel, root: QueryRoot): void {
  const above = LEVELS.slice(LEVELS.indexOf(root), LEVELS.indexOf(level));
  for (const each of above) {
    const tag = requiredTag(UNIQUE_KEYS[each]);
    const key = keys.find((candidate) => candidate.tag === tag);
    if (key === undefined) throw fault(tag, `is required at ${level} level unless relational queries are negotiated`);
    if (key.kind !== 'single')
      throw fault(tag, `must be a single value at ${level} level unless relational queries are negotiated`);
  }
}

function parseTimezone(ds: DataSet): number | null {
  const text = plainText(ds.get(TIMEZONE_TAG)).trim();
  const minutes = text === '' ? null : offsetMinutes(text);
  if (text !== '' && minutes === null) throw fault(TIMEZONE_TAG, 'is no offset of the form +HHMM');
  return minutes;
}

function plainText(element: Element | undefined): string {
  return element === undefined || element.vr === 'SQ' ? '' : element.bytes.toString('latin1').replaceAll('\0', '');
}

function fault(tag: number, text: string): IdentifierError {
  return new IdentifierError(IDENTIFIER_MISMATCH, tag, `${keywordOf(tag) ?? tagText(tag)} ${text}`);
}
