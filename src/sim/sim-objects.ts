import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeDataSet } from '../dicom/data-set.ts';
import { encodeFileMeta, readFileMeta } from '../dicom/file-meta.ts';
import type { FileMeta } from '../dicom/file-meta.ts';
import { DEFAULT_HEADER_BYTES, HeaderReader } from '../dicom/header-reader.ts';
import type { HeaderItem } from '../dicom/header-reader.ts';
import { readKeyObjectDocument } from '../dicom/key-object-document.ts';
import type { KeyObjectDocument } from '../dicom/key-object-document.ts';
import { UID } from '../dicom/uids.ts';

/** One instance that the simulated archive keeps. */
export interface SimObject extends FileMeta {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** '' when it was found on the disk at the start */
  readonly callingAet: string;
  /** of the file with our own file meta information: the digest under which a node of ours keeps the same data set */
  readonly sha256: string;
  readonly bytes: number;
  readonly attributes: HeaderItem;
  /** of a key object selection document */
  readonly keyObjects: KeyObjectDocument | undefined;
}

/** Where the bytes stay: in memory, in a folder that survives the process, or nowhere. */
export type Keeping = 'memory' | 'nothing' | { readonly folder: string };

/** What became of an object that was to be kept. */
export type Kept = 'new' | 'same' | 'replaced' | 'ignored';

// PS3.16 CID 7011, as IHE IOCM uses them: what is rejected for good may not come again, what has expired may.
const REJECTED_FOR_GOOD = new Set(['113037', '113038']);
const EXPIRED = '113039';
const REJECTIONS = new Set(['113001', EXPIRED, ...REJECTED_FOR_GOOD]);

export type RejectionStatus = 'SUBSEQUENT_OCCURRENCE' | 'DUPLICATE_NOTE' | 'NO_SUCH_INSTANCE' | 'ALREADY_REJECTED';

/** The objects of the simulated archive, by SOP Instance UID. */
export class SimObjects {
  readonly #keeping: Keeping;
  readonly #objects = new Map<string, SimObject>();
  readonly #bytes = new Map<string, Buffer>();
  /** SOP Instance UID → code of the rejection note that names it */
  readonly #rejected = new Map<string, string>();

  /** Takes up what an earlier run left in the folder. */
  constructor(keeping: Keeping) {
    this.#keeping = keeping;
    if (typeof keeping !== 'object') return;
    mkdirSync(keeping.folder, { recursive: true });
    for (const name of readdirSync(keeping.folder)) {
      const path = join(keeping.folder, name);
      if (!name.endsWith('.dcm')) rmSync(path, { recursive: true });
      else this.#register(describe(readFileSync(path), ''));
    }
  }

  get size(): number {
    return this.#objects.size;
  }

  get(sopInstanceUid: string): SimObject | undefined {
    return this.#objects.get(sopInstanceUid);
  }

