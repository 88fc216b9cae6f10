import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import type { NewInstance } from '../index-types.ts';
import type { InstanceProjection } from '../instance-projection.ts';

/** An object that arrives, as far as being a guest goes. */
interface Arriving {
  readonly instance: NewInstance;
  readonly sopUid: Buffer;
  readonly sha256: Buffer;
  readonly projection: InstanceProjection;
}

/**
 * Keeps what an organisation sent into the study of another one, or of nobody, and under SOP Instance UIDs that others have; and from then on
 * what it sends into a study of its own that such an object belongs to, so that the order of all of them is known. Costs any other object
 * nothing.
 */
export class GuestWriter {
  readonly #keeps: boolean;
  readonly #ownerOf: SqliteStatement;
  readonly #insert: SqliteStatement;
  readonly #renew: SqliteStatement;
  readonly #last: SqliteStatement;
  readonly #all: SqliteStatement;
  /** Organisation and study of every guest up to `#seen`. */
  #studies = new Set<string>();
  #seen: number | undefined;
  #mayBeMore = true;

  /** `keeps`: false where nothing is withheld from anybody. */
  constructor(db: SqliteDatabase, keeps: boolean) {
    this.#keeps = keeps;
    this.#ownerOf = db.prepare(
      `SELECT b.organisation FROM instance i JOIN series s ON s.id = i.series_fk JOIN study t ON t.id = s.study_fk
       JOIN bucket b ON b.id = t.bucket_id WHERE i.id = ?`,
    );
    const insert = `INTO guest_object (organisation, sop_instance_uid, sha256, study_instance_uid, arrival) VALUES (?, ?, ?, ?, ?)`;
    this.#insert = db.prepare(`INSERT ${insert} ON CONFLICT (organisation, sop_instance_uid, sha256) DO NOTHING`);
    this.#renew = db.prepare(`INSERT OR REPLACE ${insert}`);
    this.#last = db.prepare('SELECT COALESCE(max(id), 0) AS id FROM guest_object');
    this.#all = db.prepare('SELECT DISTINCT organisation, study_instance_uid FROM guest_object');
  }

  /** Of an object that was added to a study of `owner`. The organisation, when it is a guest there. */
  added(arriving: Arriving, owner: string): string | undefined {
    const organisation = this.#senderOf(arriving);
    if (organisation === '' || (organisation === owner && !this.#isMixed(organisation, arriving))) return undefined;
    // Whatever was noted of it before had lost its bytes.
    return this.#note(this.#renew, organisation, arriving);
  }

  /** Of one whose SOP Instance UID was there, as the instance `id`. */
  met(arriving: Arriving, id: number): string | undefined {
    const organisation = this.#senderOf(arriving);
    if (organisation === '') return undefined;
    const owner = this.#ownerOf.get(id)?.['organisation'];
    return organisation === owner ? undefined : this.#note(this.#insert, organisation, arriving);
  }

  /** After a rollback, or when another connection may have noted one. */
  forget(): void {
    this.#mayBeMore = true;
  }

  #senderOf({ instance }: Arriving): string {
    return this.#keeps ? (instance.organisation ?? '') : '';
  }

  #note(statement: SqliteStatement, organisation: string, arriving: Arriving): string {
    const { instance, sopUid, sha256, projection } = arriving;
    const { audited: _, ...arrival } = instance;
    statement.run(organisation, sopUid, sha256, projection.study.uid, JSON.stringify(arrival));
    this.#studies.add(keyOf(organisation, projection.study.uid));
    return organisation;
  }

  #isMixed(organisation: string, { projection }: Arriving): boolean {
    if (this.#mayBeMore) this.#look();
    return this.#studies.size > 0 && this.#studies.has(keyOf(organisation, projection.study.uid));
  }

  #look(): void {
    this.#mayBeMore = false;
    const last = Number(this.#last.get()?.['id']);
    if (last === this.#seen) return;
    this.#seen = last;
    const rows = this.#all.all() as { organisation: string; study_instance_uid: Buffer }[];
    this.#studies = new Set(rows.map((row) => keyOf(row.organisation, row.study_instance_uid)));
  }
}

function keyOf(organisation: string, studyUid: Buffer): string {
  return `${organisation} ${studyUid.toString('latin1')}`;
}
