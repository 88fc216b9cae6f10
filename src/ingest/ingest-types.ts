import type { DataSetSink } from '../dimse/service-handlers.ts';
import type { AddResult, NewInstance } from '../index/index-types.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { RejectionRules } from './note-collector.ts';

/** Who brings an object. `associationId` and `address` are null for an import from files. */
export interface IngestSource {
  readonly callingAET: string;
  readonly organisation: string | null;
  readonly address: string | null;
  readonly associationId: string | number | null;
}

/** What became of an object. */
export type IngestResult =
  | {
      readonly kind: 'new' | 'duplicate' | 'conflict';
      readonly sha256: string;
      readonly size: number;
      readonly instanceId: number;
    }
  | {
      readonly kind: 'refused';
      readonly size: number;
      /** Why, for the log and the administrator. */
      readonly code: string;
      readonly text: string;
      /** Path of the bytes, when they were set aside. */
      readonly quarantined: string | null;
    };

/** Takes one object. `result` is known when `finish` has settled. */
export interface IngestSink extends DataSetSink {
  readonly result: IngestResult;
}

/** Port: the index. `addInstance` resolves after a durable commit; without a source the object was on the disk before. */
export interface IngestIndex {
  addInstance(row: NewInstance, source?: IngestSource): Promise<AddResult>;
  /** The file is known to be on the disk, too. */
  markDurable(instanceId: number): void;
}

/** Port: the index, for objects that peers bring. */
export interface ReceivingIndex extends IngestIndex {
  /** Those of the given objects that a row names. */
  indexedObjects(sha256: readonly string[]): Promise<ReadonlySet<string>>;
}

export type IngestStore = Pick<ObjectStore, 'receive' | 'setAside' | 'open'>;

/** Port: for log and metrics. */
export interface IngestEvents {
  /** An object is kept that the index did not take; so many wait for it now. */
  unindexed(count: number, error: Error): void;
  /** So many of them are indexed now. */
  indexedLater(count: number): void;
  /** A rejection note was received and has taken effect. */
  rejectionNoted?(facts: {
    readonly callingAET: string;
    readonly sopInstanceUid: string;
    readonly code: string;
    readonly instances: number;
    readonly ownObjectsOnly: boolean;
  }): void;
  /** One call an object that ended. */
  ingested(facts: {
    readonly associationId: string | number | null;
    readonly callingAET: string;
    readonly address: string | null;
    readonly result: IngestResult['kind'];
    readonly sopInstanceUid: string;
    readonly sopClassUid: string;
    readonly transferSyntaxUid: string;
    readonly bytes: number;
    /** From the last fragment to the moment the response may be sent. */
    readonly ackMs: number;
    readonly reason?: { readonly code: string; readonly text: string };
  }): void;
}

export interface IngestOptions {
  readonly store: IngestStore;
  readonly index: ReceivingIndex;
  readonly events: IngestEvents;
  readonly rejections: RejectionRules;
  /** The index can no longer be trusted: stop acknowledging and end. Failed syncs of files come through the store's own callback. */
  readonly onFatal: (error: Error) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}
