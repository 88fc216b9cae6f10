import type { ConflictRow, DropResult, NewInstance, Suspect } from '../index/index-types.ts';
import type { ObjectStore } from '../store/object-store.ts';

/** Port: the index, as recovery needs it. */
export interface RecoveryIndex {
  /** Instances and kept conflicts whose file was not known to be on the disk when the process ended. */
  suspects(): Promise<readonly Suspect[]>;
  dropInstance(instanceId: number): Promise<DropResult>;
  markDurable(instanceId: number): void;
  /** Those of the given objects that a row names. */
  indexedObjects(sha256: readonly string[]): Promise<ReadonlySet<string>>;
  /** Bytes kept as a conflict of an instance that is gone, oldest first. */
  unservedConflicts(): Promise<readonly ConflictRow[]>;
}

/** What the bytes do not tell about an object. `receivedAt` in milliseconds since 1970. */
export type Provenance = Pick<NewInstance, 'callingAET' | 'organisation' | 'receivedAt'>;

export interface RecoveryOptions {
  readonly store: Pick<
    ObjectStore,
    'strayableSince' | 'confirm' | 'stat' | 'setAside' | 'remove' | 'files' | 'emptySpool' | 'recovered'
  >;
  readonly index: RecoveryIndex;
  /** Indexes an object of the tree that has been verified. */
  readonly adopt: (sha256: string, size: number, known: Provenance) => Promise<unknown>;
  /** Nobody adds objects meanwhile. Otherwise nothing is dropped, moved or removed: it may be somebody's who is at work. */
  readonly alone?: boolean;
  /** More strays than this were not left by one crash: the index does not belong to this tree, and `kuva reindex` is due. */
  readonly maxStrays?: number;
}

export interface RecoveryReport {
  readonly verified: number;
  /** Rows whose file was missing or torn: dropped. None of them had been acknowledged, unless the disk lost what it had confirmed. */
  readonly dropped: readonly {
    readonly instanceId: number;
    readonly sha256: string;
    readonly code: string;
    readonly setAside: string | null;
  }[];
  /** Left as they were, for the next start: they could not be read, or an import may be at work on them. */
  readonly left: readonly { readonly sha256: string; readonly code: string }[];
  readonly strays: number;
  /** Directories or files of the tree that could not be looked at; strays in them wait for a start that can. */
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
  /** Strays were found and left: `kuva reindex` takes them in. */
  readonly straysLeft: boolean;
  /** Whole files without a row, and conflicts without a served instance, that are indexed now. */
  readonly adopted: number;
}
