import { existsSync, statSync } from 'node:fs';
import type {
  AddResult,
  AeRow,
  CommitmentTask,
  ConflictRow,
  DropResult,
  InstanceRef,
  InstanceSelection,
  NewCommitment,
  NewInstance,
  StatsRow,
  StudyDetail,
  StudyListQuery,
  StudySummary,
  Suspect,
  Totals,
} from './index-types.ts';
import type { IdentityOutcome, NewIdentityChange } from './identity/identity-types.ts';
import type { FactsTaker } from './disclosure/facts-codec.ts';
import type { FindQuery, FindRow } from './matching/find-query.ts';
import type { ReadArguments, ReadOperation, ReadResult } from './reader/read-operations.ts';
import { ReaderPool } from './reader/reader-pool.ts';
import type { GroupOperations } from './writer/operation-groups.ts';
import { WriterClient } from './writer/writer-client.ts';
import type { WriterEvents } from './writer/writer-client.ts';

export interface IndexOptions extends Partial<WriterEvents> {
  /** The database file; made when it does not exist. */
  readonly path: string;
  /** Reader threads, at least one. */
  readonly readers: number;
  /** Whether a study that gets an instance is marked for the queue in the same transaction: when something is forwarded. */
  readonly queue?: boolean;
  /** Disclosure control: what one organisation says of a patient, or sends into a study of another one, is kept apart for it. */
  readonly underControl?: boolean;
}

/** The part of the index that searching and retrieving ask. */
export type GuestIndex = Pick<IndexService, 'read' | 'find' | 'countMatches' | 'selectInstances' | 'selectedStudies'>;

/**
 * The index as the rest of the program sees it: asynchronous, no database types. Changes resolve after COMMIT with
 * synchronous=FULL; reads see everything that was committed before they were asked.
 */
export class IndexService {
  readonly #path: string;
  readonly #writer: WriterClient;
  readonly #readers: ReaderPool;
  /** Organisations that have sent objects into the studies of others. */
  readonly #guests: Set<string>;

  private constructor(path: string, writer: WriterClient, readers: ReaderPool, guests: readonly string[]) {
    this.#path = path;
    this.#writer = writer;
    this.#readers = readers;
    this.#guests = new Set(guests);
  }

  /** @throws IndexOpenError when the file, its settings or its schema cannot be trusted */
  static async open({
    path,
    readers,
    queue = false,
    underControl = false,
    onFatal = () => undefined,
    onBatch = () => undefined,
  }: IndexOptions): Promise<IndexService> {
    const opening = WriterClient.open(path, { queue, underControl }, { onFatal, onBatch });
    const [writer, pool] = await Promise.allSettled([opening, ReaderPool.open(path, readers, opening)]);
    if (writer.status === 'rejected') throw writer.reason;
    if (pool.status === 'fulfilled')
      return new IndexService(path, writer.value, pool.value, await pool.value.call('guestOrganisations'));
    await writer.value.close();
    throw pool.reason;
  }

  /** A change of one of the groups beside the index proper; resolves after COMMIT, rejects with IndexError. */
  write<Name extends keyof GroupOperations>(
    operation: Name,
    ...args: Parameters<GroupOperations[Name]>
  ): Promise<ReturnType<GroupOperations[Name]>> {
    return this.#writer.run(operation, ...args) as Promise<ReturnType<GroupOperations[Name]>>;
  }

  /** A question that one answer settles. */
  read<Name extends ReadOperation>(operation: Name, ...args: ReadArguments<Name>): Promise<ReadResult<Name>> {
    return this.#readers.call(operation, ...args);
  }

  async addInstance(instance: NewInstance): Promise<AddResult> {
    const added = await this.#writer.run('addInstance', instance);
    if (added.guestOf !== undefined) this.#guests.add(added.guestOf);
    return added;
  }

