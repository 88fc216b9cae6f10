import { leafHash, nodeHash } from '../../core/merkle.ts';
import type { SqliteDatabase } from '../database.ts';
import type { AccessLogName, LogHead, NewLogEntry } from './access-log-types.ts';

interface Size {
  readonly size: number;
}

/** Appends to use log and disclosure log. Several processes append: where the tree ends is read in the same transaction. */
export function accessLogWrites(db: SqliteDatabase) {
  const sizeOf = db.prepare<unknown[], Size>(
    'SELECT coalesce(max(seq) + 1, 0) AS size FROM access_log_entry WHERE log = ?',
  );
  const insertEntry = db.prepare(
    'INSERT INTO access_log_entry (log, seq, at, person, record, leaf) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertNode = db.prepare('INSERT INTO access_log_node (log, level, position, hash) VALUES (?, ?, ?, ?)');
  const leafAt = db.prepare<unknown[], Buffer>('SELECT leaf FROM access_log_entry WHERE log = ? AND seq = ?').pluck();
  const nodeAt = db
    .prepare<unknown[], Buffer>('SELECT hash FROM access_log_node WHERE log = ? AND level = ? AND position = ?')
    .pluck();
  const insertHead = db.prepare(
    'INSERT INTO access_log_head (log, size, root, signed_at, note) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const forget = db.prepare(
    `UPDATE access_log_entry SET record = NULL, person = '' WHERE log = ? AND seq <= ? AND record IS NOT NULL`,
  );

  const subtree = (log: AccessLogName, level: number, position: number): Buffer => {
    const hash = level === 0 ? leafAt.get(log, position) : nodeAt.get(log, level, position);
    if (hash === undefined) throw new TypeError(`the ${log} log lacks hash ${level}/${position}`);
    return hash;
  };

  /** `left`: by level, the last subtree of these entries that has no right neighbour yet. */
  const append = (log: AccessLogName, seq: number, entry: NewLogEntry, left: (Buffer | undefined)[]): void => {
    let hash = leafHash(entry.record);
    insertEntry.run(log, seq, entry.at, entry.person, entry.record, hash);
    let [level, position] = [0, seq];
    // A subtree is complete whenever the new leaf is the right end of it.
    for (; position % 2 === 1; level += 1) {
      hash = nodeHash(left[level] ?? subtree(log, level, position - 1), hash);
      left[level] = undefined;
      position = (position - 1) / 2;
      insertNode.run(log, level + 1, position, hash);
    }
    left[level] = hash;
  };

  return {
    /** @returns entries in the log after these */
    accessLogAppend(log: AccessLogName, entries: readonly NewLogEntry[]): number {
      let size = sizeOf.get(log)?.size ?? 0;
      const left: (Buffer | undefined)[] = [];
      for (const entry of entries) append(log, size++, entry, left);
      return size;
    },

    accessLogHeadPut(head: LogHead): void {
      insertHead.run(head.log, head.size, Buffer.from(head.root, 'hex'), head.signedAt, head.note);
    },

    /** Takes the records up to entry `through` out, leaving their hashes, and appends the entry that says so. */
    accessLogPrune(log: AccessLogName, through: number, entry: NewLogEntry): number {
      const taken = forget.run(log, through).changes;
      append(log, sizeOf.get(log)?.size ?? 0, entry, []);
      return taken;
    },
  };
}
