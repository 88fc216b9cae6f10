import { openReader } from '../database.ts';
import type { SqliteDatabase } from '../database.ts';
import type { NewInstance } from '../index-types.ts';
import { IdentityOfArrivals } from '../identity/identity-of-arrivals.ts';
import { StatementCache } from '../reader/statement-cache.ts';
import { RejectionWriter } from '../rejections/rejection-writer.ts';
import { INDEX_TABLES } from '../writer/index-tables.ts';
import { InstanceWriter } from '../writer/instance-writer.ts';
import { KeptCounts } from '../writer/kept-counts.ts';
import { LookupTables } from '../writer/lookup-tables.ts';
import { MarkedInstances } from '../writer/marked-instances.ts';
import { PatientWriter } from '../writer/patient-writer.ts';
import { SeriesWriter } from '../writer/series-writer.ts';
import { SqlRunner } from '../writer/sql-runner.ts';
import { StudyWriter } from '../writer/study-writer.ts';

/** Beside what can be built anew: what of others' doing bears on a study. */
const SHADOWED = [...INDEX_TABLES, 'index_state', 'rejection', 'study_link', 'identity_change', 'identity_correction'];
const LOOKUPS = ['sop_class', 'transfer_syntax', 'sender', 'character_set', 'code', 'issuer', 'equipment', 'bucket'];

// Of one study (its id) that the organisation has here itself: the tables in which it has rows, parents first.
const STUDY_ROWS: readonly (readonly [table: string, where: string])[] = [
  ['patient', 'id = (SELECT patient_fk FROM main.study WHERE id = @study)'],
  ['patient_other_id', 'patient_fk = (SELECT patient_fk FROM main.study WHERE id = @study)'],
  ['study', 'id = @study'],
  [
    'identity_correction',
    'study_instance_uid = (SELECT study_instance_uid FROM main.study WHERE id = @study) AND ended_at IS NULL',
  ],
  ['study_modality', 'study_fk = @study'],
  ['study_sop_class', 'study_fk = @study'],
  ['study_procedure_code', 'study_fk = @study'],
  ['series', 'study_fk = @study'],
  ['series_performer', 'series_fk IN (SELECT id FROM main.series WHERE study_fk = @study)'],
  ['series_request', 'series_fk IN (SELECT id FROM main.series WHERE study_fk = @study)'],
  ['instance', 'series_fk IN (SELECT id FROM main.series WHERE study_fk = @study)'],
  ['hidden_study', 'study_fk = @study'],
  ['hidden_series', 'study_fk = @study'],
  ['hidden_instance', 'study_fk = @study'],
];

// What came after the first guest comes once more in its order, and is taken out of the copies; what it said of the study it says again.
const WITHOUT_GUESTS: readonly string[] = [
  `DELETE FROM temp.instance WHERE EXISTS (SELECT 1 FROM main.guest_object g WHERE g.organisation = @organisation
     AND g.sop_instance_uid = temp.instance.sop_instance_uid AND g.sha256 = temp.instance.sha256)`,
  'DELETE FROM temp.hidden_instance WHERE id NOT IN (SELECT id FROM temp.instance)',
  ...['series_performer', 'series_request', 'hidden_series'].map(
    (table) => `DELETE FROM temp.${table} WHERE series_fk NOT IN (SELECT series_fk FROM temp.instance)`,
  ),
  'DELETE FROM temp.series WHERE id NOT IN (SELECT series_fk FROM temp.instance)',
  `UPDATE temp.series SET (num_instances, bytes) = (SELECT count(*), sum(i.size) FROM temp.instance i WHERE i.series_fk = series.id)`,
  `UPDATE temp.study SET (num_series, num_instances, bytes) =
     (SELECT count(*), sum(s.num_instances), sum(s.bytes) FROM temp.series s WHERE s.study_fk = study.id)`,
  `UPDATE temp.hidden_series SET instances = (SELECT count(*) FROM temp.hidden_instance h WHERE h.series_fk = hidden_series.series_fk)`,
  `UPDATE temp.hidden_study SET instances = (SELECT count(*) FROM temp.hidden_instance h WHERE h.study_fk = hidden_study.study_fk)`,
  'DELETE FROM temp.hidden_series WHERE instances = 0',
  'DELETE FROM temp.hidden_study WHERE instances = 0',
];

