/** A list of which some is withheld, newest first. */
export interface ShownList<T> {
  /** The rows after `last`; fewer than `size` at the end of the list. */
  readonly page: (last: T | undefined, size: number) => Promise<readonly T[]>;
  /** Port of disclosure control: those that may be shown. */
  readonly permitted: (rows: readonly T[]) => Promise<readonly T[]>;
  /** So many are wanted. */
  readonly limit: number;
  /** So many are looked at in vain; 0 for no end. */
  readonly mostWithheld: number;
}

const PAGE = { least: 500, most: 5000 };

/** The first rows that may be shown; undefined when too many would have to be looked at that may not. */
export async function firstShown<T>({ page, permitted, limit, mostWithheld }: ShownList<T>): Promise<T[] | undefined> {
  const shown: T[] = [];
  let withheld = 0;
  for (let last: T | undefined, size = Math.min(limit, PAGE.most); ; size = Math.max(size, PAGE.least)) {
    const rows = await page(last, size);
    const more = await permitted(rows);
    shown.push(...more);
    withheld += rows.length - more.length;
    if (shown.length >= limit || rows.length < size) return shown.slice(0, limit);
    if (mostWithheld > 0 && withheld > mostWithheld) return undefined;
    last = rows.at(-1);
  }
}
