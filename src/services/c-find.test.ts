import { describe, expect, test } from 'vitest';
import {
  dataSetOf,
  decodeDataSet,
  encodeDataSet,
  getItems,
  getString,
  sequence,
  text,
  uid,
} from '../dicom/data-set.ts';
import type { DataSet, Element } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import { UID } from '../dicom/uids.ts';
import type { FindResponse } from '../dimse/command-types.ts';
import type { FindQuery, FindRow } from '../index/matching/find-query.ts';
import { PERMIT_ALL } from '../retrieve/disclosure-gate.ts';
import { GateThatPermits } from '../retrieve/test-support/gate-that-permits.ts';
import { createFind } from './c-find.ts';
import type { FindOptions } from './c-find.ts';

const TS = UID.ExplicitVRLittleEndian;

/** An index that gives these rows, ten a batch, and remembers what it was asked. */
class Rows {
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

const studies = (count: number, change: FindRow = {}): FindRow[] =>
  Array.from({ length: count }, (_, i) => ({
    [TAG.StudyInstanceUID]: `1.2.${i}`,
    [TAG.PatientName]: `Name^${i}`,
    ...change,
  }));

async function run(
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

const NAME = text(TAG.PatientName, 'PN', '', '');
const STUDY_UID = uid(TAG.StudyInstanceUID, '');

describe('C-FIND', () => {
  test('streams the matches and ends with success', async () => {
    const { pending, statuses, final } = await run(new Rows(studies(25)), [STUDY_UID, NAME]);
    expect(pending.length).toBe(25);
    expect(new Set(statuses)).toEqual(new Set([0xff00]));
    expect(final).toEqual({ code: 0 });
    expect(getString(pending[3]!, TAG.StudyInstanceUID, '')).toBe('1.2.3');
    expect(
      [TAG.QueryRetrieveLevel, TAG.RetrieveAETitle, TAG.InstanceAvailability].map((tag) =>
        getString(pending[3]!, tag, ''),
      ),
    ).toEqual(['STUDY', 'KUVA', 'ONLINE']);
  });

  test('tells how long it took, once, however it ended', async () => {
    const told: unknown[] = [];
    let time = 0;
    const answered = (level: string, ms: number) => told.push([level, ms]);
    const now = () => (time += 5);
    await run(new Rows(studies(3)), [STUDY_UID], { answered, now });
    await run(new Rows(studies(30)), [STUDY_UID], { answered, now, stopAfter: 2 });
    await run(new Rows(studies(3)), [STUDY_UID], { answered, now, limit: 1 });
    expect(told).toEqual(Array(3).fill(['STUDY', 5]));
  });

  test('a C-CANCEL stops it within one batch', async () => {
    const index = new Rows(studies(1000));
    const { pending, final } = await run(index, [STUDY_UID], { stopAfter: 15 });
    expect(final.code).toBe(0xfe00);
    expect(pending.length).toBe(15);
    expect(index.given).toBeLessThanOrEqual(20);
  });

  test('too many matches are refused with their number and none is given', async () => {
    const index = new Rows(studies(31));
    const { pending, final } = await run(index, [STUDY_UID], { limit: 30 });
    expect(final).toMatchObject({ code: 0xa700, errorComment: '31 matches, limit 30: narrow the query' });
    expect([pending.length, index.queries.length]).toEqual([0, 0]);
    expect((await run(new Rows(studies(30)), [STUDY_UID], { limit: 30 })).pending.length).toBe(30);
  });

  test('an unsupported optional key makes the pending status FF01', async () => {
    const { statuses } = await run(new Rows(studies(2)), [STUDY_UID, text(0x00181030, 'LO', 'protocol', '')]);
    expect(statuses).toEqual([0xff01, 0xff01]);
  });

  test.each([
    ['an unknown level', 'FRAME', [STUDY_UID], TAG.QueryRetrieveLevel],
    ['a series query without its study', 'SERIES', [uid(TAG.SeriesInstanceUID, '')], TAG.StudyInstanceUID],
  ])('%s is A900 with the key at fault', async (_name, level, keys, tag) => {
    const { final } = await run(new Rows([]), keys, { level });
    expect(final).toMatchObject({ code: 0xa900, offendingElement: [tag] });
    expect(final.errorComment).toMatch(/^(?:QueryRetrieveLevel|StudyInstanceUID) is /);
  });

  test('relational queries may leave the study out when that was negotiated', async () => {
    const { final } = await run(new Rows([]), [uid(TAG.SeriesInstanceUID, '')], {
      level: 'SERIES',
      extended: Buffer.from([1, 0, 0, 0]),
    });
    expect(final.code).toBe(0);
  });

  test('names that no asked set can hold come in UTF-8, plain ones without a set', async () => {
    const rows = [
      { [TAG.PatientName]: 'Žižka^Jan', [TAG.SpecificCharacterSet]: 'ISO_IR 101' },
      { [TAG.PatientName]: 'Đurđa^Š' },
      { [TAG.PatientName]: 'Plain^Name' },
    ];
    const { pending } = await run(new Rows(rows), [NAME]);
    const read = pending.map((ds) => {
      const charset = getString(ds, TAG.SpecificCharacterSet, '') ?? '';
      return [charset, getString(ds, TAG.PatientName, charset)];
    });
    expect(read).toEqual([
      ['ISO_IR 101', 'Žižka^Jan'],
      ['ISO_IR 192', 'Đurđa^Š'],
      ['', 'Plain^Name'],
    ]);
  });

  test.each([
    ['ISO_IR 999', ''],
    ['LATIN1', ''],
    ['ISO_IR 100', 'ISO_IR 100'],
    ['\\ISO 2022 IR 87', '\\ISO 2022 IR 87'],
  ])('asked in %j: plain names are answered in %j, and no unknown set is ever answered', async (asked, answered) => {
    const rows = [
      { [TAG.PatientName]: 'Plain^Name' },
      { [TAG.PatientName]: 'Đurđa^Š', [TAG.SpecificCharacterSet]: 'ISO_IR 998' },
    ];
    const { pending } = await run(new Rows(rows), [text(TAG.SpecificCharacterSet, 'CS', asked, ''), NAME]);
    expect(pending.map((ds) => getString(ds, TAG.SpecificCharacterSet, '') ?? '')).toEqual([answered, 'ISO_IR 192']);
  });

  test('sequences and numbers are encoded', async () => {
    const code = { [TAG.CodeValue]: 'ABC', [TAG.CodeMeaning]: 'Röntgen' };
    const { pending } = await run(new Rows(studies(1, { [TAG.ProcedureCodeSequence]: [code], [TAG.Rows]: '512' })), [
      STUDY_UID,
      sequence(TAG.ProcedureCodeSequence, []),
    ]);
    const [item] = getItems(pending[0]!, TAG.ProcedureCodeSequence);
    expect(getString(item!, TAG.CodeMeaning, 'ISO_IR 192')).toBe('Röntgen');
    const rows = pending[0]!.get(TAG.Rows)!;
    expect('bytes' in rows && rows.bytes.readUInt16LE()).toBe(512);
  });
});

describe('disclosure in C-FIND', () => {
  const permits = (uid: string): boolean => uid !== '1.2.1';

  test('a withheld study is absent, and what the gate needed is not returned unasked', async () => {
    const gate = new GateThatPermits(permits);
    const { pending, final } = await run(new Rows(studies(3)), [NAME], { gate });
    expect(pending.map((ds) => getString(ds, TAG.PatientName, ''))).toEqual(['Name^0', 'Name^2']);
    expect(pending.some((ds) => ds.has(TAG.StudyInstanceUID))).toBe(false);
    expect(final.code).toBe(0);
    expect(gate.revealed).toEqual(['1.2.0', '1.2.2', 2]);
  });

  test('a peer that leaves in the middle leaves on record what it asked', async () => {
    const gate = new GateThatPermits(permits);
    await run(new Rows(studies(3)), [NAME], { gate, leaveAfter: 1 });
    expect(gate.revealed).toEqual(['1.2.0', '1.2.2', 1]);
  });

  test('a patient is shown when one of the studies is, with the counts of those', async () => {
    const ids: Record<string, string[]> = { seen: ['1.2.1', '1.2.5'], hidden: ['1.2.1'] };
    const rows = Object.keys(ids).map((patient) => ({
      [TAG.PatientID]: patient,
      [TAG.NumberOfPatientRelatedStudies]: '2',
      [TAG.NumberOfPatientRelatedInstances]: '900',
    }));
    const gate = new GateThatPermits(permits, ({ patientId }) => ids[patientId] ?? []);
    const asked = [
      text(TAG.PatientID, 'LO', '', ''),
      text(TAG.NumberOfPatientRelatedStudies, 'IS', '', ''),
      text(TAG.NumberOfPatientRelatedInstances, 'IS', '', ''),
    ];
    const { pending } = await run(new Rows(rows), asked, { gate, level: 'PATIENT', model: UID.PatientRootFind });
    expect(
      pending.map((ds) => asked.map(({ tag }) => getString(ds, tag, ''))),
      'counts of what is permitted',
    ).toEqual([['seen', '1', '7']]);
    expect(gate.revealed).toEqual(['1.2.5', 1]);
  });

  test('too many matches are those that may be shown, and no number is told', async () => {
    const refused = await run(new Rows(studies(30)), [NAME], { gate: new GateThatPermits(permits), limit: 10 });
    expect(refused.final).toEqual({ code: 0xa700, errorComment: 'more than 10 matches: narrow the query' });
    const few = new GateThatPermits((uid) => uid === '1.2.7');
    const { pending, final } = await run(new Rows(studies(30)), [NAME], { gate: few, limit: 10 });
    expect([pending.length, final.code]).toEqual([1, 0]);
  });

  test('a withheld study that is named is not searched: neither a limit nor the time tells how much there is', async () => {
    const named = uid(TAG.StudyInstanceUID, '1.2.1');
    const instances = Array.from({ length: 1001 }, () => ({ [TAG.StudyInstanceUID]: '1.2.1' }));
    const index = new Rows(instances);
    const gate = new GateThatPermits(permits);
    const { pending, final } = await run(index, [named, uid(TAG.SeriesInstanceUID, '')], {
      gate,
      limit: 10,
      level: 'SERIES',
    });
    expect([pending.length, final, index.queries, gate.revealed]).toEqual([0, { code: 0 }, [], [0]]);
    const two = new Rows([{ [TAG.StudyInstanceUID]: '1.2.5' }]);
    await run(two, [uid(TAG.StudyInstanceUID, '1.2.1\\1.2.5')], {
      gate: new GateThatPermits(permits),
      level: 'SERIES',
      extended: Buffer.from([1, 0, 0, 0]),
    });
    expect(two.queries[0]?.keys).toEqual([{ tag: TAG.StudyInstanceUID, kind: 'list', values: ['1.2.5'] }]);
  });

  test('what is told of a patient beside who it is may come from a withheld study, and is told when there is none', async () => {
    const ids: Record<string, string[]> = { whole: ['1.2.0', '1.2.5'], part: ['1.2.1', '1.2.5'] };
    const rows = Object.keys(ids).map((patient) => ({
      [TAG.StudyInstanceUID]: '1.2.5',
      [TAG.PatientID]: patient,
      [TAG.PatientComments]: 'seen at the psychiatric ward',
      [TAG.OtherPatientIDsSequence]: [{ [TAG.PatientID]: 'LOCAL7' }],
    }));
    const gate = new GateThatPermits(permits, ({ patientId }) => ids[patientId] ?? []);
    const { pending } = await run(
      new Rows(rows),
      [
        text(TAG.PatientID, 'LO', '', ''),
        text(TAG.PatientComments, 'LT', '', ''),
        sequence(TAG.OtherPatientIDsSequence, []),
      ],
      { gate },
    );
    const told = pending.map((ds) => [
      getString(ds, TAG.PatientID, ''),
      getString(ds, TAG.PatientComments, ''),
      getItems(ds, TAG.OtherPatientIDsSequence).length,
    ]);
    expect(told).toEqual([
      ['whole', 'seen at the psychiatric ward', 1],
      ['part', '', 0],
    ]);
  });

  test('by what the peer says of itself nothing is matched or answered', async () => {
    const gate = new GateThatPermits(permits, undefined, 0x0040_1400);
    const rows = new Rows(studies(1));
    const { pending, statuses } = await run(rows, [NAME, text(0x0040_1400, 'LT', 'purpose=EMERGENCY ', '')], { gate });
    expect(gate.begun).toMatchObject([{ claim: 'purpose=EMERGENCY', operation: 'C-FIND', principal: 'who' }]);
    expect([statuses, pending[0]!.has(0x0040_1400)]).toEqual([[0xff00], false]);
  });
});
