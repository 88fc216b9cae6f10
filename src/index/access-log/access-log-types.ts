/** `use`: by the register's own controller. `disclosure`: to anybody else. */
export type AccessLogName = 'use' | 'disclosure';

/** One entry to append; `record` is JSON whose `at` and `person` are these. */
export interface NewLogEntry {
  readonly at: number;
  readonly person: string;
  readonly record: string;
}

export interface LogEntryRow {
  readonly log: AccessLogName;
  readonly seq: number;
  readonly at: number;
  readonly person: string;
  /** Null after the time for keeping it; its hash stays. */
  readonly record: string | null;
}

/** A head of a log's tree; `root` in hex. */
export interface LogHead {
  readonly log: AccessLogName;
  readonly size: number;
  readonly root: string;
  readonly signedAt: number;
  readonly note: string;
}

export interface LogQuery {
  readonly log?: AccessLogName;
  readonly person?: string;
  /** ms since 1970, inclusive. */
  readonly from?: number;
  /** ms since 1970, exclusive. */
  readonly to?: number;
  readonly limit: number;
}

/** What is wrong with an entry, a hash or the sequence. */
export interface LogProblem {
  readonly seq: number;
  readonly problem: string;
}

/** How far a check has come: hashes of the complete subtrees so far, the largest first, in hex. */
export interface CheckState {
  readonly size: number;
  /** Sequence number that comes next; `size` as long as none was missing. */
  readonly next: number;
  readonly frontier: readonly string[];
}

export interface CheckedSlice {
  readonly state: CheckState;
  readonly problems: readonly LogProblem[];
  /** Root over the first n entries, for each n that was asked for and passed, in hex. */
  readonly roots: Readonly<Record<number, string>>;
  /** Entries whose record is no longer kept. */
  readonly withoutRecord: readonly { readonly seq: number; readonly at: number }[];
  /** What entries of this slice say of records taken out: when, the log, and the last entry without one. */
  readonly pruned: readonly { readonly at: number; readonly log: string; readonly through: number }[];
  readonly done: boolean;
}
