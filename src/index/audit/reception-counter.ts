import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import type { AddResult, NewInstance } from '../index-types.ts';
import { packUid } from '../packed-uid.ts';
import { auditAppender } from './audit-appender.ts';
import type { AuditedInstance, NewAuditMessage } from './audit-types.ts';

const OF_STUDY =
  'FROM study t JOIN series s ON s.study_fk = t.id JOIN instance i ON i.series_fk = s.id WHERE t.study_instance_uid = ?';

/** Counts what is received for the audit trail, in the transaction that adds it. */
export class ReceptionCounter {
  readonly #find: SqliteStatement;
  readonly #open: SqliteStatement;
  readonly #count: SqliteStatement;
  readonly #append: (messages: readonly NewAuditMessage[]) => void;
  readonly #isGone: SqliteStatement;
  readonly #ids = new Map<string, number>();

  constructor(db: SqliteDatabase) {
    this.#find = db.prepare('SELECT id FROM audit_reception WHERE key = ?');
    this.#open = db.prepare('INSERT INTO audit_reception (key, facts, began_at) VALUES (?, ?, ?)');
    this.#count = db.prepare(
      `INSERT INTO audit_received (reception_id, study_instance_uid, patient_id, sop_class_uid, kind, instances) VALUES (?, ?, ?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET instances = instances + 1`,
    );
    this.#append = auditAppender(db);
    // Something of it is rejected, and nothing is shown.
    this.#isGone = db.prepare(
      `SELECT 1 WHERE EXISTS (SELECT 1 ${OF_STUDY} AND EXISTS (SELECT 1 FROM rejection r WHERE r.sop_instance_uid = i.sop_instance_uid))
       AND NOT EXISTS (SELECT 1 ${OF_STUDY} AND NOT EXISTS (SELECT 1 FROM hidden_instance h WHERE h.id = i.id))`,
    );
  }

  count(audited: AuditedInstance, { sopClassUid, receivedAt }: NewInstance, { kind }: AddResult): void {
    const { key, facts, studyInstanceUid, patientId } = audited;
    const id = this.#ids.get(key) ?? this.#idOf(key, facts, receivedAt);
    this.#count.run(id, studyInstanceUid, patientId, sopClassUid, kind);
    if (kind === 'new') for (const study of audited.rejected ?? []) this.#reject(study);
  }

  /** A reception that is remembered may be gone. */
  forget(): void {
    this.#ids.clear();
  }

  #idOf(key: string, facts: string, at: number): number {
    const known = this.#find.get(key);
    const id = known === undefined ? Number(this.#open.run(key, facts, at).lastInsertRowid) : Number(known['id']);
    this.#ids.set(key, id);
    return id;
  }

  #reject({ studyInstanceUid, whole, part }: NonNullable<AuditedInstance['rejected']>[number]): void {
    const uid = packUid(studyInstanceUid);
    this.#append([this.#isGone.get(uid, uid) === undefined ? part : whole]);
  }
}