  /** Those that regular use may see. */
  *visible(): Generator<SimObject> {
    for (const object of this.#objects.values()) if (!this.#rejected.has(object.sopInstanceUid)) yield object;
  }

  /** Why an archive that knows rejection notes turns the object down; undefined when it does not. */
  objection(object: SimObject): RejectionStatus | undefined {
    if (REJECTED_FOR_GOOD.has(this.#rejected.get(object.sopInstanceUid) ?? '')) return 'SUBSEQUENT_OCCURRENCE';
    if (!isNote(object)) return undefined;
    if (this.#objects.get(object.sopInstanceUid)?.sha256 === object.sha256) return 'DUPLICATE_NOTE';
    const named = object.keyObjects?.references ?? [];
    if (named.some(({ sopInstanceUid }) => !this.#objects.has(sopInstanceUid))) return 'NO_SUCH_INSTANCE';
    return named.every(({ sopInstanceUid }) => this.#rejected.has(sopInstanceUid)) ? 'ALREADY_REJECTED' : undefined;
  }

  /**
   * Keeps a file. One that is there already is replaced when the same AE sends it, and otherwise stays as it is, as dcm4chee's
   * SAME_SOURCE policy has it.
   */
  put(object: SimObject, file: Buffer): Kept {
    const known = this.#objects.get(object.sopInstanceUid);
    // What had expired is shown again when it comes again.
    if (this.#rejected.get(object.sopInstanceUid) === EXPIRED) this.#rejected.delete(object.sopInstanceUid);
    if (known?.sha256 === object.sha256) return 'same';
    if (known !== undefined && known.callingAet !== '' && known.callingAet !== object.callingAet) return 'ignored';
    this.#write(object, file);
    if (known !== undefined) this.#erase(known);
    this.#register(object);
    return known === undefined ? 'new' : 'replaced';
  }

  /** Loses an instance. */
  forget(sopInstanceUid: string): void {
    const known = this.#objects.get(sopInstanceUid);
    if (known === undefined) return;
    this.#erase(known);
    this.#objects.delete(sopInstanceUid);
  }

  /** The whole file of an instance. @throws when bytes are not kept */
  file(object: SimObject): Buffer {
    if (typeof this.#keeping === 'object') return readFileSync(join(this.#keeping.folder, `${object.sha256}.dcm`));
    const bytes = this.#bytes.get(object.sha256);
    if (bytes === undefined) throw new Error('this archive keeps no bytes');
    return bytes;
  }

  #register(object: SimObject): void {
    this.#objects.set(object.sopInstanceUid, object);
    if (!isNote(object)) return;
    const { title, references } = object.keyObjects!;
    for (const { sopInstanceUid } of references) this.#rejected.set(sopInstanceUid, title.value);
  }

  // The name comes from the digest: a UID of a peer's is no file name.
  #write({ sha256 }: SimObject, file: Buffer): void {
    if (this.#keeping === 'memory') this.#bytes.set(sha256, file);
    if (typeof this.#keeping !== 'object') return;
    const path = join(this.#keeping.folder, sha256);
    writeFileSync(`${path}.part`, file, { flush: true });
    renameSync(`${path}.part`, `${path}.dcm`);
  }

  #erase({ sha256 }: SimObject): void {
    this.#bytes.delete(sha256);
    if (typeof this.#keeping === 'object') rmSync(join(this.#keeping.folder, `${sha256}.dcm`), { force: true });
  }
}

function isNote({ keyObjects }: SimObject): boolean {
  return keyObjects !== undefined && keyObjects.title.scheme === 'DCM' && REJECTIONS.has(keyObjects.title.value);
}

/** What a file is. @throws FileMetaError, HeaderError, DataSetError, UidError */
export function describe(file: Buffer, callingAet: string): SimObject {
  const { dataSetOffset, ...meta } = readFileMeta(file);
  const dataSet = file.subarray(dataSetOffset);
  const reader = new HeaderReader({ transferSyntaxUid: meta.transferSyntaxUid, maxBytes: DEFAULT_HEADER_BYTES });
  reader.push(dataSet);
  const { attributes } = reader.finish();
  const uidOf = (keyword: string): string => {
    const value = attributes[keyword];
    return typeof value === 'string' ? value : '';
  };
  return {
    ...meta,
    studyInstanceUid: uidOf('StudyInstanceUID'),
    seriesInstanceUid: uidOf('SeriesInstanceUID'),
    callingAet,
    sha256: createHash('sha256').update(file).digest('hex'),
    bytes: dataSet.length,
    attributes,
    keyObjects:
      meta.sopClassUid === UID.KeyObjectSelectionDocumentStorage
        ? readKeyObjectDocument(decodeDataSet(dataSet, meta.transferSyntaxUid))
        : undefined,
  };
}

/** The file of a data set as it came. */
export function fileOf(meta: FileMeta, chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([encodeFileMeta(meta), ...chunks]);
}
