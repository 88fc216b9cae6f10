import { packUid } from '../packed-uid.ts';
import { foldGroup, foldText } from '../person-name-key.ts';
import { allOf, condition, NEVER, oneOf } from './condition.ts';
import type { Condition } from './condition.ts';
import type { FindKey } from './find-query.ts';
import { afterPrefix, hasWildcard, likePattern, literalPrefix } from './like-pattern.ts';

type TextKey = Extract<FindKey, { kind: 'single' | 'wildcard' | 'list' }>;

/** Single value, list or wildcard on one text column, case-sensitive (PS3.4 C.2.2.2.1, C.2.2.2.2, C.2.2.2.4). */
export function textCondition(sql: string, key: TextKey, indexed: boolean): Condition {
  if (key.kind === 'wildcard') return wildcardCondition(sql, key.value, indexed);
  return equals(sql, key.kind === 'list' ? key.values : [key.value], indexed);
}

/** UIDs are stored packed; text that is no UID matches nothing. */
export function uidCondition(sql: string, key: TextKey, indexed: boolean): Condition {
  const uids = key.kind === 'list' ? key.values : [key.value];
  const packed = uids.map(packUid).filter((uid) => uid !== undefined);
  return packed.length === 0 ? NEVER : equals(sql, packed, indexed);
}

export function integerCondition(sql: string, key: TextKey): Condition {
  const values = (key.kind === 'list' ? key.values : [key.value]).map(Number).filter(Number.isInteger);
  return values.length === 0 ? NEVER : equals(sql, values, false);
}

/**
 * Person names without case and accents. One component group in the key matches any group of the name; several
 * match group by group, an empty one anything (PS3.5 6.2.1.2).
 */
export function personCondition(groups: readonly string[], key: TextKey, fuzzy: boolean, indexed: boolean): Condition {
  const names = key.kind === 'list' ? key.values : [key.value];
  const alternatives = names.map((name) => {
    const wanted = name.split('=').slice(0, groups.length).map(foldGroup);
    if (wanted.length === 1)
      return oneOf(groups.map((sql) => groupCondition(sql, wanted[0] ?? '', fuzzy, indexed))) ?? NEVER;
    const given = wanted.flatMap((group, at) =>
      group === '' || /^\*+$/.test(group) ? [] : [groupCondition(groups[at] ?? '', group, fuzzy, indexed && at === 0)],
    );
    return allOf(given) ?? condition('1 = 1', []);
  });
  return oneOf(alternatives) ?? NEVER;
}

/** As `personCondition` for a column whose groups are joined by '='. */
export function joinedPersonCondition(sql: string, key: TextKey, fuzzy: boolean): Condition {
  const names = key.kind === 'list' ? key.values : [key.value];
  const alternatives = names.map((name) => {
    const wanted = name.split('=').slice(0, 3).map(foldGroup);
    if (wanted.length === 1) {
      const group = wanted[0] ?? '';
      // The groups as three texts: before the first '=', between, and after the last.
      return oneOf([1, 2, 3].map((at) => groupCondition(groupOf(sql, at), group, fuzzy, false))) ?? NEVER;
    }
    const given = wanted.flatMap((group, at) =>
      group === '' || /^\*+$/.test(group) ? [] : [groupCondition(groupOf(sql, at + 1), group, fuzzy, false)],
    );
    return allOf(given) ?? condition('1 = 1', []);
  });
  return oneOf(alternatives) ?? NEVER;
}

/** SQL for the nth group of a joined name; padding with '=' makes every group exist. */
function groupOf(sql: string, nth: number): string {
  const padded = `(${sql} || '==')`;
  const rest = `substr(${padded}, instr(${padded}, '=') + 1)`;
  if (nth === 1) return `substr(${padded}, 1, instr(${padded}, '=') - 1)`;
  if (nth === 2) return `substr(${rest}, 1, instr(${rest}, '=') - 1)`;
  return `replace(substr(${rest}, instr(${rest}, '=') + 1), '=', '')`;
}

function groupCondition(sql: string, group: string, fuzzy: boolean, indexed: boolean): Condition {
  if (fuzzy && !hasWildcard(group)) return fuzzyCondition(sql, group);
  // `Family^*` also means a name without a given name: trailing empty components are not stored.
  const patterns = [group];
  for (let shorter = group; shorter.endsWith('^*');) {
    shorter = shorter.slice(0, -2);
    patterns.push(shorter);
  }
  const conditions = patterns
    .filter((pattern) => pattern !== '')
    .map((pattern) =>
      hasWildcard(pattern) ? wildcardCondition(sql, pattern, indexed) : equals(sql, [pattern], indexed),
    );
  return oneOf(conditions) ?? NEVER;
}

/** Fuzzy semantic matching is the SCP's to define (PS3.4 C.2.2.2.1.2): every word begins some word of the name, in any order. */
function fuzzyCondition(sql: string, group: string): Condition {
  const words = foldText(group)
    .split(/[\^ ,]+/)
    .filter((word) => word !== '');
  const conditions = words.map((word) => {
    const pattern = likePattern(word);
    const starts = ['', '%^', '% ', '%-'].map((before) => `${before}${pattern}%`);
    return condition(`(${starts.map(() => `${sql} LIKE ? ESCAPE '\\'`).join(' OR ')})`, starts);
  });
  return allOf(conditions) ?? NEVER;
}

function equals(sql: string, values: Condition['values'], indexed: boolean): Condition {
  const [only, ...more] = values;
  if (only !== undefined && more.length === 0) return condition(`${sql} = ?`, [only], indexed);
  return condition(`${sql} IN (${values.map(() => '?').join(', ')})`, values, indexed);
}

function wildcardCondition(sql: string, value: string, indexed: boolean): Condition {
  const like = condition(`${sql} LIKE ? ESCAPE '\\'`, [likePattern(value)]);
  const prefix = literalPrefix(value);
  if (prefix === '' || !indexed) return like;
  // The range is what an index can use; LIKE decides.
  const end = afterPrefix(prefix);
  const range =
    end === undefined
      ? condition(`${sql} >= ?`, [prefix], true)
      : condition(`${sql} >= ? AND ${sql} < ?`, [prefix, end], true);
  return condition(`(${range.sql} AND ${like.sql})`, [...range.values, ...like.values], true);
}
