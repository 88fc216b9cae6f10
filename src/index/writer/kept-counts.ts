import type { SqliteDatabase, SqliteStatement } from '../database.ts';

interface Count {
  studies: number;
  series: number;
  instances: number;
  bytes: number;
}

interface StudyChange extends Count {
  receivedAt: number;
  flags: number;
}

/** What one new instance adds to the kept counts. */
export interface CountedInstance {
  readonly studyFk: number;
  readonly seriesFk: number;
  readonly bucketId: number;
  readonly newStudy: boolean;
  readonly newSeries: boolean;
  readonly size: number;
  readonly receivedAt: number;
}

/**
 * Counts are summed for a whole batch and written once before its commit: a burst of one series costs three
 * updates, not three an instance.
 */
export class KeptCounts {
  readonly #studies = new Map<number, StudyChange>();
  readonly #series = new Map<number, Count>();
  readonly #buckets = new Map<number, Count>();
  readonly #updateStudy: SqliteStatement;
  readonly #updateSeries: SqliteStatement;
  readonly #updateBucket: SqliteStatement;

  constructor(db: SqliteDatabase) {
    this.#updateStudy = db.prepare(
      `UPDATE study SET num_series = num_series + ?, num_instances = num_instances + ?, bytes = bytes + ?,
       last_received_at = CASE WHEN ? > last_received_at THEN ? ELSE last_received_at END, flags = flags | ? WHERE id = ?`,
    );
    this.#updateSeries = db.prepare(
      'UPDATE series SET num_instances = num_instances + ?, bytes = bytes + ? WHERE id = ?',
    );
    this.#updateBucket = db.prepare(
      'UPDATE bucket SET studies = studies + ?, series = series + ?, instances = instances + ?, bytes = bytes + ? WHERE id = ?',
    );
  }

  add(instance: CountedInstance): void {
    const series = instance.newSeries ? 1 : 0;
    const study = this.#study(instance.studyFk);
    study.series += series;
    study.instances += 1;
    study.bytes += instance.size;
    study.receivedAt = Math.max(study.receivedAt, instance.receivedAt);
    add(this.#series, instance.seriesFk, { studies: 0, series: 0, instances: 1, bytes: instance.size });
    this.addToBucket(instance.bucketId, {
      studies: instance.newStudy ? 1 : 0,
      series,
      instances: 1,
      bytes: instance.size,
    });
  }

  addToBucket(bucketId: number, count: Count): void {
    add(this.#buckets, bucketId, count);
  }

  mark(studyFk: number, flags: number): void {
    this.#study(studyFk).flags |= flags;
  }

  flush(): void {
    for (const [id, count] of this.#series) this.#updateSeries.run(count.instances, count.bytes, id);
    for (const [id, count] of this.#studies) {
      this.#updateStudy.run(
        count.series,
        count.instances,
        count.bytes,
        count.receivedAt,
        count.receivedAt,
        count.flags,
        id,
      );
    }
    for (const [id, count] of this.#buckets)
      this.#updateBucket.run(count.studies, count.series, count.instances, count.bytes, id);
    this.forget();
  }

  forget(): void {
    this.#studies.clear();
    this.#series.clear();
    this.#buckets.clear();
  }

  #study(id: number): StudyChange {
    let change = this.#studies.get(id);
    if (change === undefined) {
      change = { studies: 0, series: 0, instances: 0, bytes: 0, receivedAt: 0, flags: 0 };
      this.#studies.set(id, change);
    }
    return change;
  }
}

function add(counts: Map<number, Count>, id: number, by: Count): void {
  const count = counts.get(id);
  if (count === undefined) {
    counts.set(id, { ...by });
    return;
  }
  count.studies += by.studies;
  count.series += by.series;
  count.instances += by.instances;
  count.bytes += by.bytes;
}
