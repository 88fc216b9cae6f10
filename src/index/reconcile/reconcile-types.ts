/** A study that an archive has, and what it must therefore show. */
export interface ReconcilableStudy {
  /** Job of its first version that was archived, to go on after. */
  readonly jobId: number;
  readonly studyInstanceUid: string;
  readonly destination: string;
  /** Title under which it was archived. */
  readonly callingAet: string;
  /** ms since 1970; null: never asked. */
  readonly askedAt: number | null;
  readonly instances: readonly {
    readonly sopInstanceUid: string;
    readonly seriesInstanceUid: string;
    /** Its file was given up here. */
    readonly evicted: boolean;
  }[];
}

export interface ReconcileResult {
  readonly studyInstanceUid: string;
  readonly destination: string;
  readonly at: number;
  readonly expected: number;
  readonly missing: number;
  readonly lost: number;
  readonly problem: string;
}

export interface ReconcileSummary {
  readonly destination: string;
  readonly studies: number;
  readonly whole: number;
  readonly toppedUp: number;
  readonly lost: number;
  readonly notAsked: number;
  readonly oldest: number | null;
  readonly newest: number | null;
}