// So many of an organisation's objects, the newest, are told of: a view is in memory.
const MOST_GUESTS = 10_000;
const FIRST = `COALESCE((SELECT id FROM main.guest_object WHERE organisation = @organisation ORDER BY id DESC LIMIT 1 OFFSET ${MOST_GUESTS - 1}), 0)`;

// What is copied into a view, or changes what is in it, beside the guests that come: rejections, and of own studies what came before the first.
const BASE = `SELECT json_array(
  (SELECT epoch FROM main.index_state),
  (SELECT json_group_array(json_array(hex(r.sop_instance_uid), r.reverted_at)) FROM main.guest_object g
     JOIN main.rejection r ON r.sop_instance_uid = g.sop_instance_uid WHERE g.organisation = @organisation),
  (SELECT json_group_array(json_array(t.id, (SELECT h.instances FROM main.hidden_study h WHERE h.study_fk = t.id),
       t.num_instances - (SELECT count(*) FROM main.series s JOIN main.instance i ON i.series_fk = s.id JOIN main.guest_object g
         ON g.organisation = b.organisation AND g.sop_instance_uid = i.sop_instance_uid AND g.sha256 = i.sha256 WHERE s.study_fk = t.id)))
     FROM main.study t JOIN main.bucket b ON b.id = t.bucket_id
     WHERE t.study_instance_uid IN (SELECT study_instance_uid FROM main.guest_object WHERE organisation = @organisation)
       AND b.organisation = @organisation))`;

/**
 * The index as it would be if an organisation had the archive to itself, as far as it has sent objects into the studies of others. A connection
 * of its own, on which these objects lie in temporary tables named as those of the index: every statement finds them there, and registers,
 * consents and logs where they always are (https://www.sqlite.org/lang_naming.html). Studies that the organisation has here itself, and to which
 * such an object belongs, are in it whole.
 */
export class GuestView {
  readonly statements: StatementCache;
  readonly #db: SqliteDatabase;
  readonly #organisation: string;
  readonly #base: string;
  /** Id of the newest guest that is in it. */
  #last: number;

