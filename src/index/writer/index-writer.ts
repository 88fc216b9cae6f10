import { ReceptionCounter } from '../audit/reception-counter.ts';
import type { SqliteDatabase, SqliteStatement } from '../database.ts';
import type { AddResult, DropResult, NewInstance } from '../index-types.ts';
import { IndexEpoch } from './index-epoch.ts';
import { INDEX_TABLES } from './index-tables.ts';
import { InstanceDropper } from './instance-dropper.ts';
import { InstanceIds } from './instance-ids.ts';
import { InstanceWriter } from './instance-writer.ts';
import { KeptCounts } from './kept-counts.ts';
import { LookupTables } from './lookup-tables.ts';
import { MarkedInstances } from './marked-instances.ts';
import { PatientWriter } from './patient-writer.ts';
import { operationGroups } from './operation-groups.ts';
import type { GroupOperations } from './operation-groups.ts';
import { GuestWriter } from '../guests/guest-writer.ts';
import { IdentityOfArrivals } from '../identity/identity-of-arrivals.ts';
import type { IdentityOutcome, NewIdentityChange } from '../identity/identity-types.ts';
import { IdentityWriter } from '../identity/identity-writer.ts';
import { RejectionWriter } from '../rejections/rejection-writer.ts';
import { QueueMarks } from './queue-marks.ts';
import { SeriesWriter } from './series-writer.ts';
import { SqlRunner } from './sql-runner.ts';
import { StudyWriter } from './study-writer.ts';

/** Changes of the index itself, the part that can be rebuilt from the object tree. */
interface IndexOperations {
  addInstance(instance: NewInstance): AddResult;
  dropInstance(instanceId: number): DropResult;
  changeIdentity(change: NewIdentityChange): IdentityOutcome;
  undoIdentity(changeId: number, actor: string, at: number): IdentityOutcome;
  clearIndex(): void;
  cleanMark(): void;
}

/** Every change that a batch can carry: name, arguments, result. */
export type WriteOperations = IndexOperations & GroupOperations;

// Others sum up counts and leave writing them to the end of the batch.
const WRITES_COUNTS: ReadonlySet<keyof WriteOperations> = new Set([
  'dropInstance',
  'clearIndex',
  'changeIdentity',
  'undoIdentity',
]);

export interface WriterOptions {
  /** Whether a study that gets an instance is marked for the queue in the same transaction. */
  readonly queue: boolean;
  /** Disclosure control: each organisation has patient rows of its own, and what it sends into studies of others is kept for it. */
  readonly underControl: boolean;
}

/** The writer's side of the index on one connection; every method runs inside the batch's transaction. */
export class IndexWriter implements IndexOperations {
  readonly operations: WriteOperations;
  readonly #db: SqliteDatabase;
  readonly #lookups: LookupTables;
  readonly #patients: PatientWriter;
  readonly #studies: StudyWriter;
  readonly #series: SeriesWriter;
  readonly #counts: KeptCounts;
  readonly #ids: InstanceIds;
  readonly #instances: InstanceWriter;
  readonly #rejections: RejectionWriter;
  readonly #guests: GuestWriter;
  readonly #arrivals: IdentityOfArrivals;
  readonly #identities: IdentityWriter;
  readonly #dropper: InstanceDropper;
  readonly #receptions: ReceptionCounter;
  readonly #markDurable: SqliteStatement;
  readonly #setClean: SqliteStatement;
  readonly #epoch: IndexEpoch;
  readonly #queue: QueueMarks | undefined;
  #durable: number[] = [];
  #clean = true;

