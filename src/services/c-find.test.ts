import { describe, expect, test } from 'vitest';
import { getItems, getString, sequence, text, uid } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import { Rows, runFind, studies } from './test-support/run-find.ts';

const NAME = text(TAG.PatientName, 'PN', '', '');
const STUDY_UID = uid(TAG.StudyInstanceUID, '');

describe('C-FIND', () => {
  test('streams the matches and ends with success', async () => {
    const { pending, statuses, final } = await runFind(new Rows(studies(25)), [STUDY_UID, NAME]);
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
    await runFind(new Rows(studies(3)), [STUDY_UID], { answered, now });
    await runFind(new Rows(studies(30)), [STUDY_UID], { answered, now, stopAfter: 2 });
    await runFind(new Rows(studies(3)), [STUDY_UID], { answered, now, limit: 1 });
    expect(told).toEqual(Array(3).fill(['STUDY', 5]));
  });

  test('a C-CANCEL stops it within one batch', async () => {
    const index = new Rows(studies(1000));
    const { pending, final } = await runFind(index, [STUDY_UID], { stopAfter: 15 });
    expect(final.code).toBe(0xfe00);
    expect(pending.length).toBe(15);
    expect(index.given).toBeLessThanOrEqual(20);
  });

  test('too many matches are refused with their number and none is given', async () => {
    const index = new Rows(studies(31));
    const { pending, final } = await runFind(index, [STUDY_UID], { limit: 30 });
    expect(final).toMatchObject({ code: 0xa700, errorComment: '31 matches, limit 30: narrow the query' });
    expect([pending.length, index.queries.length]).toEqual([0, 0]);
    expect((await runFind(new Rows(studies(30)), [STUDY_UID], { limit: 30 })).pending.length).toBe(30);
  });

  test('an unsupported optional key makes the pending status FF01', async () => {
    const { statuses } = await runFind(new Rows(studies(2)), [STUDY_UID, text(0x00181030, 'LO', 'protocol', '')]);
    expect(statuses).toEqual([0xff01, 0xff01]);
  });

  test.each([
    ['an unknown level', 'FRAME', [STUDY_UID], TAG.QueryRetrieveLevel],
    ['a series query without its study', 'SERIES', [uid(TAG.SeriesInstanceUID, '')], TAG.StudyInstanceUID],
  ])('%s is A900 with the key at fault', async (_name, level, keys, tag) => {
    const { final } = await runFind(new Rows([]), keys, { level });
    expect(final).toMatchObject({ code: 0xa900, offendingElement: [tag] });
    expect(final.errorComment).toMatch(/^(?:QueryRetrieveLevel|StudyInstanceUID) is /);
  });

  test('relational queries may leave the study out when that was negotiated', async () => {
    const { final } = await runFind(new Rows([]), [uid(TAG.SeriesInstanceUID, '')], {
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
    const { pending } = await runFind(new Rows(rows), [NAME]);
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
    const { pending } = await runFind(new Rows(rows), [text(TAG.SpecificCharacterSet, 'CS', asked, ''), NAME]);
    expect(pending.map((ds) => getString(ds, TAG.SpecificCharacterSet, '') ?? '')).toEqual([answered, 'ISO_IR 192']);
  });

  test('sequences and numbers are encoded', async () => {
    const code = { [TAG.CodeValue]: 'ABC', [TAG.CodeMeaning]: 'Röntgen' };
    const { pending } = await runFind(
      new Rows(studies(1, { [TAG.ProcedureCodeSequence]: [code], [TAG.Rows]: '512' })),
      [STUDY_UID, sequence(TAG.ProcedureCodeSequence, [])],
    );
    const [item] = getItems(pending[0]!, TAG.ProcedureCodeSequence);
    expect(getString(item!, TAG.CodeMeaning, 'ISO_IR 192')).toBe('Röntgen');
    const rows = pending[0]!.get(TAG.Rows)!;
    expect('bytes' in rows && rows.bytes.readUInt16LE()).toBe(512);
  });
});
