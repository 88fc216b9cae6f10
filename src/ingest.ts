import { errorCode, toError } from './core/errors.ts';
import type { KuvaError } from './core/errors.ts';
import { encodeFileMeta } from './dicom/file-meta.ts';
import type { FileMeta } from './dicom/file-meta.ts';
import { DEFAULT_HEADER_BYTES, HeaderReader } from './dicom/header-reader.ts';
import type { InstanceHeader } from './dicom/header-reader.ts';
import type { DimseStatus } from './dimse/command-types.ts';
import { STATUS } from './dimse/status-table.ts';
import { CannotUnderstandError, RejectedInstanceError } from './ingest/ingest-errors.ts';
import { NoteCollector } from './ingest/note-collector.ts';
import type { RejectionRules } from './ingest/note-collector.ts';
import { UnindexedObjects } from './ingest/unindexed-objects.ts';
import type { IngestOptions, IngestResult, IngestSink, IngestSource } from './ingest/ingest-types.ts';
import { readIdentity } from './ingest/read-identity.ts';
import { storeStatus } from './ingest/store-status.ts';
import type { NewInstance } from './index/index-types.ts';
import type { Sealed } from './store/publications.ts';
import type { Reception } from './store/reception.ts';

export interface Ingest extends Disposable {
  /** Objects that are kept and wait for the index to take their rows. */
  readonly unindexed: Pick<UnindexedObjects, 'count' | 'blocked'>;
  /** Begins one object: what a C-STORE command announces, or the file meta information of an imported file. */
  begin(source: IngestSource, announced: FileMeta): IngestSink;
}

/** The write path. A status 0000 from `finish` means: the file, its directory and its index row are on the disk. */
export function createIngest(options: IngestOptions): Ingest {
  const unindexed = new UnindexedObjects(options);
  return {
    unindexed,
    begin: (source, announced) => new IngestObject(options, unindexed, source, announced),
    [Symbol.dispose]: () => unindexed[Symbol.dispose](),
  };
}

const PENDING: IngestResult = {
  kind: 'refused',
  size: 0,
  code: 'UNFINISHED',
  text: 'The object did not arrive whole',
  quarantined: null,
};

class IngestObject implements IngestSink {
  readonly #o: IngestOptions;
  readonly #waiting: UnindexedObjects;
  readonly #source: IngestSource;
  readonly #announced: FileMeta;
  readonly #header: HeaderReader;
  readonly #reception: Reception;
  readonly #note: NoteCollector | undefined;
  #headerRead = false;
  #result: IngestResult = PENDING;

  constructor(options: IngestOptions, waiting: UnindexedObjects, source: IngestSource, announced: FileMeta) {
    this.#o = options;
    this.#waiting = waiting;
    this.#source = source;
    this.#announced = announced;
    this.#header = new HeaderReader({ transferSyntaxUid: announced.transferSyntaxUid, maxBytes: DEFAULT_HEADER_BYTES });
    this.#reception = options.store.receive(encodeFileMeta(announced));
    this.#note = NoteCollector.for(announced);
  }

  get result(): IngestResult {
    return this.#result;
  }