  /** What an organisation sees of its own objects in the studies of others; undefined when it has sent none. */
  guestView(organisation: string): GuestIndex | undefined {
    if (!this.#guests.has(organisation)) return undefined;
    const readers = this.#readers;
    return {
      read: (operation, ...args) => readers.callOf(organisation, operation, ...args),
      find: (query, signal, learn) => readers.find(query, signal, learn, organisation),
      countMatches: (query, limit, signal) => readers.count(query, limit, signal, organisation),
      selectInstances: (selection, signal) => readers.select(selection, signal, organisation),
      selectedStudies: (selection) => readers.callOf(organisation, 'selectedStudies', selection),
    };
  }

  /** The file of this instance is on the disk. Costs no commit: written with the next one. */
  markDurable(instanceId: number): void {
    this.#writer.markDurable(instanceId);
  }

  /** What start-up has to verify: rows whose file was never marked durable. Empty after an orderly stop. */
  suspects(): Promise<Suspect[]> {
    return this.#readers.call('suspects');
  }

  dropInstance(instanceId: number): Promise<DropResult> {
    return this.#writer.run('dropInstance', instanceId);
  }

  /** A study moved to another patient, or an id merged into another. @throws IndexError, see IdentityWriter.change */
  changeIdentity(change: NewIdentityChange): Promise<IdentityOutcome> {
    return this.#writer.run('changeIdentity', change);
  }

  /** @throws IndexError, see IdentityWriter.undo */
  undoIdentity(changeId: number, actor: string, at: number): Promise<IdentityOutcome> {
    return this.#writer.run('undoIdentity', changeId, actor, at);
  }

  /** Last act of an orderly stop; writes the durable marks that still wait. */
  cleanMark(): Promise<void> {
    return this.#writer.run('cleanMark');
  }

  /** Whether the last stop was orderly; asked before the first change of this run. */
  wasCleanStop(): Promise<boolean> {
    return this.#readers.call('wasCleanStop');
  }

  /** Those of the given objects (SHA-256 in hex) that a row refers to. */
  indexedObjects(sha256: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#readers.call('indexedObjects', sha256);
  }

  /** Removes everything that can be rebuilt from the object tree; registers and commitments stay. */
  clearIndex(): Promise<void> {
    return this.#writer.run('clearIndex');
  }

  /** Matches in batches; ends early when `signal` fires. `learn` is told, before each batch, what deciding about its studies needs. */
  find(query: FindQuery, signal?: AbortSignal, learn?: FactsTaker): AsyncGenerator<FindRow[], void> {
    return this.#readers.find(query, signal, learn);
  }

  /** Counts matches, no further than `limit`. */
  countMatches(query: FindQuery, limit: number, signal?: AbortSignal): Promise<number> {
    return this.#readers.count(query, limit, signal);
  }

  /** Instances in batches, series by series; ends early when `signal` fires. */
  selectInstances(selection: InstanceSelection, signal?: AbortSignal): AsyncGenerator<InstanceRef[], void> {
    return this.#readers.select(selection, signal);
  }

  /** The studies that a selection reaches into. */
  selectedStudies(selection: InstanceSelection): Promise<string[]> {
    return this.#readers.call('selectedStudies', selection);
  }

  stats(): Promise<StatsRow[]> {
    return this.#readers.call('stats');
  }

  totals(): Promise<Totals> {
    return this.#readers.call('totals');
  }

  listStudies(query: StudyListQuery): Promise<StudySummary[]> {
    return this.#readers.call('listStudies', query);
  }

  showStudy(studyInstanceUid: string): Promise<StudyDetail | undefined> {
    return this.#readers.call('showStudy', studyInstanceUid);
  }

  /** Newest first; continue with `beforeId` of the last row. */
  listConflicts(limit: number, beforeId: number = Number.MAX_SAFE_INTEGER): Promise<ConflictRow[]> {
    return this.#readers.call('listConflicts', limit, beforeId);
  }

  /** Bytes kept as a conflict of an instance that is gone, oldest first: recovery indexes them. */
  unservedConflicts(): Promise<ConflictRow[]> {
    return this.#readers.call('unservedConflicts');
  }

  aeList(): Promise<AeRow[]> {
    return this.#readers.call('aeList');
  }

  aeByTitle(aet: string): Promise<AeRow | undefined> {
    return this.#readers.call('aeByTitle', aet);
  }

  aeShow(aet: string): Promise<AeRow | undefined> {
    return this.aeByTitle(aet);
  }

  aePut(row: AeRow): Promise<void> {
    return this.#writer.run('aePut', row);
  }

  /** False when there was none. */
  aeRemove(aet: string): Promise<boolean> {
    return this.#writer.run('aeRemove', aet);
  }

  /** The id of the durable task. */
  addCommitment(task: NewCommitment): Promise<number> {
    return this.#writer.run('addCommitment', task);
  }

  pendingCommitments(): Promise<CommitmentTask[]> {
    return this.#readers.call('pendingCommitments');
  }

  commitmentDone(id: number): Promise<void> {
    return this.#writer.run('commitmentDone', id);
  }

  /** `nextAttemptAt` in ms since 1970; null gives up. */
  commitmentFailed(id: number, error: string, nextAttemptAt: number | null): Promise<void> {
    return this.#writer.run('commitmentFailed', id, error, nextAttemptAt);
  }

  /** Bytes of the database and of its write-ahead log. */
  size(): { readonly databaseBytes: number; readonly walBytes: number } {
    const bytes = (path: string): number => (existsSync(path) ? statSync(path).size : 0);
    return { databaseBytes: bytes(this.#path), walBytes: bytes(`${this.#path}-wal`) };
  }

  /** Lets queued changes finish. Without `cleanMark` before it, the next start verifies what was in flight. */
  async close(): Promise<void> {
    await this.#readers.close();
    await this.#writer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
