import type { EgressFinding, EgressInstance } from '../../index/egress/egress-types.ts';

interface Problem {
  readonly code: string;
  readonly cause: string;
  readonly remedy: string;
  readonly first: string;
  count: number;
}

/** What keeps a study from being archived, counted by code; UIDs alone, since an archive's own words may name the patient. */
export class Problems {
  readonly #byCode = new Map<string, Problem>();
  #count = 0;

  add(instance: Pick<EgressInstance, 'sopInstanceUid'>, code: string, cause: string, remedy: string): void {
    this.#count += 1;
    const known = this.#byCode.get(code);
    if (known === undefined) this.#byCode.set(code, { code, cause, remedy, first: instance.sopInstanceUid, count: 1 });
    else known.count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** One a code, for a study of so many objects. */
  findings(studyInstanceUid: string, objects: number): EgressFinding[] {
    return [...this.#byCode.values()].map(({ code, cause, remedy, first, count }) => ({
      code,
      severity: 'error',
      cause: `${cause} (${count} of ${objects} objects, the first ${first})`,
      remedy,
      subject: `study:${studyInstanceUid}`,
    }));
  }
}
