import { errorCode, KuvaError, toError } from '../core/errors.ts';
import { encapsulatedDocument } from '../dicom/encapsulated-document.ts';
import { UID } from '../dicom/uids.ts';
import type { EncapsulatedRow, NewRefusal, ReconcileRules } from '../index/documents/document-types.ts';
import { StoreError } from '../store/store-errors.ts';
import type { DocumentRegister, RegisterResult } from './document-register.ts';
import { XML_LIMITS } from './xml-reader.ts';

/** Port: the index. */
export interface FollowerIndex {
  read(operation: 'documentProgressOf'): Promise<number>;
  read(
    operation: 'documentNewObjects',
    sopClassUid: string,
    after: number,
    span: number,
  ): Promise<{ rows: EncapsulatedRow[]; studies: string[]; last: number; end: boolean }>;
  write(operation: 'documentProgress', lastInstanceId: number): Promise<void>;
  write(operation: 'documentRefuse', refusal: NewRefusal): Promise<void>;
  write(operation: 'documentReconcile', studies: readonly string[], rules: ReconcileRules, at: number): Promise<void>;
}

export interface ObjectFollowerOptions {
  readonly index: FollowerIndex;
  readonly register: Pick<DocumentRegister, 'add'>;
  readonly rules: ReconcileRules;
  /** The whole file of an object. @throws StoreError */
  readonly readObject: (sha256: string) => Promise<Buffer>;
  readonly onDocument: (result: RegisterResult['kind'], reason: string | undefined) => void;
  readonly clock: () => number;
}

const CDA_TYPES = ['text/xml', 'application/xml'];
const SPAN = 50_000;
// Beside the document there is only a header.
const LARGEST = XML_LIMITS.bytes + (4 << 20);
// How many ids may pass before the progress is written down although there was nothing to do.
const NOTE_EVERY = 10_000;

/**
 * Follows the objects that have been received: registers the documents in Encapsulated CDA, and looks which studies have the documents that they
 * need. It looks at rows that are committed, so that nothing is missed however the program ends; an object is never refused for
 * what is in it.
 */
export class ObjectFollower {
  readonly #o: ObjectFollowerOptions;
  #last = -1;
  #noted = 0;

  constructor(options: ObjectFollowerOptions) {
    this.#o = options;
  }

  /** Takes what is new. @throws IndexError, StoreError: the next run goes on from the same object */
  async run(signal: AbortSignal): Promise<void> {
    const { index } = this.#o;
    if (this.#last < 0) this.#last = this.#noted = await index.read('documentProgressOf');
    for (let end = false; !end && !signal.aborted;) {
      const found = await index.read('documentNewObjects', UID.EncapsulatedCDAStorage, this.#last, SPAN);
      if (found.studies.length > 0)
        await index.write('documentReconcile', found.studies, this.#o.rules, this.#o.clock());
      for (const row of found.rows) await this.#take(row);
      ({ last: this.#last, end } = found);
      if (found.rows.length > 0 || this.#last - this.#noted >= NOTE_EVERY) {
        await index.write('documentProgress', this.#last);
        this.#noted = this.#last;
      }
    }
  }

  async #take(row: EncapsulatedRow): Promise<void> {
    const { sopInstanceUid, sha256, size } = row;
    try {
      if (size > LARGEST) throw new KuvaError('XML_TOO_LARGE', `the object has more than ${LARGEST} bytes`);
      const bytes = encapsulatedDocument(await this.#o.readObject(sha256), CDA_TYPES);
      const result = await this.#o.register.add(bytes, {
        name: row.sender,
        uri: '',
        object: { sopInstanceUid, sha256, size },
      });
      this.#o.onDocument(result.kind, result.kind === 'refused' ? result.code : undefined);
    } catch (error) {
      // Only what the object itself is to blame for: another failure passes, and the object comes up again.
      if (!(error instanceof KuvaError) || (error instanceof StoreError && error.code !== 'OBJECT_MISSING'))
        throw error;
      if (errorCode(error).startsWith('INDEX_')) throw error;
      await this.#o.index.write('documentRefuse', {
        sha256,
        size,
        code: error.code,
        reason: toError(error).message,
        source: row.sender,
        isKept: false,
        oid: '',
        sopInstanceUid,
        receivedAt: this.#o.clock(),
        audited: [],
      });
      this.#o.onDocument('refused', error.code);
    }
  }
}
