import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findscu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { getStudies } from '../support/retrieve-client.ts';
import { rejectionNote, sendObjects, testObject } from '../support/test-objects.ts';
import type { TestObject } from '../support/test-objects.ts';

const CT = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', transferSyntaxUid: '1.2.840.10008.1.2.1' };
const KO = { ...CT, sopClassUid: '1.2.840.10008.5.1.4.1.1.88.59' };

/** A study of two CT series with two images each. */
function study(number: number): TestObject[] {
  const uid = `2.25.${number}`;
  return [1, 2, 3, 4].map((i) =>
    testObject({ study: uid, sop: `${uid}.1.${i}`, series: `${uid}.${i <= 2 ? 1 : 2}` }, []),
  );
}

let hospital: NodeProcess;
let national: NodeProcess;

beforeAll(async () => {
  const aes = [
    { aet: 'PACS', port: 1, options: ['--organisation', 'A'] },
    { aet: 'OTHER', port: 1, options: ['--organisation', 'B'] },
    { aet: 'QC', port: 1, options: ['--quality-control'] },
  ];
  [hospital, national] = await Promise.all([
    NodeProcess.start({ aes }),
    // What disclosure control would withhold is looked at elsewhere.
    NodeProcess.start({
      aes,
      sections: { node: { aeTitle: 'KUVA', role: 'national' }, disclosure: { enabled: false } },
    }),
  ]);
}, 180_000);
afterAll(async () => {
  await hospital?.[Symbol.asyncDispose]();
  await national?.[Symbol.asyncDispose]();
});

const find = async (node: NodeProcess, aet: string, level: string, ...keys: string[]) =>
  (await findscu(node.peer(aet), 'study', [`QueryRetrieveLevel=${level}`, ...keys])).matches;

/** What an AE sees of a study: counts of series and instances, modalities, instances that can be retrieved. */
async function view(node: NodeProcess, aet: string, studyUid: string): Promise<string> {
  const [row] = await find(
    node,
    aet,
    'STUDY',
    `StudyInstanceUID=${studyUid}`,
    'NumberOfStudyRelatedSeries',
    'NumberOfStudyRelatedInstances',
    'ModalitiesInStudy',
    'SOPClassesInStudy',
  );
  const images = [];
  for (const series of [1, 2, 9]) {
    const keys = [`StudyInstanceUID=${studyUid}`, `SeriesInstanceUID=${studyUid}.${series}`, 'SOPInstanceUID'];
    images.push(...(await find(node, aet, 'IMAGE', ...keys)));
  }
  const { received } = await getStudies(node.peer(aet), [studyUid], [CT, KO]);
  if (row === undefined) return `nothing, ${images.length} images, ${received.length} retrieved`;
  const classes = row.get('0008,0062')?.split('\\').length;
  return `${row.get('0020,1206')} series, ${row.get('0020,1208')} instances, ${row.get('0008,0061')}, ${classes} classes, ${images.length} images, ${received.length} retrieved`;
}

