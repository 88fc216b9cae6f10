import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import { IndexError } from '../index-errors.ts';
import type { AddResult, NewInstance } from '../index-types.ts';
import { projectInstance } from '../instance-projection.ts';
import type { InstanceProjection } from '../instance-projection.ts';
import type { GuestWriter } from '../guests/guest-writer.ts';
import type { IdentityOfArrivals } from '../identity/identity-of-arrivals.ts';
import { packUid } from '../packed-uid.ts';
import type { HiddenRow, RejectionVerdict, RejectionWriter } from '../rejections/rejection-writer.ts';
import { STUDY_MARK } from '../study-marks.ts';
import type { InstanceIds } from './instance-ids.ts';
import type { KeptCounts } from './kept-counts.ts';
import { monthOf } from './lookup-tables.ts';
import type { LookupTables } from './lookup-tables.ts';
import type { MarkedInstances } from './marked-instances.ts';
import type { QueueMarks } from './queue-marks.ts';
import type { SeriesWriter } from './series-writer.ts';
import type { StudyWriter } from './study-writer.ts';

const INSTANCE_COLUMNS = [
  'instance_number',
  'content_date',
  'content_time',
  'acquisition_datetime',
  'acquisition_instant',
  'number_of_frames',
  'rows',
  'columns',
];

/** The parts that adding an instance works with; all on the writer's one connection. */
export interface InstanceWriterParts {
  readonly lookups: LookupTables;
  readonly studies: StudyWriter;
  readonly series: SeriesWriter;
  readonly counts: KeptCounts;
  readonly ids: Pick<InstanceIds, 'next'>;
  readonly marked: MarkedInstances;
  readonly rejections: RejectionWriter;
  readonly guests: Pick<GuestWriter, 'added' | 'met'>;
  readonly identities: IdentityOfArrivals;
  /** Undefined when nothing is forwarded. */
  readonly queue: QueueMarks | undefined;
}

/** Adds received objects: row by row inside the batch's transaction, which holds the write lock. */
export class InstanceWriter {
  readonly #parts: InstanceWriterParts;
  readonly #find: SqliteStatement;
  readonly #findStudy: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #insertUndurable: SqliteStatement;
  readonly #countDuplicate: SqliteStatement;
  readonly #countAllDuplicates: SqliteStatement;
  readonly #findConflict: SqliteStatement;
  readonly #insertConflict: SqliteStatement;
  readonly #countConflictDuplicate: SqliteStatement;
  readonly #resolveConflict: SqliteStatement;

