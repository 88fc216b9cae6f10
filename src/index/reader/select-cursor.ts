import type { InstanceRef, InstanceSelection } from '../index-types.ts';
import { correctedOf, inForce } from '../identity/stored-identity.ts';
import type { Condition } from '../matching/condition.ts';
import { fromClause } from '../matching/find-sql.ts';
import { unpackUid } from '../packed-uid.ts';
import { isCancelled } from './cancellation.ts';
import type { CancelCell } from './cancellation.ts';
import { conditionsOf } from './selection-conditions.ts';
import type { Cursor } from './find-cursor.ts';
import type { Cell, StatementCache } from './statement-cache.ts';

const BATCH = 256;

const ROW = `SELECT i.id, c.uid, i.sop_instance_uid, x.uid, i.sha256, i.size, t.study_instance_uid, s.series_instance_uid,
  (SELECT e.destination FROM evicted_instance e WHERE e.sop_instance_uid = i.sop_instance_uid),
  ${inForce('identity', 't.study_instance_uid')}
  FROM instance i JOIN series s ON s.id = i.series_fk JOIN study t ON t.id = s.study_fk
  JOIN sop_class c ON c.id = i.sop_class_id JOIN transfer_syntax x ON x.id = i.transfer_syntax_id WHERE i.id = ?`;

/** The instances of a selection, series by series in the order of their numbers. */
export class SelectCursor implements Cursor<InstanceRef> {
  readonly #statements: StatementCache;
  readonly #parts: Iterator<Condition>;
  readonly #cell: CancelCell;
  #ids: number[] = [];
  #at = 0;

  constructor(statements: StatementCache, selection: InstanceSelection, cell: CancelCell) {
    this.#statements = statements;
    this.#parts = conditionsOf(selection);
    this.#cell = cell;
  }

  next(): Promise<{ rows: InstanceRef[]; done: boolean }> {
    const rows: InstanceRef[] = [];
    while (rows.length < BATCH) {
      if (isCancelled(this.#cell)) return Promise.resolve({ rows: [], done: true });
      if (this.#at >= this.#ids.length) {
        const part = this.#parts.next();
        if (part.done === true) return Promise.resolve({ rows, done: true });
        this.#ids = this.#find(part.value);
        this.#at = 0;
        continue;
      }
      const row = this.#statements.get(ROW).get(this.#ids[this.#at]);
      this.#at += 1;
      if (row !== undefined) rows.push(instanceRef(row));
    }
    return Promise.resolve({ rows, done: false });
  }

  #find(where: Condition): number[] {
    const from = fromClause('IMAGE', `${where.sql} s.`);
    const sql = `SELECT i.id FROM ${from} WHERE ${where.sql} ORDER BY s.study_fk, s.id, i.instance_number, i.id`;
    return this.#statements
      .get(sql)
      .all(...where.values)
      .map((row) => Number(row[0]));
  }
}

function instanceRef(row: readonly Cell[]): InstanceRef {
  return {
    instanceId: Number(row[0]),
    sopClassUid: String(row[1]),
    sopInstanceUid: unpackUid(row[2] as Buffer),
    transferSyntaxUid: String(row[3]),
    sha256: (row[4] as Buffer).toString('hex'),
    size: Number(row[5]),
    studyInstanceUid: unpackUid(row[6] as Buffer),
    seriesInstanceUid: unpackUid(row[7] as Buffer),
    ...(typeof row[8] === 'string' ? { evictedTo: row[8] } : {}),
    ...correctedOf(row[9]),
  };
}