describe('a rejection note', () => {
  test('hides what it references from regular use, not from quality control', async () => {
    const objects = study(1);
    expect(await sendObjects(hospital.peer('PACS'), objects)).toEqual([0, 0, 0, 0]);
    expect(
      await sendObjects(hospital.peer('PACS'), [rejectionNote('2.25.1.8', '113001', objects.slice(0, 3))]),
    ).toEqual([0]);
    await expect.poll(() => hospital.output()).toContain('rejection note: what it names is hidden');
    expect(await view(hospital, 'PACS', '2.25.1')).toBe('1 series, 1 instances, CT, 1 classes, 1 images, 1 retrieved');
    expect(await view(hospital, 'QC', '2.25.1')).toBe(
      '3 series, 5 instances, CT\\KO, 2 classes, 5 images, 5 retrieved',
    );
    const series = await find(
      hospital,
      'PACS',
      'SERIES',
      'StudyInstanceUID=2.25.1',
      'SeriesInstanceUID',
      'NumberOfSeriesRelatedInstances',
    );
    expect(series.map((row) => [row.get('0020,000e'), row.get('0020,1209')])).toEqual([['2.25.1.2', '1']]);
  });

  test('a study of which nothing is left is not there; the objects themselves may come again and stay hidden', async () => {
    const objects = study(2);
    await sendObjects(hospital.peer('PACS'), [...objects, rejectionNote('2.25.2.8', '113037', objects)]);
    expect(await view(hospital, 'PACS', '2.25.2')).toBe('nothing, 0 images, 0 retrieved');
    expect(await sendObjects(hospital.peer('PACS'), objects)).toEqual([0, 0, 0, 0]);
    expect(await view(hospital, 'PACS', '2.25.2')).toBe('nothing, 0 images, 0 retrieved');
    expect(await view(hospital, 'QC', '2.25.2')).toContain('5 instances');
  });

  test('works before its objects, and after kill -9', async () => {
    const objects = study(3);
    expect(
      await sendObjects(hospital.peer('PACS'), [rejectionNote('2.25.3.8', '113038', objects.slice(0, 2))]),
    ).toEqual([0]);
    await hospital.kill();
    await hospital.start();
    expect(await sendObjects(hospital.peer('PACS'), objects)).toEqual([0, 0, 0, 0]);
    expect(await view(hospital, 'PACS', '2.25.3')).toBe('1 series, 2 instances, CT, 1 classes, 2 images, 2 retrieved');
  });

  test('of an expired retention is undone by a later occurrence', async () => {
    const objects = study(4);
    await sendObjects(hospital.peer('PACS'), [...objects, rejectionNote('2.25.4.8', '113039', objects)]);
    expect(await view(hospital, 'PACS', '2.25.4')).toBe('nothing, 0 images, 0 retrieved');
    await sendObjects(hospital.peer('PACS'), objects.slice(0, 1));
    expect(await view(hospital, 'PACS', '2.25.4')).toBe('1 series, 1 instances, CT, 1 classes, 1 images, 1 retrieved');
    const listed = await hospital.kuva('rejections', 'list', '--json', '--study', '2.25.4');
    expect(JSON.parse(listed.stdout)).toMatchObject({
      noteUid: '2.25.4.8',
      code: '113039',
      meaning: 'Data Retention Policy Expired',
      instances: 4,
      hidden: 3,
      missing: 0,
      reverted: 1,
    });
  });

  test('at the national node: a later occurrence is answered A771, another organisation rejects nothing', async () => {
    const objects = study(5);
    await sendObjects(national.peer('PACS'), objects);
    expect(await sendObjects(national.peer('OTHER'), [rejectionNote('2.25.5.7', '113037', objects)])).toEqual([0]);
    expect(await view(national, 'PACS', '2.25.5')).toContain('4 instances');
    await sendObjects(national.peer('PACS'), [rejectionNote('2.25.5.8', '113037', objects.slice(0, 2))]);
    expect(await view(national, 'PACS', '2.25.5')).toContain('2 instances');
    expect(await sendObjects(national.peer('PACS'), objects)).toEqual([0xa771, 0xa771, 0, 0]);
    // Other bytes under the rejected UID are refused as well, and set aside.
    const changed = testObject({ study: '2.25.5', sop: '2.25.5.1.1', modality: 'MR' });
    expect(await sendObjects(national.peer('PACS'), [changed])).toEqual([0xa771]);
  });

  test('is found again by a reindex', async () => {
    await hospital.stop();
    expect((await hospital.kuva('reindex')).code).toBe(0);
    await hospital.start();
    expect(await view(hospital, 'PACS', '2.25.1')).toBe('1 series, 1 instances, CT, 1 classes, 1 images, 1 retrieved');
    expect(await view(hospital, 'PACS', '2.25.4')).toBe('1 series, 1 instances, CT, 1 classes, 1 images, 1 retrieved');
    expect((await hospital.kuva('verify')).code).toBe(0);
    await hospital.stop();
    expect((await hospital.kuva('reindex', '--fresh')).code).toBe(0);
    await hospital.start();
    await hospital.addAe({ aet: 'QC', port: 1, options: ['--quality-control'] });
    expect(await view(hospital, 'ANYBODY', '2.25.1')).toBe(
      '1 series, 1 instances, CT, 1 classes, 1 images, 1 retrieved',
    );
    expect(await view(hospital, 'QC', '2.25.2')).toContain('5 instances');
  });
});