  constructor(db: SqliteDatabase, parts: InstanceWriterParts) {
    this.#parts = parts;
    this.#find = db.prepare('SELECT id, sha256 FROM instance WHERE sop_instance_uid = ?');
    this.#findStudy = db.prepare('SELECT study_instance_uid FROM study WHERE id = ?');
    const columns = INSTANCE_COLUMNS.map((name) => `"${name}"`).join(', ');
    this.#insert = db.prepare(
      `INSERT INTO instance (id, series_fk, sop_instance_uid, sop_class_id, transfer_syntax_id, sha256, size, received_at, sender_id, bucket_id,
       ${columns}, concept_code_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${INSTANCE_COLUMNS.map(() => '?').join(', ')}, ?)`,
    );
    this.#insertUndurable = db.prepare('INSERT INTO undurable (id) VALUES (?)');
    this.#countDuplicate = db.prepare('UPDATE instance SET duplicates = duplicates + 1 WHERE id = ?');
    this.#countAllDuplicates = db.prepare('UPDATE index_state SET duplicates = duplicates + 1');
    this.#findConflict = db.prepare('SELECT id FROM instance_conflict WHERE sop_instance_uid = ? AND sha256 = ?');
    this.#insertConflict = db.prepare(
      `INSERT INTO instance_conflict (id, sop_instance_uid, sha256, size, study_instance_uid, series_instance_uid, sop_class_id, transfer_syntax_id,
       received_at, sender_id, organisation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#countConflictDuplicate = db.prepare('UPDATE instance_conflict SET duplicates = duplicates + 1 WHERE id = ?');
    this.#resolveConflict = db.prepare('DELETE FROM instance_conflict WHERE sop_instance_uid = ? AND sha256 = ?');
  }

  add(instance: NewInstance): AddResult {
    const sopUid = packUid(instance.sopInstanceUid);
    const projection = projectInstance(instance.header);
    const sha256 = Buffer.from(instance.sha256, 'hex');
    if (sopUid === undefined || projection === undefined || sha256.length !== 32) {
      throw new IndexError(
        'INDEX_ROW_REJECTED',
        'The object lacks a valid SOP, Series or Study Instance UID, or its digest is no SHA-256.',
      );
    }
    const existing = this.#find.get(sopUid);
    const organisation = instance.organisation ?? '';
    const verdict = this.#parts.rejections.verdict(sopUid, organisation);
    if (existing === undefined) return this.#addNew(instance, sopUid, sha256, projection, verdict);
    if (verdict?.later === 'refuse') {
      throw new IndexError(
        'INDEX_INSTANCE_REJECTED',
        `The object was rejected (${verdict.code}) and may not come again.`,
      );
    }
    if (verdict?.later === 'restore') this.#restore(sopUid, organisation, instance.receivedAt);
    const guest = this.#parts.guests.met({ instance, sopUid, sha256, projection }, Number(existing['id']));
    if (sha256.equals(existing['sha256'] as Buffer)) {
      this.#countDuplicate.run(existing['id']);
      this.#countAllDuplicates.run();
      return { kind: 'duplicate', instanceId: Number(existing['id']), ...guestOf(guest) };
    }
    return { ...this.#addConflict(instance, sopUid, sha256, projection), ...guestOf(guest) };
  }

  #addNew(
    instance: NewInstance,
    sopUid: Buffer,
    sha256: Buffer,
    told: InstanceProjection,
    verdict: RejectionVerdict | undefined,
  ): AddResult {
    const { lookups, studies, series, counts, ids, marked, queue } = this.#parts;
    const projection = this.#parts.identities.settle(told, instance.receivedAt);
    const bucketId = lookups.bucket(instance.organisation, projection.series.modality, monthOf(instance.receivedAt));
    const sopClassId = lookups.sopClass(instance.sopClassUid);
    const organisation = instance.organisation ?? '';
    const study = studies.ensure(projection, sopClassId, { organisation, bucketId, receivedAt: instance.receivedAt });
    const describes = study.owner === '' || study.owner === organisation;
    const inSeries = series.ensure(projection.series, study.id, bucketId, describes);
    const instanceId = ids.next();
    const { columns, concept } = projection.instance;
    this.#insert.run(
      instanceId,
      inSeries.id,
      sopUid,
      sopClassId,
      lookups.transferSyntax(instance.transferSyntaxUid),
      sha256,
      instance.size,
      instance.receivedAt,
      lookups.sender(instance.callingAET),
      bucketId,
      ...INSTANCE_COLUMNS.map((name) => columns[name] ?? null),
      concept === undefined ? null : lookups.code(concept),
    );
    this.#insertUndurable.run(instanceId);
    queue?.mark(study.id, projection.study.uid, instance.receivedAt);
    // Bytes that were kept as the conflict of a dropped instance are now the served ones.
    this.#resolveConflict.run(sopUid, sha256);
    counts.add({
      studyFk: study.id,
      seriesFk: inSeries.id,
      bucketId,
      newStudy: study.isNew,
      newSeries: inSeries.isNew,
      size: instance.size,
      receivedAt: instance.receivedAt,
    });
    const marks = study.marks | inSeries.marks;
    if (marks !== 0) counts.mark(study.id, marks);
    marked.note(instanceId, study.id, marks | projection.study.flags);
    for (const other of inSeries.otherStudies) counts.mark(other, STUDY_MARK.SERIES_IN_SEVERAL_STUDIES);
    const row = { id: instanceId, seriesFk: inSeries.id, studyFk: study.id };
    this.#settleRejection(instance, sopUid, row, verdict);
    const guest = this.#parts.guests.added({ instance, sopUid, sha256, projection }, study.owner);
    return { kind: 'new', instanceId, ...guestOf(guest) };
  }

  /** What is shown again may have to go to the archive after all. */
  #restore(sopUid: Buffer, organisation: string, receivedAt: number): void {
    const shown = this.#parts.rejections.restore(sopUid, organisation, receivedAt);
    if (shown !== undefined) this.#lookAgain(shown.studyFk, receivedAt);
  }

  /** Has the queue look at a study that was here before. */
  #lookAgain(studyFk: number, at: number): void {
    const study = this.#findStudy.get(studyFk);
    if (study !== undefined) this.#parts.queue?.mark(studyFk, study['study_instance_uid'] as Buffer, at);
  }

  /** Hides an object that was rejected before it came; a note hides itself and what it names. */
  #settleRejection(
    { organisation, receivedAt, rejects }: NewInstance,
    sopUid: Buffer,
    row: HiddenRow,
    verdict: RejectionVerdict | undefined,
  ): void {
    const { rejections } = this.#parts;
    const restored =
      verdict?.later === 'restore' && rejections.restore(sopUid, organisation ?? '', receivedAt) !== undefined;
    if ((verdict !== undefined && !restored) || rejects !== undefined) rejections.hide(row);
    if (rejects === undefined) return;
    const by = { noteUid: sopUid, organisation: organisation ?? '', receivedAt };
    // A note may lie in another study than what it rejects.
    for (const studyFk of rejections.note(rejects, by)) this.#lookAgain(studyFk, receivedAt);
  }

  #addConflict(instance: NewInstance, sopUid: Buffer, sha256: Buffer, projection: InstanceProjection): AddResult {
    const { lookups, ids } = this.#parts;
    const known = this.#findConflict.get(sopUid, sha256);
    if (known !== undefined) {
      this.#countConflictDuplicate.run(known['id']);
      return { kind: 'conflict', instanceId: Number(known['id']) };
    }
    const instanceId = ids.next();
    this.#insertConflict.run(
      instanceId,
      sopUid,
      sha256,
      instance.size,
      projection.study.uid,
      projection.series.uid,
      lookups.sopClass(instance.sopClassUid),
      lookups.transferSyntax(instance.transferSyntaxUid),
      instance.receivedAt,
      lookups.sender(instance.callingAET),
      instance.organisation ?? '',
    );
    this.#insertUndurable.run(instanceId);
    return { kind: 'conflict', instanceId };
  }
}

function guestOf(organisation: string | undefined): Pick<AddResult, 'guestOf'> {
  return organisation === undefined ? {} : { guestOf: organisation };
}
