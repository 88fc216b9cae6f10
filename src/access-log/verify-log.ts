import type { KeyObject } from 'node:crypto';
import type {
  AccessLogName,
  CheckedSlice,
  CheckState,
  LogHead,
  LogProblem,
} from '../index/access-log/access-log-types.ts';
import { isOriginOf } from './access-log.ts';
import { reportSince } from './patient-report.ts';
import { openHead } from './signed-head.ts';
import type { TreeHead } from './signed-head.ts';

/** Port: the database. */
export interface CheckedLog {
  check(log: AccessLogName, state: CheckState, limit: number, sizes: readonly number[]): Promise<CheckedSlice>;
  heads(log: AccessLogName): Promise<LogHead[]>;
}

export interface VerifyLogOptions {
  readonly store: CheckedLog;
  readonly log: AccessLogName;
  readonly origin: string;
  readonly publicKey: KeyObject;
  /** Heads that were kept elsewhere: only these tell when somebody rewrote log, heads and all. */
  readonly elsewhere: readonly TreeHead[];
  /** Years that records are kept: one taken out sooner was taken out to hide it. */
  readonly keepYears: number;
  readonly onProgress: (entries: number) => void;
}

export interface LogVerdict {
  readonly log: AccessLogName;
  readonly entries: number;
  /** Entries whose record has been taken out after its time, as the log itself says. */
  readonly pruned: number;
  /** Heads that were compared: of this node, and from elsewhere. */
  readonly heads: number;
  readonly problems: readonly LogProblem[];
}

const SLICE = 20_000;
/** After a gap everything differs: the first findings tell. */
const MAX_PROBLEMS = 100;

/** Reads a whole log again and holds it against its hashes, its signed heads, and heads kept elsewhere. */
export async function verifyLog(options: VerifyLogOptions): Promise<LogVerdict> {
  const { store, log } = options;
  const problems: LogProblem[] = [];
  const own = (await store.heads(log)).flatMap((row) => ownHead(row, options, problems));
  const heads = [...own, ...options.elsewhere];
  // The node may have had other names.
  const origins = new Set([options.origin, ...own.map(({ origin }) => origin)]);
  for (const head of options.elsewhere.filter(({ origin }) => !origins.has(origin)))
    problems.push({ seq: head.size, problem: `the head given is of ${head.origin}, this log is ${options.origin}` });

  let state: CheckState = { size: 0, next: 0, frontier: [] };
  const roots: Record<number, string> = {};
  const withoutRecord: { seq: number; at: number }[] = [];
  const prunings: Pruning[] = [];
  for (let done = false; !done && problems.length < MAX_PROBLEMS;) {
    const from = state.size;
    const sizes = heads.map(({ size }) => size).filter((size) => size > from && size <= from + SLICE);
    const slice = await store.check(log, state, SLICE, sizes);
    ({ state, done } = slice);
    problems.push(...slice.problems);
    Object.assign(roots, slice.roots);
    withoutRecord.push(...slice.withoutRecord);
    prunings.push(...slice.pruned.filter((pruning) => pruning.log === log));
    options.onProgress(state.size);
  }
  problems.push(...lost(withoutRecord, prunings, heads, options.keepYears));
  if (problems.length < MAX_PROBLEMS) for (const head of heads) problems.push(...compare(head, state.size, roots));
  return {
    log,
    entries: state.size,
    pruned: withoutRecord.length,
    heads: heads.length,
    problems: problems.slice(0, MAX_PROBLEMS),
  };
}

interface Pruning {
  readonly at: number;
  readonly through: number;
}

/**
 * Records that are gone without an entry that says so, or before their time. The times of entries without a record prove nothing, those
 * of heads do: what a head does not cover came after it was signed.
 */
function lost(
  withoutRecord: readonly { readonly seq: number; readonly at: number }[],
  prunings: readonly Pruning[],
  heads: readonly TreeHead[],
  keepYears: number,
): LogProblem[] {
  const problems = withoutRecord.flatMap(({ seq, at }) => {
    const pruning = prunings.find(({ through }) => seq <= through);
    if (pruning === undefined) return [{ seq, problem: 'its record is gone, and no entry of the log says so' }];
    return at < reportSince(pruning.at, keepYears) ? [] : [{ seq, problem: EARLY }];
  });
  for (const { at, through } of prunings) {
    const before = heads.find(({ size, signedAt }) => size <= through && signedAt >= reportSince(at, keepYears));
    if (before !== undefined) problems.push({ seq: through, problem: EARLY });
  }
  return problems;
}

const EARLY = 'its record was taken out before the time for keeping it was over';

function ownHead(row: LogHead, { publicKey, log }: VerifyLogOptions, problems: LogProblem[]): TreeHead[] {
  try {
    const head = openHead(row.note, publicKey);
    if (head.size === row.size && head.root === row.root && isOriginOf(head.origin, log)) return [head];
    problems.push({ seq: row.size, problem: `the head kept over ${row.size} entries is not the one that was signed` });
  } catch (error) {
    problems.push({ seq: row.size, problem: error instanceof Error ? error.message : String(error) });
  }
  return [];
}

function compare(head: TreeHead, entries: number, roots: Readonly<Record<number, string>>): LogProblem[] {
  if (head.size > entries)
    return [
      {
        seq: entries,
        problem: `a head of ${new Date(head.signedAt).toISOString()} covers ${head.size} entries, the log has ${entries}: entries were removed from its end`,
      },
    ];
  if (head.size === 0 || roots[head.size] === head.root) return [];
  return [
    {
      seq: head.size,
      problem: `the first ${head.size} entries are not those that were signed on ${new Date(head.signedAt).toISOString()}`,
    },
  ];
}
