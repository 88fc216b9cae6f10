import { leafHex, nodeHex, rootHash } from '../../core/merkle.ts';
import type { Cell, StatementCache } from '../reader/statement-cache.ts';
import type { AccessLogName, CheckedSlice, CheckState, LogProblem } from './access-log-types.ts';

/**
 * Checks up to `limit` entries behind `state` against themselves: sequence, record and hash, kept subtrees. `sizes` are the tree sizes whose
 * roots are wanted. The hashes are computed anew from the records: what is stored is only compared.
 */
export function accessLogCheck(
  statements: StatementCache,
  log: AccessLogName,
  state: CheckState,
  limit: number,
  sizes: readonly number[],
): CheckedSlice {
  const check = new SliceCheck(statements, log, state, new Set(sizes));
  if (state.next === 0) check.countBefore();
  const rows = statements
    .get(
      'SELECT seq, at, person, record, lower(hex(leaf)) FROM access_log_entry WHERE log = ? AND seq >= ? ORDER BY seq LIMIT ?',
    )
    .all(log, state.next, limit);
  check.expect(rows.length);
  for (const row of rows) check.take(row);
  const done = rows.length < limit;
  if (done) check.countHashes();
  return check.slice(done);
}

/** Kept hashes of one level, from the position `first` on; null for one that is not there. */
interface KeptLevel {
  readonly first: number;
  readonly hashes: readonly (string | null)[];
}

/** Hashes are in hex here: of many, texts are made faster than buffers. */
class SliceCheck {
  readonly #statements: StatementCache;
  readonly #log: AccessLogName;
  readonly #sizes: ReadonlySet<number>;
  readonly #frontier: string[];
  #kept: readonly KeptLevel[] = [];
  #size: number;
  #next: number;
  readonly #problems: LogProblem[] = [];
  readonly #roots: Record<number, string> = {};
  readonly #withoutRecord: { seq: number; at: number }[] = [];
  readonly #pruned: { at: number; log: string; through: number }[] = [];

  constructor(statements: StatementCache, log: AccessLogName, state: CheckState, sizes: ReadonlySet<number>) {
    this.#statements = statements;
    this.#log = log;
    this.#sizes = sizes;
    this.#frontier = [...state.frontier];
    this.#size = state.size;
    this.#next = state.next;
  }

  /** Reads the hashes that are kept above the next so many entries, a level at once: one by one they take longer than all the rest. */
  expect(entries: number): void {
    const read = this.#statements.get(
      'SELECT position, lower(hex(hash)) FROM access_log_node WHERE log = ? AND level = ? AND position BETWEEN ? AND ?',
    );
    const levels: KeptLevel[] = [];
    for (let span = 2, level = 1; span <= this.#size + entries; span *= 2, level += 1) {
      const first = Math.floor(this.#size / span);
      const last = Math.floor((this.#size + entries) / span) - 1;
      const hashes: (string | null)[] = Array.from({ length: last - first + 1 }, () => null);
      for (const [position, hash] of read.all(this.#log, level, first, last))
        hashes[Number(position) - first] = String(hash);
      levels.push({ first, hashes });
    }
    this.#kept = levels;
  }

  take([seq, at, person, record, leaf]: readonly Cell[]): void {
    const number = Number(seq);
    if (number !== this.#next) this.#say(this.#next, `missing: the next entry is ${number}`);
    this.#next = number + 1;
    const stored = String(leaf);
    const hash = record === null ? stored : leafHex(String(record));
    if (record === null) this.#withoutRecord.push({ seq: number, at: Number(at) });
    else {
      if (hash !== stored) this.#say(number, 'its record is not the one that was hashed');
      this.#checkColumns(number, Number(at), String(person), String(record));
    }
    this.#append(hash);
    if (this.#sizes.has(this.#size)) this.#roots[this.#size] = this.#root();
  }

  /** Entries in front of the first are in no tree, yet would be told in a report. */
  countBefore(): void {
    const before = this.#count('SELECT count(*) FROM access_log_entry WHERE log = ? AND seq < 0');
    if (before > 0) this.#say(0, `there are ${before} entries before the first, which were never hashed`);
  }

  /** A tree of so many leaves has so many hashes above them: more are of entries that were removed from its end. */
  countHashes(): void {
    const kept = this.#count('SELECT count(*) FROM access_log_node WHERE log = ?');
    const own = this.#size - subtreeLevels(this.#size).length;
    if (kept > own) this.#say(this.#size, `${kept - own} hashes are of entries that are no longer there`);
  }

  #count(sql: string): number {
    return Number(this.#statements.get(sql).get(this.#log)?.[0] ?? 0);
  }

  slice(done: boolean): CheckedSlice {
    return {
      state: { size: this.#size, next: this.#next, frontier: this.#frontier },
      problems: this.#problems,
      roots: this.#roots,
      withoutRecord: this.#withoutRecord,
      pruned: this.#pruned,
      done,
    };
  }

  #checkColumns(seq: number, at: number, person: string, record: string): void {
    if (saysSo(record, at, person)) return;
    let parsed: { at?: unknown; person?: unknown; pruned?: { log?: unknown; through?: unknown } };
    try {
      parsed = JSON.parse(record) as typeof parsed;
    } catch {
      this.#say(seq, 'its record is no JSON');
      return;
    }
    if (parsed.at !== at || parsed.person !== person) this.#say(seq, 'its time or person differs from its record');
    if (parsed.pruned !== undefined)
      this.#pruned.push({ at, log: String(parsed.pruned.log), through: Number(parsed.pruned.through) });
  }

  #append(leaf: string): void {
    let hash = leaf;
    for (let level = 0, position = this.#size; position % 2 === 1; level += 1) {
      const left = this.#frontier.pop();
      if (left === undefined) throw new TypeError('a subtree is missing from the check');
      hash = nodeHex(left, hash);
      position = (position - 1) / 2;
      const kept = this.#kept[level];
      if (kept?.hashes[position - kept.first] !== hash)
        this.#say(this.#size, `the hash kept above it (${level + 1}/${position}) is not the one of its entries`);
    }
    this.#frontier.push(hash);
    this.#size += 1;
  }

  #root(): string {
    const levels = subtreeLevels(this.#size);
    return rootHash(this.#size, (level) => {
      const hash = this.#frontier[levels.indexOf(level)];
      if (hash === undefined) throw new TypeError('a subtree is missing from the check');
      return Buffer.from(hash, 'hex');
    }).toString('hex');
  }

  #say(seq: number, problem: string): void {
    this.#problems.push({ seq, problem });
  }
}

/**
 * Whether a record has this time and this person, without reading all of it. Quotation marks within a JSON text are escaped, so that the key
 * with its marks is found nowhere but where it is one. One that may name records taken out is read.
 */
function saysSo(record: string, at: number, person: string): boolean {
  return (
    record.includes(`"at":${at},`) &&
    record.includes(`"person":${JSON.stringify(person)}`) &&
    !record.includes('"pruned":')
  );
}

/** Levels of the complete subtrees that a tree of this size consists of, the largest first. */
function subtreeLevels(size: number): number[] {
  const levels: number[] = [];
  for (let rest = size, level = Math.floor(Math.log2(size)); rest > 0; level -= 1) {
    if (rest >= 2 ** level) {
      levels.push(level);
      rest -= 2 ** level;
    }
  }
  return levels;
}
