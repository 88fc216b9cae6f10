import { auditAppender } from '../audit/audit-appender.ts';
import type { NewAuditMessage } from '../audit/audit-types.ts';
import type { SqliteDatabase } from '../database.ts';
import { packUid, unpackUid } from '../packed-uid.ts';
import { DocumentRules } from './document-rules.ts';
import type { DocumentPutResult, NewDocument, NewRefusal, ReconcileRules } from './document-types.ts';
import { Reconciler } from './reconciler.ts';
import { raiseDuplicateHints } from './duplicate-hints.ts';
import { STUDIES_OF_DOCUMENT } from './link-sql.ts';

/** Changes of the register of care documents. */
export function documentWrites(db: SqliteDatabase) {
  const reconciler = new Reconciler(db);
  const writer = new DocumentWriter(db, reconciler);
  return {
    documentPut: (document: NewDocument): DocumentPutResult => writer.put(document),
    documentRefuse: (refusal: NewRefusal): void => writer.refuse(refusal),
    /** False when there is none that is in force. */
    documentInvalidate: (oid: string, reason: string, at: number): boolean => writer.invalidate(oid, reason, at),
    /** False when there is no such document, or the UID is none. */
    documentLink: (oid: string, studyInstanceUid: string, actor: string, at: number): boolean =>
      writer.link(oid, studyInstanceUid, actor, at),
    documentUnlink: (oid: string, studyInstanceUid: string): boolean => writer.unlink(oid, studyInstanceUid),
    documentRefusalSettle: (id: number, at: number): boolean =>
      db.prepare('UPDATE document_refusal SET settled_at = ? WHERE id = ? AND settled_at IS NULL').run(at, id).changes >
      0,
    documentOutboxDone: (studies: readonly string[]): void => {
      const remove = db.prepare('DELETE FROM document_outbox WHERE study_instance_uid = ?');
      for (const uid of studies) remove.run(packed(uid));
    },
    documentProgress: (lastInstanceId: number): void => {
      db.prepare('UPDATE document_progress SET last_instance_id = max(last_instance_id, ?)').run(lastInstanceId);
    },
    /** Looks at studies anew: the link row that they lack, and what a person has to look at. */
    documentReconcile: (studies: readonly string[], rules: ReconcileRules, at: number): void => {
      for (const uid of studies) {
        writer.linkStudy(uid, at);
        reconciler.study(uid, rules);
      }
    },
    /** Looks at every document that is in force: after a reindex, or when studies have gone. The row to go on after, null at the end. */
    documentRecount: (after: number, limit: number): number | null => reconciler.documents(after, limit),
  };
}

class DocumentWriter {
  readonly #db: SqliteDatabase;
  readonly #rules: DocumentRules;
  readonly #reconciler: Reconciler;
  readonly #appendAudit: (messages: readonly NewAuditMessage[]) => void;

  constructor(db: SqliteDatabase, reconciler: Reconciler) {
    this.#db = db;
    this.#reconciler = reconciler;
    this.#appendAudit = auditAppender(db);
    this.#rules = new DocumentRules(db);
  }

