/** What a later occurrence of a rejected object meets: it is kept and hidden, refused, or undoes the rejection. */
export type LaterOccurrence = 'hide' | 'refuse' | 'restore';

/** A received rejection note, as far as the index goes. */
export interface RejectionNote {
  /** Title: 113001, 113037, 113038 or 113039 (PS3.16 CID 7011). */
  readonly code: string;
  readonly later: LaterOccurrence;
  /** Whether only objects of the note's own organisation are rejected by it. */
  readonly ownObjectsOnly: boolean;
  readonly references: readonly { readonly studyInstanceUid: string; readonly sopInstanceUid: string }[];
}

/** One note and what has become of what it names. */
export interface RejectionSummary {
  readonly noteUid: string;
  readonly code: string;
  readonly studyInstanceUid: string;
  readonly notedAt: number;
  /** null: objects of anybody */
  readonly organisation: string | null;
  readonly instances: number;
  readonly hidden: number;
  /** Not here, or not of this organisation. */
  readonly missing: number;
  /** Came again and are shown again. */
  readonly reverted: number;
}
