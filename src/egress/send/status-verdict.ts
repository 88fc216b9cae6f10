import type { Profile } from '../../profile/profile.ts';

type Transfer = Profile['egress'];

/** What an answer to C-STORE means for the object, the study and the destination. */
export interface StatusVerdict {
  readonly code: number;
  readonly reaction: Transfer['statuses'][number]['reaction'];
  /** Other studies should wait as well. */
  readonly archiveInTrouble: boolean;
  /** Times in a row after which the study is held; undefined is no limit. */
  readonly attempts: number | undefined;
  readonly cause: string;
  readonly remedy: string;
}

/** Tells the archive's answers apart: by exact code, else by range. */
export class StatusVerdicts {
  readonly #exact: ReadonlyMap<number, Transfer['statuses'][number]>;
  readonly #ranges: Transfer['ranges'];

  constructor({ statuses, ranges }: Pick<Transfer, 'statuses' | 'ranges'>) {
    this.#exact = new Map(statuses.map((status) => [status.code, status]));
    this.#ranges = ranges;
  }

  of(code: number): StatusVerdict {
    // The profile's last range holds every code.
    const found = this.#exact.get(code) ?? this.#ranges.find(({ from, to }) => code >= from && code <= to)!;
    const { reaction, archiveInTrouble = false, attempts, cause, remedy } = found;
    return { code, reaction, archiveInTrouble, attempts, cause, remedy };
  }
}