  constructor(db: SqliteDatabase, { queue, underControl }: WriterOptions) {
    this.#db = db;
    this.#lookups = new LookupTables(db);
    this.#patients = new PatientWriter(db, this.#lookups, underControl);
    this.#studies = new StudyWriter(db, this.#lookups, this.#patients);
    this.#series = new SeriesWriter(db, this.#lookups);
    this.#counts = new KeptCounts(db);
    this.#ids = new InstanceIds(db);
    this.#epoch = new IndexEpoch(db);
    this.#rejections = new RejectionWriter(new SqlRunner(db));
    this.#guests = new GuestWriter(db, underControl);
    this.#receptions = new ReceptionCounter(db);
    this.#queue = queue ? new QueueMarks(db) : undefined;
    const marked = new MarkedInstances(db);
    this.#arrivals = new IdentityOfArrivals(new SqlRunner(db));
    this.#identities = new IdentityWriter(new SqlRunner(db), this.#patients, this.#queue);
    this.#instances = new InstanceWriter(db, {
      lookups: this.#lookups,
      studies: this.#studies,
      series: this.#series,
      counts: this.#counts,
      ids: this.#ids,
      marked,
      rejections: this.#rejections,
      guests: this.#guests,
      identities: this.#arrivals,
      queue: this.#queue,
    });
    this.#dropper = new InstanceDropper(db, {
      ids: this.#ids,
      counts: this.#counts,
      patients: this.#patients,
      marked,
      rejections: this.#rejections,
      forgetCaches: () => this.forgetCaches(),
    });
    this.operations = {
      ...operationGroups(db),
      addInstance: (instance) => this.addInstance(instance),
      dropInstance: (instanceId) => this.dropInstance(instanceId),
      changeIdentity: (change) => this.changeIdentity(change),
      undoIdentity: (changeId, actor, at) => this.undoIdentity(changeId, actor, at),
      clearIndex: () => this.clearIndex(),
      cleanMark: () => this.cleanMark(),
    };
    this.#markDurable = db.prepare('DELETE FROM undurable WHERE id = ?');
    this.#setClean = db.prepare('UPDATE index_state SET clean_stop = ?');
  }

  addInstance(instance: NewInstance): AddResult {
    const added = this.#instances.add(instance);
    if (instance.audited !== undefined) this.#receptions.count(instance.audited, instance, added);
    return added;
  }

  dropInstance(instanceId: number): DropResult {
    this.#epoch.raise();
    return this.#dropper.drop(instanceId);
  }

  changeIdentity(change: NewIdentityChange): IdentityOutcome {
    return this.#identified(() => this.#identities.change(change));
  }

  undoIdentity(changeId: number, actor: string, at: number): IdentityOutcome {
    return this.#identified(() => this.#identities.undo(changeId, actor, at));
  }

  clearIndex(): void {
    this.#epoch.raise();
    this.#ids.keepLast();
    this.#counts.forget();
    for (const table of INDEX_TABLES) this.#db.prepare(`DELETE FROM ${table}`).run();
    this.#db.prepare('UPDATE index_state SET duplicates = 0').run();
    this.forgetCaches();
  }

  cleanMark(): void {
    this.#clean = true;
    this.#setClean.run(1);
  }

  /** Files now known to be on the disk; written with the next batch. */
  noteDurable(instanceIds: readonly number[]): void {
    for (const id of instanceIds) this.#durable.push(id);
  }

  hasDurableNotes(): boolean {
    return this.#durable.length > 0;
  }

  /** First in a batch. */
  begin(): void {
    if (this.#clean) this.#setClean.run(0);
    this.#clean = false;
  }

  /** Last in a batch, before its commit. */
  complete(): void {
    this.#counts.flush();
    for (const id of this.#durable) this.#markDurable.run(id);
  }

  committed(): void {
    this.#durable = [];
  }

  /** After a rollback: nothing that was remembered in the batch is true. Durable notes stay for the next one. */
  rolledBack(): void {
    this.#counts.forget();
    this.#clean = true;
    this.#epoch.forget();
    this.forgetCaches();
  }

  /** Before a single request's savepoint: what others have counted must not be undone with it, nor be remembered of marks. */
  prepare(operation: keyof WriteOperations): void {
    if (WRITES_COUNTS.has(operation)) this.#counts.flush();
    // It may take marks.
    if (operation !== 'addInstance') this.#queue?.forget();
    if (operation === 'auditReceptionEnd') this.#receptions.forget();
  }

  /** After a single request has been undone. */
  undone(operation: keyof WriteOperations): void {
    this.#epoch.forget();
    if (WRITES_COUNTS.has(operation)) this.#counts.forget();
    this.forgetCaches();
  }

  /** Another connection has committed, perhaps nothing that is remembered here. */
  othersCommitted(): void {
    this.#queue?.forget();
    this.#receptions.forget();
    this.#rejections.forget();
    this.#guests.forget();
    // Both are asked: each question also takes note of what is true now.
    const [risen, drawn] = [this.#epoch.hasRisen(), this.#ids.othersDrew()];
    if (risen || drawn) this.forgetCaches();
  }

  /** Rows that others, and this one, remember are about another patient afterwards. */
  #identified(change: () => IdentityOutcome): IdentityOutcome {
    this.#epoch.raise();
    this.forgetCaches();
    const outcome = change();
    this.forgetCaches();
    return outcome;
  }

  /** After a single row failed, or when rows that are remembered may be gone. */
  forgetCaches(): void {
    this.#queue?.forget();
    this.#receptions.forget();
    for (const part of [
      this.#lookups,
      this.#patients,
      this.#studies,
      this.#series,
      this.#ids,
      this.#rejections,
      this.#guests,
      this.#arrivals,
    ])
      part.forget();
  }
}
