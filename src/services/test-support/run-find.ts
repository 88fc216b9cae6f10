import { dataSetOf, decodeDataSet, encodeDataSet, text } from '../../dicom/data-set.ts';
import type { DataSet, Element } from '../../dicom/data-set.ts';
import { TAG } from '../../dicom/tags.ts';
import { UID } from '../../dicom/uids.ts';
import type { FindResponse } from '../../dimse/command-types.ts';
import type { FindQuery, FindRow } from '../../index/matching/find-query.ts';
import { PERMIT_ALL } from '../../retrieve/disclosure-gate.ts';
import { createFind } from '../c-find.ts';
import type { FindOptions } from '../c-find.ts';

const TS = UID.ExplicitVRLittleEndian;

/** An index that gives these rows, ten a batch, and remembers what it was asked. */
export class Rows {
  readonly queries: FindQuery[] = [];
  given = 0;
  readonly #rows: readonly FindRow[];

  constructor(rows: readonly FindRow[]) {
    this.#rows = rows;
  }

  async *find(query: FindQuery): AsyncGenerator<FindRow[]> {
    this.queries.push(query);
    for (let start = 0; start < this.#rows.length; start += 10) {
      const batch = this.#rows.slice(start, start + 10);
      this.given += batch.length;
      yield batch;
    }
  }

  countMatches(_query: FindQuery, limit: number): Promise<number> {
    return Promise.resolve(Math.min(limit, this.#rows.length));
  }
}

export const studies = (count: number, change: FindRow = {}): FindRow[] =>
  Array.from({ length: count }, (_, i) => ({
    [TAG.StudyInstanceUID]: `1.2.${i}`,
    [TAG.PatientName]: `Name^${i}`,
    ...change,
  }));

/** Runs one C-FIND through the service. */
export async function runFind(
  index: FindOptions['index'],
  keys: Element[],
  options: Partial<FindOptions> & {
    model?: string;
    level?: string;
    stopAfter?: number;
    leaveAfter?: number;
    extended?: Buffer;
  } = {},
): Promise<{ pending: DataSet[]; statuses: number[]; final: FindResponse['status'] }> {
  const cancel = new AbortController();
  const find = createFind({
    index,
    gate: PERMIT_ALL,
    limit: 0,
    retrieveAet: 'KUVA',
    answered: () => undefined,
    now: () => 0,
    ...options,
  });
  const identifier = encodeDataSet(
    dataSetOf(text(TAG.QueryRetrieveLevel, 'CS', options.level ?? 'STUDY', ''), ...keys),
    TS,
  );
  const pc = {
    id: 1,
    abstractSyntax: options.model ?? UID.StudyRootFind,
    transferSyntax: TS,
    role: { scu: false, scp: true },
    extended: options.extended,
  };
  const assoc = { principal: 'who', signal: new AbortController().signal } as Parameters<typeof find>[0];
  const command = { command: 'C-FIND-RQ', MessageID: 1, Priority: 0, AffectedSOPClassUID: pc.abstractSyntax } as const;
  const pending: DataSet[] = [];
  const statuses: number[] = [];
  const responses = find(assoc, pc, command, identifier, cancel.signal)[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await responses.next();
    if (done === true) return { pending, statuses, final: value!.status };
    statuses.push(value.status.code);
    pending.push(decodeDataSet(value.identifier!, TS));
    if (pending.length === options.stopAfter) cancel.abort();
    if (pending.length === options.leaveAfter) {
      await responses.return?.();
      return { pending, statuses, final: { code: -1 } };
    }
  }
}
