import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IndexService } from '../index-service.ts';
import type { NewInstance } from '../index-types.ts';
import { findQuery } from '../matching/find-query.ts';
import type { FindQuery, FindRow, QueryLevel } from '../matching/find-query.ts';
import { requiredTag } from '../matching/key-table.ts';
import { allOf, openIndex } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';

const LEVELS: readonly QueryLevel[] = ['STUDY', 'SERIES', 'IMAGE'];
const RETURNED = [
  'StudyInstanceUID',
  'SeriesInstanceUID',
  'SOPInstanceUID',
  'PatientID',
  'PatientName',
  'StudyDate',
  'StudyDescription',
  'AccessionNumber',
  'ModalitiesInStudy',
  'SOPClassesInStudy',
  'NumberOfStudyRelatedSeries',
  'NumberOfStudyRelatedInstances',
  'NumberOfSeriesRelatedInstances',
  'SeriesDescription',
].map(requiredTag);

const query = (level: QueryLevel): FindQuery => findQuery({ root: 'STUDY', level, keys: [], returnKeys: RETURNED });

const STUDY = requiredTag('StudyInstanceUID');
const studyOf = (row: FindRow): string => JSON.stringify(row[STUDY]).slice(1, -1);
const sorted = (rows: readonly FindRow[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

/** Of all that is there, what one run has brought. */
async function rowsOf(run: number, index: Pick<IndexService, 'find'>, level: QueryLevel): Promise<FindRow[]> {
  const rows = await allOf(index.find(query(level)));
  return rows.filter((row) => studyOf(row).startsWith(`1.2.${run}.`));
}

/** What an organisation is told that may see nothing but its own. */
async function toldTo(organisation: string, index: IndexService, level: QueryLevel, run: number): Promise<string[]> {
  const view = index.guestView(organisation);
  const inView = new Set((await view?.read('guestStudies'))?.map(({ studyInstanceUid }) => studyInstanceUid));
  const rows = await rowsOf(run, index, level);
  const facts = await index.read('disclosureOfStudies', [...new Set(rows.map((row) => studyOf(row)))], 'all');
  const own = new Set(
    facts.studies.filter((study) => study.organisation === organisation).map((study) => study.studyInstanceUid),
  );
  const ofView = view === undefined ? [] : await rowsOf(run, view, level);
  return sorted([...rows.filter((row) => own.has(studyOf(row)) && !inView.has(studyOf(row))), ...ofView]);
}

const sent = (organisation: string, [study, series, sop, variant]: readonly number[], run = 0): NewInstance =>
  newInstance({
    study: `1.2.${run}.${study}`,
    series: `1.2.${run}.${study}.${series}`,
    sop: `1.9.${run}.${sop}`,
    bytes: `${run} ${sop} ${variant} ${variant === 0 ? '' : organisation}`,
    organisation,
    callingAET: organisation,
    attributes: {
      StudyInstanceUID: `1.2.${run}.${study}`,
      SeriesInstanceUID: `1.2.${run}.${study}.${series}`,
      PatientID: `P${run}.${variant}`,
      PatientName: `${organisation}^${variant}`,
      StudyDescription: `${organisation} ${variant}`,
      SeriesDescription: `${organisation} ${variant}`,
      Modality: variant === 2 ? 'MR' : 'CT',
    },
  });

test('a guest is told what it would be told if others had sent nothing, and they what they would be without it', async () => {
  const object = fc.tuple(fc.nat(2), fc.nat(1), fc.nat(4), fc.nat(2));
  const objects = fc.array(object, { minLength: 1, maxLength: 8 });
  await using both = await openIndex(undefined, 1, true);
  await using alone = await openIndex(undefined, 1, true);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(objects, objects, async (ofA, ofB) => {
      run += 1;
      for (const each of ofA) await both.addInstance(sent('A', each, run));
      for (const each of ofB) {
        await both.addInstance(sent('B', each, run));
        // A view that is there already takes in what comes.
        await both.guestView('B')?.read('guestStudies');
        await alone.addInstance(sent('B', each, run));
      }
      for (const level of LEVELS)
        expect(await toldTo('B', both, level, run), level).toEqual(sorted(await rowsOf(run, alone, level)));
    }),
    { numRuns: 80 },
  );
  expect(both.guestView('A')).toBeUndefined();
}, 120_000);

test('of the three ways of meeting a foreign UID each is answered with what was sent, under its own id', async () => {
  await using index = await openIndex(undefined, 1, true);
  await index.addInstance(sent('A', [1, 1, 1, 0]));
  const joined = sent('B', [1, 1, 2, 0]);
  const conflict = sent('B', [1, 1, 1, 1]);
  const same = sent('B', [1, 1, 1, 0]);
  const ids = new Map<string, number>();
  for (const each of [joined, conflict, same]) {
    const added = await index.addInstance(each);
    expect(added.guestOf).toBe('B');
    ids.set(each.sha256, added.instanceId);
  }
  const view = index.guestView('B')!;
  const refs = await allOf(view.selectInstances({ level: 'STUDY', studyUids: ['1.2.0.1'] }));
  // The first bytes that it sent under a UID are those it is served.
  const told = refs.map(({ sopInstanceUid, sha256, instanceId }) => [sopInstanceUid, sha256, instanceId] as const);
  expect(told.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
    ['1.9.0.1', conflict.sha256, ids.get(conflict.sha256)],
    ['1.9.0.2', joined.sha256, ids.get(joined.sha256)],
  ]);
  const facts = await view.read('disclosureOfStudies', ['1.2.0.1'], 'all');
  expect(facts.studies).toMatchObject([{ organisation: 'B', patientId: 'P0.0' }]);
});

test('what has lost its bytes is told of no more, also after a start', async () => {
  const index = await openIndex(undefined, 1, true);
  await index.addInstance(sent('A', [1, 1, 1, 0]));
  const { instanceId } = await index.addInstance(sent('B', [1, 1, 2, 0]));
  const images = async () => (await allOf(index.guestView('B')!.find(query('IMAGE')))).length;
  expect(await images()).toBe(1);
  await index.dropInstance(instanceId);
  expect(await images()).toBe(0);
  await index.addInstance(sent('B', [1, 1, 2, 0]));
  expect(await images()).toBe(1);
});

test('its own rejection note hides it, another one’s does not', async () => {
  await using index = await openIndex(undefined, 1, true);
  await index.addInstance(sent('A', [1, 1, 1, 0]));
  await index.addInstance(sent('B', [1, 1, 2, 0]));
  const view = index.guestView('B')!;
  const visible = async () => (await allOf(view.find(query('STUDY')))).length;
  const note = (organisation: string, sop: string): NewInstance => ({
    ...newInstance({ study: `1.7.${sop}`, sop: `1.7.${sop}.1`, organisation }),
    rejects: {
      code: '113001',
      later: 'hide',
      ownObjectsOnly: true,
      references: [{ studyInstanceUid: '1.2.0.1', sopInstanceUid: '1.9.0.2' }],
    },
  });
  await index.addInstance(note('A', '1'));
  expect(await visible()).toBe(1);
  await index.addInstance(note('B', '2'));
  expect(await visible()).toBe(0);
});
