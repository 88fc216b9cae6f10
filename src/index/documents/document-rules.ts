import type { SqliteDatabase } from '../database.ts';
import { packUid } from '../packed-uid.ts';
import { prepared } from '../prepared.ts';
import type { DocumentPutResult, NewDocument } from './document-types.ts';
import { DOCUMENTS_OF_STUDY, hasDocuments } from './link-sql.ts';

interface KnownRow {
  readonly id: number;
  readonly oid: string;
  readonly set_id: string;
  readonly version: number;
  readonly kind: string;
  readonly state: string;
  readonly sha256: Buffer;
  readonly patient_id: string;
  readonly patient_id_root: string;
  readonly controller_oid: string;
}

type Refusal = Extract<DocumentPutResult, { result: 'refused' }>;

/**
 * Whose word counts on the register of study `@packed`, which `@sender`'s AE brought (null: it is not here yet). Anybody who may store can
 * send a document that names it, and would own it: as an object it has to come from the study's own sender, or be of the controller into
 * whose register that sender stores (ostopalvelu). What was imported or linked at this machine counts in any case.
 */
const MAY_SPEAK = `(d.sop_instance_uid IS NULL
  OR @sender = (SELECT b.organisation FROM instance i JOIN bucket b ON b.id = i.bucket_id WHERE i.sop_instance_uid = d.sop_instance_uid)
  OR EXISTS (SELECT 1 FROM document_link h WHERE h.document_id = d.id AND h.study_instance_uid = @packed)
  OR ${storesFor('d.controller_oid', 'd.register_code')})`;

/** Another organisation is the controller `@controller`, and `@sender` does not store into its register `@register`. */
const IS_FOREIGN = `SELECT 1 FROM organisation c WHERE c.controller_oid = @controller
  AND NOT EXISTS (SELECT 1 FROM organisation s WHERE s.key = @sender AND s.controller_oid = @controller)
  AND NOT ${storesFor('@controller', '@register')} LIMIT 1`;

/** Whether `@sender` is, or was, authorised to store into a register (ostopalvelun valtuutus). */
function storesFor(controller: string, register: string): string {
  return `EXISTS (SELECT 1 FROM organisation o JOIN authorisation a ON a.producer IN (o.oid, o.controller_oid)
    WHERE o.key = @sender AND a.storage_controller = ${controller} AND a.storage_register = ${register}
    AND (a.valid_until IS NULL OR a.valid_until > a.valid_from))`;
}

/** What the register demands of a version, asked within the transaction that adds it. */
export class DocumentRules {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  sameOid(oid: string): KnownRow | undefined {
    return prepared<KnownRow>(this.#db, 'SELECT * FROM care_document WHERE oid = ?').get(oid);
  }

