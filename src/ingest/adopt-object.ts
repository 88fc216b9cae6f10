import { FileMetaError, readFileMeta } from '../dicom/file-meta.ts';
import type { FileMeta } from '../dicom/file-meta.ts';
import { DEFAULT_HEADER_BYTES, HeaderReader } from '../dicom/header-reader.ts';
import type { InstanceHeader } from '../dicom/header-reader.ts';
import type { AddResult, NewInstance } from '../index/index-types.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { readBlocks } from '../store/read-blocks.ts';
import type { IngestIndex } from './ingest-types.ts';
import { NoteCollector } from './note-collector.ts';
import type { RejectionRules } from './note-collector.ts';
import { readIdentity } from './read-identity.ts';

/** What the file does not tell. `receivedAt` in milliseconds since 1970. */
export type KnownOfObject = Pick<NewInstance, 'callingAET' | 'organisation' | 'receivedAt'>;

export interface AdoptOptions {
  readonly store: Pick<ObjectStore, 'open'>;
  readonly index: IngestIndex;
  readonly known: KnownOfObject;
  readonly rejections: RejectionRules;
}

/**
 * Indexes an object of the tree from its own bytes, for strays and for conflicts whose first instance was lost. The caller has
 * verified it. @throws StoreError, FileMetaError, CannotUnderstandError, DataSetMismatchError, IndexError
 */
export async function adoptObject(options: AdoptOptions, sha256: string): Promise<AddResult> {
  const { store, index, known, rejections } = options;
  const added = await index.addInstance(await readStoredInstance(store, known, sha256, rejections));
  index.markDurable(added.instanceId);
  return added;
}

/** The row of an object of the tree, from its own bytes. @throws as `adoptObject`, IndexError left out */
export async function readStoredInstance(
  store: AdoptOptions['store'],
  known: KnownOfObject,
  sha256: string,
  rejections: RejectionRules,
): Promise<NewInstance> {
  const object = await store.open(sha256);
  try {
    const { announced, header, note } = await readStoredHeader(object.fd);
    const rejects = note?.note(rejections);
    const row = { ...announced, ...known, sha256, size: object.size, header };
    return rejects === undefined ? row : { ...row, rejects };
  } finally {
    await object.close();
  }
}

async function readStoredHeader(
  fd: number,
): Promise<{ announced: FileMeta; header: InstanceHeader; note: NoteCollector | undefined }> {
  const blocks = readBlocks(fd);
  // Our own meta information takes some 350 bytes, so that the first block has it.
  const first = await blocks.next();
  if (first.done === true) throw new FileMetaError('NOT_DICOM', 'An object of the tree is empty');
  const { dataSetOffset, ...announced } = readFileMeta(first.value);
  const reader = new HeaderReader({ transferSyntaxUid: announced.transferSyntaxUid, maxBytes: DEFAULT_HEADER_BYTES });
  const note = NoteCollector.for(announced);
  const start = first.value.subarray(dataSetOffset);
  note?.push(start);
  let headerRead = reader.push(start);
  if (!headerRead || note !== undefined) {
    for await (const block of blocks) {
      note?.push(block);
      if (!headerRead) headerRead = reader.push(block);
      if (headerRead && note === undefined) break;
    }
  }
  return { announced, header: readIdentity(reader, announced), note };
}