  put(document: NewDocument): DocumentPutResult {
    const known = this.#rules.sameOid(document.oid);
    if (known !== undefined && known.sha256.equals(Buffer.from(document.sha256, 'hex'))) {
      this.#db.prepare('UPDATE care_document SET duplicates = duplicates + 1 WHERE id = ?').run(known.id);
      return { result: 'duplicate', documentId: known.id, studies: this.#studiesOf(known.id) };
    }
    const refusal = this.#rules.refusal(document);
    if (refusal !== undefined) return refusal;
    const documentId = this.#insert(document);
    // What had been in the way of these very bytes is out of it.
    this.#db
      .prepare('UPDATE document_refusal SET settled_at = ? WHERE sha256 = ? AND settled_at IS NULL')
      .run(document.receivedAt, Buffer.from(document.sha256, 'hex'));
    if (document.replaces !== null) this.#replace(document, document.replaces);
    this.#insertKeys(documentId, document);
    this.#appendAudit(document.audited);
    // One that came as an object has to wait for the study: only then can be told whether it may speak for it.
    if (document.sopInstanceUid === null) for (const uid of document.studyUids) this.#putLink(packed(uid), document);
    raiseDuplicateHints(this.#db, document);
    if (document.wantsPriors)
      this.#db
        .prepare('INSERT OR IGNORE INTO prior_wish (request_oid, next_attempt_at) VALUES (?, ?)')
        .run(document.oid, document.receivedAt);
    const studies = this.#studiesOf(documentId);
    this.#reconciler.document(document.oid, studies.length);
    for (const uid of studies) this.linkStudy(uid, document.receivedAt);
    this.#noticeAll(document.oid);
    return { result: 'new', documentId, studies };
  }

  refuse(refusal: NewRefusal): void {
    this.#appendAudit(refusal.audited);
    this.#db
      .prepare(
        `INSERT INTO document_refusal (sha256, size, code, reason, source, is_kept, oid, sop_instance_uid, received_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256, code) DO UPDATE SET times = times + 1,
         is_kept = max(is_kept, excluded.is_kept), sop_instance_uid = coalesce(excluded.sop_instance_uid, sop_instance_uid)`,
      )
      .run(
        Buffer.from(refusal.sha256, 'hex'),
        refusal.size,
        refusal.code,
        refusal.reason.slice(0, 4000),
        refusal.source,
        refusal.isKept ? 1 : 0,
        refusal.oid,
        refusal.sopInstanceUid === null ? null : packed(refusal.sopInstanceUid),
        refusal.receivedAt,
      );
  }

  invalidate(oid: string, reason: string, at: number): boolean {
    const { changes } = this.#db
      .prepare(
        "UPDATE care_document SET state = 'invalidated', state_at = ?, state_reason = ? WHERE oid = ? AND state = 'current'",
      )
      .run(at, reason, oid);
    if (changes > 0) {
      this.#reconciler.document(oid, 0);
      this.#noticeAll(oid);
    }
    return changes > 0;
  }

  link(oid: string, studyInstanceUid: string, actor: string, at: number): boolean {
    const id = this.#rules.sameOid(oid)?.id;
    const uid = packUid(studyInstanceUid);
    if (id === undefined || uid === undefined) return false;
    this.#db.prepare('INSERT OR IGNORE INTO document_link VALUES (?, ?, ?, ?)').run(id, uid, actor, at);
    this.linkStudy(studyInstanceUid, at);
    this.#notice(uid);
    return true;
  }

  unlink(oid: string, studyInstanceUid: string): boolean {
    const id = this.#rules.sameOid(oid)?.id;
    const uid = packUid(studyInstanceUid);
    if (id === undefined || uid === undefined) return false;
    const { changes } = this.#db
      .prepare('DELETE FROM document_link WHERE document_id = ? AND study_instance_uid = ?')
      .run(id, uid);
    if (changes > 0) this.#notice(uid);
    return changes > 0;
  }

  /** The row that tells controller and service event of a study, from the strongest document: entry, else request, else statement. */
  linkStudy(studyInstanceUid: string, at: number): void {
    const uid = packUid(studyInstanceUid);
    const document = uid === undefined ? undefined : this.#rules.strongest(uid);
    if (uid === undefined || document === undefined) return;
    this.#putLink(uid, { ...document, receivedAt: at });
  }

  #putLink(
    uid: Buffer,
    document: Pick<
      NewDocument,
      'accessionNumbers' | 'serviceEventOid' | 'controllerOid' | 'registerCode' | 'registerSpecifier' | 'receivedAt'
    >,
  ): void {
    this.#db
      .prepare(
        `INSERT INTO study_link VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (study_instance_uid) DO UPDATE SET
         accession_number = excluded.accession_number, service_event_oid = excluded.service_event_oid,
         controller_oid = excluded.controller_oid, register_code = excluded.register_code,
         register_specifier = excluded.register_specifier, updated_at = excluded.updated_at`,
      )
      .run(
        uid,
        document.accessionNumbers[0] ?? '',
        document.serviceEventOid,
        document.controllerOid,
        document.registerCode,
        document.registerSpecifier,
        document.receivedAt,
      );
  }

  #insert(document: NewDocument): number {
    const columns: Record<string, string | number | Buffer | null> = {
      oid: document.oid,
      set_id: document.setId,
      version: document.version,
      kind: document.kind,
      state: document.invalidates ? 'invalidated' : 'current',
      state_at: document.receivedAt,
      state_reason: document.invalidates ? 'it says that the version before is invalid' : '',
      patient_id: document.patientId,
      patient_id_root: document.patientIdRoot,
      controller_oid: document.controllerOid,
      register_code: document.registerCode,
      register_specifier: document.registerSpecifier,
      service_event_oid: document.serviceEventOid,
      examination_code: document.examinationCode,
      examination_scheme: document.examinationScheme,
      effective_time: document.effectiveTime,
      effective_at: document.effectiveAt,
      display_from: document.displayFrom,
      minor_capacity: document.minorCapacity,
      header: document.header,
      sha256: Buffer.from(document.sha256, 'hex'),
      size: document.size,
      source: document.source,
      sop_instance_uid: document.sopInstanceUid === null ? null : packed(document.sopInstanceUid),
      received_at: document.receivedAt,
    };
    const names = Object.keys(columns);
    const { lastInsertRowid } = this.#db
      .prepare(`INSERT INTO care_document (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
      .run(...Object.values(columns));
    return Number(lastInsertRowid);
  }

  #replace({ invalidates, receivedAt, oid }: NewDocument, replaced: string): void {
    this.#noticeAll(replaced);
    this.#db
      .prepare("UPDATE care_document SET state = ?, state_at = ?, state_reason = ? WHERE oid = ? AND state = 'current'")
      .run(invalidates ? 'invalidated' : 'replaced', receivedAt, `by ${oid}`, replaced);
    this.#reconciler.document(replaced, 0);
  }

  #insertKeys(documentId: number, { studyUids, accessionNumbers, serviceEventOid }: NewDocument): void {
    const insert = this.#db.prepare('INSERT OR IGNORE INTO document_key VALUES (?, ?, ?)');
    for (const uid of studyUids) insert.run('study', packed(uid).toString('hex').toUpperCase(), documentId);
    if (studyUids.length > 0) return;
    for (const number of accessionNumbers) insert.run('accession', number, documentId);
    if (accessionNumbers.length === 0) insert.run('event', serviceEventOid, documentId);
  }

  #studiesOf(documentId: number): string[] {
    return this.#db
      .prepare<unknown[], { uid: Buffer }>(
        `SELECT DISTINCT s.study_instance_uid AS uid FROM (${STUDIES_OF_DOCUMENT}) x JOIN study s ON s.id = x.study_id`,
      )
      .all({ document: documentId })
      .map(({ uid }) => unpackUid(uid));
  }

  #noticeAll(oid: string): void {
    const id = this.#rules.sameOid(oid)?.id;
    if (id === undefined) return;
    for (const uid of this.#studiesOf(id)) this.#notice(packed(uid));
    // Another patient's study under the same number does not belong to it, which somebody has to see.
    this.#db
      .prepare(
        `INSERT OR IGNORE INTO document_outbox SELECT t.study_instance_uid FROM document_key k JOIN study t ON t.accession_number = k.value
         WHERE k.document_id = ? AND k.kind = 'accession' AND k.value <> ''`,
      )
      .run(id);
  }

  #notice(uid: Buffer): void {
    this.#db.prepare('INSERT OR IGNORE INTO document_outbox VALUES (?)').run(uid);
  }
}

function packed(uid: string): Buffer {
  const bytes = packUid(uid);
  if (bytes === undefined) throw new TypeError('a study UID of a document has been checked before');
  return bytes;
}