  constructor(path: string, organisation: string) {
    this.#db = openReader(path);
    this.#organisation = organisation;
    this.statements = new StatementCache(this.#db);
    // One state of the database for all of it.
    [this.#base, this.#last] = this.#db.transaction((): [string, number] => {
      shadowTables(this.#db);
      this.#db
        .prepare(
          `INSERT INTO temp.rejection SELECT * FROM main.rejection WHERE sop_instance_uid IN
           (SELECT sop_instance_uid FROM main.guest_object WHERE organisation = @organisation)
           AND (organisation IS NULL OR organisation = @organisation)`,
        )
        .run({ organisation });
      // Whose an id is, nobody keeps for himself; which studies were given another patient, their own rows tell.
      this.#db.exec('INSERT INTO temp.identity_change SELECT * FROM main.identity_change');
      copyOwnStudies(this.#db, organisation);
      const first = Number(this.statements.get(`SELECT ${FIRST}`).get({ organisation })?.[0]);
      return [this.#baseNow(), addGuests(this.#db, organisation, first - 1)];
    })();
  }

  /** Takes in what has come since; false when it has to be made anew. To be called while no statement of it is open. */
  bringUpToDate(): boolean {
    return this.#db.transaction(() => {
      const isSame = this.#baseNow() === this.#base;
      if (isSame) this.#last = addGuests(this.#db, this.#organisation, this.#last);
      return isSame;
    })();
  }

  #baseNow(): string {
    return String(this.statements.get(BASE).get({ organisation: this.#organisation })?.[0]);
  }
}

function shadowTables(db: SqliteDatabase): void {
  const schema = db
    .prepare<[], { type: string; tbl_name: string; sql: string }>(
      "SELECT type, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index')",
    )
    .all()
    .filter(({ tbl_name: table }) => SHADOWED.includes(table));
  for (const { type, sql } of schema) if (type === 'table') db.exec(sql.replace(/^CREATE TABLE/i, 'CREATE TEMP TABLE'));
  for (const { type, sql } of schema)
    if (type === 'index') db.exec(sql.replace(/^(CREATE (?:UNIQUE )?INDEX) /i, '$1 temp.'));
}

/** Those that were begun before the first such object came: of the others everything is kept as it came. */
function copyOwnStudies(db: SqliteDatabase, organisation: string): void {
  const own = db
    .prepare<[string, string, string], { id: number }>(
      `SELECT t.id FROM main.study t JOIN main.bucket b ON b.id = t.bucket_id WHERE b.organisation = ? AND t.study_instance_uid IN
       (SELECT study_instance_uid FROM main.guest_object WHERE organisation = ?)
       AND EXISTS (SELECT 1 FROM main.series s JOIN main.instance i ON i.series_fk = s.id WHERE s.study_fk = t.id AND NOT EXISTS
         (SELECT 1 FROM main.guest_object g WHERE g.organisation = ? AND g.sop_instance_uid = i.sop_instance_uid AND g.sha256 = i.sha256))`,
    )
    .all(organisation, organisation, organisation);
  if (own.length === 0) return;
  for (const table of LOOKUPS) db.exec(`INSERT INTO temp.${table} SELECT * FROM main.${table}`);
  for (const { id } of own)
    for (const [table, where] of STUDY_ROWS)
      db.prepare(`INSERT OR IGNORE INTO temp.${table} SELECT * FROM main.${table} WHERE ${where}`).run({ study: id });
  for (const sql of WITHOUT_GUESTS) db.prepare(sql).run(sql.includes('@') ? { organisation } : {});
}

/**
 * Guests that came after the one with id `after`, under the ids that the archive has them by, instances or conflicts; what has lost its bytes is
 * left out. The id of the last.
 */
function addGuests(db: SqliteDatabase, organisation: string, after: number): number {
  const guests = db
    .prepare<[string, number], { id: number; arrival: string; row: number | null }>(
      `SELECT g.id, g.arrival, COALESCE(
         (SELECT i.id FROM main.instance i WHERE i.sop_instance_uid = g.sop_instance_uid AND i.sha256 = g.sha256),
         (SELECT c.id FROM main.instance_conflict c WHERE c.sop_instance_uid = g.sop_instance_uid AND c.sha256 = g.sha256)) AS row
       FROM main.guest_object g WHERE g.organisation = ? AND g.id > ? ORDER BY g.id`,
    )
    .all(organisation, after);
  if (guests.length === 0) return after;
  let id = 0;
  const lookups = new LookupTables(db);
  const counts = new KeptCounts(db);
  const writer = new InstanceWriter(db, {
    lookups,
    studies: new StudyWriter(db, lookups, new PatientWriter(db, lookups, true)),
    series: new SeriesWriter(db, lookups),
    counts,
    ids: { next: () => id },
    marked: new MarkedInstances(db),
    rejections: new RejectionWriter(new SqlRunner(db)),
    guests: { added: () => undefined, met: () => undefined },
    identities: new IdentityOfArrivals(new SqlRunner(db)),
    queue: undefined,
  });
  for (const { arrival, row } of guests) {
    if (row === null) continue;
    id = row;
    writer.add(JSON.parse(arrival) as NewInstance);
  }
  counts.flush();
  return guests.at(-1)!.id;
}