  write(chunk: Buffer): boolean {
    if (!this.#headerRead) this.#headerRead = this.#header.push(chunk);
    this.#note?.push(chunk);
    return this.#reception.write(chunk);
  }

  drained(): Promise<void> {
    return this.#reception.drained();
  }

  abort(): void {
    void this.#reception.abort();
  }

  async finish(): Promise<DimseStatus> {
    const start = this.#o.now();
    let status: DimseStatus = { code: STATUS.Success };
    try {
      const header = readIdentity(this.#header, this.#announced);
      await this.#waiting.admit();
      const sealed = await this.#reception.seal();
      this.#result = await this.#acknowledge(sealed, header);
    } catch (error) {
      status = await this.#refuse(toError(error));
    }
    this.#tell(this.#o.now() - start);
    return status;
  }

  /** Both run at once; what either left behind when the other failed is found by recovery. */
  async #acknowledge(sealed: Sealed, header: InstanceHeader): Promise<IngestResult> {
    const { sha256, size } = sealed;
    const { callingAET, organisation } = this.#source;
    const rejects = this.#note?.note(this.#o.rejections);
    const known = { sha256, size, header, receivedAt: this.#o.clock(), callingAET, organisation };
    const row = { ...this.#announced, ...known, ...(rejects === undefined ? {} : { rejects }) };
    const [durable, added] = await Promise.allSettled([sealed.durable, this.#o.index.addInstance(row, this.#source)]);
    if (durable.status === 'fulfilled' && added.status === 'rejected')
      throw await this.#unindexed(sealed, row, toError(added.reason));
    void sealed.done();
    if (durable.status === 'rejected') throw durable.reason;
    if (added.status === 'rejected') throw added.reason;
    this.#o.index.markDurable(added.value.instanceId);
    if (rejects !== undefined && added.value.kind === 'new') {
      const { code, references, ownObjectsOnly } = rejects;
      const { sopInstanceUid } = this.#announced;
      const instances = references.length;
      this.#o.events.rejectionNoted?.({ callingAET, sopInstanceUid, code, instances, ownObjectsOnly });
    }
    return { kind: added.value.kind, sha256, size, instanceId: added.value.instanceId };
  }

  /** Bytes that a row names, or that were there before, belong to whoever was told that they are kept: they stay where they are. */
  async #unindexed(sealed: Sealed, row: NewInstance, error: Error): Promise<Error> {
    const { sha256, existed } = sealed;
    const code = errorCode(error);
    const refusal = refusalOf(code, error, this.#o.rejections);
    if (refusal === undefined) {
      if (code === 'INDEX_FATAL') this.#o.onFatal(error);
      const { callingAET, organisation, receivedAt } = row;
      this.#waiting.keep(sealed, { callingAET, organisation, receivedAt }, error);
      return error;
    }
    void sealed.done();
    const stays = existed || (await this.#o.index.indexedObjects([sha256])).has(sha256);
    this.#refused(refusal, stays ? null : await this.#o.store.setAside(sha256, this.#reason(refusal)));
    return refusal;
  }

  async #refuse(error: Error): Promise<DimseStatus> {
    if (this.#result === PENDING) this.#refused(error, null);
    try {
      if (error instanceof CannotUnderstandError && error.code !== 'INDEX_ROW_REJECTED') {
        this.#refused(error, await this.#reception.quarantine(this.#reason(error)));
      }
      await this.#reception.abort();
      return storeStatus(error);
    } catch (failure) {
      // Nothing was set aside: the sender must keep its copy and try again.
      this.#refused(toError(failure), null);
      return storeStatus(failure);
    }
  }

  #refused(error: Error, quarantined: string | null): void {
    this.#result = {
      kind: 'refused',
      size: this.#reception.bytes,
      code: errorCode(error),
      text: error.message,
      quarantined,
    };
  }

  #reason(error: KuvaError): Parameters<Reception['quarantine']>[0] {
    return { code: error.code, text: error.message, facts: { ...error.facts, ...this.#announced, ...this.#source } };
  }

  #tell(ackMs: number): void {
    const { associationId, callingAET, address } = this.#source;
    const result = this.#result;
    const reason = result.kind === 'refused' ? { reason: { code: result.code, text: result.text } } : {};
    this.#o.events.ingested({
      associationId,
      callingAET,
      address,
      result: result.kind,
      ...this.#announced,
      bytes: this.#reception.bytes,
      ackMs,
      ...reason,
    });
  }
}

/** What the index will never take, so that its bytes are set aside; undefined when it may take them another time. */
function refusalOf(code: string, error: Error, { refusedStatus }: RejectionRules): KuvaError | undefined {
  if (code === 'INDEX_ROW_REJECTED')
    return new CannotUnderstandError(code, 0, 'The index could not take this object', {}, error);
  return code === 'INDEX_INSTANCE_REJECTED' ? new RejectedInstanceError(refusedStatus, error) : undefined;
}