  /** Why the document may not be registered. The same bytes under the same OID have been dealt with. */
  refusal(document: NewDocument): Refusal | undefined {
    if (this.sameOid(document.oid) !== undefined)
      return refuse(
        'DOCUMENT_OID_TAKEN',
        'other bytes are registered under this OID: a changed document is a new version with an OID of its own',
      );
    const twin = prepared<KnownRow>(this.#db, 'SELECT * FROM care_document WHERE set_id = ? AND version = ?').get(
      document.setId,
      document.version,
    );
    if (twin !== undefined)
      return refuse('DOCUMENT_VERSION_TAKEN', `version ${document.version} of this set is registered as ${twin.oid}`);
    if (document.ownRegisterOnly && this.#isForeign(document))
      return refuse(
        'DOCUMENT_REGISTER_FOREIGN',
        `it is in the register of ${document.controllerOid}, for which the organisation that sent it does not store: import it by hand when it is right`,
      );
    return document.replaces === null ? this.#firstRefusal(document) : this.#nextRefusal(document, document.replaces);
  }

  /**
   * Of the documents of a study in force, the one that speaks for it: in whose register it is, and in which service event. See
   * `MAY_SPEAK` for those that do not.
   */
  strongest(uid: Buffer) {
    if (!hasDocuments(this.#db)) return undefined;
    const study = prepared<{ accession: string; admission: string; patient: string; sender: string }>(
      this.#db,
      `SELECT t.accession_number AS accession, t.admission_id AS admission, p.patient_id AS patient, b.organisation AS sender
         FROM study t JOIN patient p ON p.id = t.patient_fk JOIN bucket b ON b.id = t.bucket_id WHERE t.study_instance_uid = ?`,
    ).get(uid);
    const row = prepared<Record<'event' | 'controller' | 'register' | 'specifier' | 'header', string>>(
      this.#db,
      `SELECT d.service_event_oid AS event, d.controller_oid AS controller, d.register_code AS register,
                d.register_specifier AS specifier, d.header FROM care_document d
         WHERE d.state = 'current' AND d.id IN (SELECT document_id FROM (${DOCUMENTS_OF_STUDY})) AND ${MAY_SPEAK}
         ORDER BY CASE d.kind WHEN 'entry' THEN 0 WHEN 'request' THEN 1 ELSE 2 END, d.effective_at DESC, d.id DESC LIMIT 1`,
    ).get({ packed: uid, accession: '', admission: '', patient: '', sender: null, ...study });
    if (row === undefined) return undefined;
    const { accessionNumbers } = JSON.parse(row.header) as { accessionNumbers: readonly string[] };
    return {
      accessionNumbers,
      serviceEventOid: row.event,
      controllerOid: row.controller,
      registerCode: row.register,
      registerSpecifier: row.specifier,
    };
  }

  /** Sent as an object by an organisation in whose register it is not. */
  #isForeign({ sopInstanceUid, controllerOid, registerCode }: NewDocument): boolean {
    const packed = sopInstanceUid === null ? undefined : packUid(sopInstanceUid);
    if (packed === undefined) return false;
    const sender = prepared<{ organisation: string }>(
      this.#db,
      'SELECT b.organisation FROM instance i JOIN bucket b ON b.id = i.bucket_id WHERE i.sop_instance_uid = ?',
    ).get(packed)?.organisation;
    const parties = { sender: sender ?? '', controller: controllerOid, register: registerCode };
    return prepared(this.#db, IS_FOREIGN).get(parties) !== undefined;
  }

  #firstRefusal({ setId }: NewDocument): Refusal | undefined {
    const other = this.#newest(setId);
    return other === undefined
      ? undefined
      : refuse('DOCUMENT_VERSION_ORDER', `version ${other.version} of this set is registered already`);
  }

  // A version whose predecessor was never registered is what made the national register fail in 2020.
  #nextRefusal(document: NewDocument, replaces: string): Refusal | undefined {
    const before = this.sameOid(replaces);
    if (before === undefined || before.set_id !== document.setId)
      return refuse(
        'DOCUMENT_VERSION_MISSING',
        `the version that it replaces, ${replaces}, is not registered in this set: import that one first`,
      );
    const newest = this.#newest(document.setId);
    if (newest?.oid !== before.oid || document.version !== before.version + 1)
      return refuse(
        'DOCUMENT_VERSION_ORDER',
        `version ${document.version} does not follow the newest one of this set, ${newest?.version ?? 0}`,
      );
    if (before.state !== 'current')
      return refuse(
        'DOCUMENT_INVALIDATED',
        'the version that it replaces is invalid: a new document begins a set of its own',
      );
    return this.#changeRefusal(document, before);
  }

  #changeRefusal(document: NewDocument, before: KnownRow): Refusal | undefined {
    if (before.kind !== document.kind)
      return refuse('DOCUMENT_KIND_CHANGED', `the version before is a ${before.kind}, this one a ${document.kind}`);
    if (before.controller_oid !== document.controllerOid)
      return refuse('DOCUMENT_CONTROLLER_CHANGED', `the version before is in the register of ${before.controller_oid}`);
    const wasPermanent = before.patient_id_root === document.permanentIdRoot;
    const samePatient = before.patient_id === document.patientId && before.patient_id_root === document.patientIdRoot;
    if (wasPermanent && !samePatient)
      return refuse(
        'DOCUMENT_PATIENT_CHANGED',
        'the version before is about another patient: invalidate it and begin a new document',
      );
    return undefined;
  }

  #newest(setId: string): KnownRow | undefined {
    return prepared<KnownRow>(
      this.#db,
      'SELECT * FROM care_document WHERE set_id = ? ORDER BY version DESC LIMIT 1',
    ).get(setId);
  }
}

function refuse(code: string, text: string): Refusal {
  return { result: 'refused', code, text };
}
