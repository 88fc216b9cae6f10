import type { ReconcileCount } from '../index/documents/document-types.ts';

export interface OverdueAlarmOptions {
  readonly index: { read(operation: 'reconcileCounts', before: number): Promise<ReconcileCount[]> };
  readonly deadlineMs: number;
  readonly clock: () => number;
  readonly onCount: (count: ReconcileCount) => void;
  /** By kind how much is overdue, when there is more than before. */
  readonly onOverdue: (counts: Readonly<Record<string, number>>) => void;
}

/** Tells how much waits for a person, and raises its voice when more is beyond the deadline than when it last did. */
export class OverdueAlarm {
  readonly #o: OverdueAlarmOptions;
  readonly #told = new Map<string, number>();

  constructor(options: OverdueAlarmOptions) {
    this.#o = options;
  }

  async look(): Promise<void> {
    const counts = await this.#o.index.read('reconcileCounts', this.#o.clock() - this.#o.deadlineMs);
    let more = false;
    for (const count of counts) {
      this.#o.onCount(count);
      if (count.overdue > (this.#told.get(count.kind) ?? 0)) more = true;
      this.#told.set(count.kind, count.overdue);
    }
    if (more) this.#o.onOverdue(Object.fromEntries(counts.map(({ kind, overdue }) => [kind, overdue])));
  }
}
