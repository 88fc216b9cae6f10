import { errorCode } from '../core/errors.ts';
import { decodeDataSet } from '../dicom/data-set.ts';
import type { FileMeta } from '../dicom/file-meta.ts';
import { readKeyObjectDocument } from '../dicom/key-object-document.ts';
import { UID } from '../dicom/uids.ts';
import type { LaterOccurrence, RejectionNote } from '../index/rejections/rejection-types.ts';

/** What a title of a key object selection document means here; undefined for one that rejects nothing. */
export interface RejectionTitle {
  readonly later: LaterOccurrence;
  readonly ownObjectsOnly: boolean;
}

/** Port: what the archive profile says of rejection notes. */
export interface RejectionRules {
  titleOf(title: { readonly value: string; readonly scheme: string }): RejectionTitle | undefined;
  /** DIMSE status for an object that was rejected for good and comes again */
  readonly refusedStatus: number;
}

/** No note rejects anything. */
export const NO_REJECTIONS: RejectionRules = { titleOf: () => undefined, refusedStatus: 0xc000 };

/** A document with more bytes than this is kept and not looked into: it would name some hundred thousand instances. */
const MAX_NOTE_BYTES = 16 << 20;

/** Gathers a key object selection document while it is received, and reads it as a rejection note. */
export class NoteCollector {
  readonly #meta: FileMeta;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  private constructor(meta: FileMeta) {
    this.#meta = meta;
  }

  /** Undefined for every other SOP class: no other object is looked at. */
  static for(meta: FileMeta): NoteCollector | undefined {
    return meta.sopClassUid === UID.KeyObjectSelectionDocumentStorage ? new NoteCollector(meta) : undefined;
  }

  /** The chunk may be used again afterwards. */
  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_NOTE_BYTES) this.#chunks.push(Buffer.from(chunk));
    else this.#chunks.length = 0;
  }

  /** What the document rejects; undefined when it is no rejection note, or cannot be read as one. */
  note({ titleOf }: RejectionRules): RejectionNote | undefined {
    if (this.#bytes > MAX_NOTE_BYTES) return undefined;
    try {
      const { title, references } = readKeyObjectDocument(
        decodeDataSet(Buffer.concat(this.#chunks), this.#meta.transferSyntaxUid),
      );
      const meaning = titleOf(title);
      return meaning === undefined ? undefined : { code: title.value, ...meaning, references };
    } catch (error) {
      // It is kept like any other object; what it means is not guessed at.
      if (errorCode(error) === 'UNKNOWN') throw error;
      return undefined;
    }
  }
}
