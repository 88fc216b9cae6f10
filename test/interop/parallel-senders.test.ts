import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findscu } from '../support/dcmtk.ts';
import { DERIVED_STUDY, deriveStudy } from '../support/derive-sample.ts';
import { NodeProcess } from '../support/node-process.ts';
import { sendWithOwnRequestor } from '../support/own-sender.ts';
import { filesBelow } from '../support/store-tree.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';

const COUNT = 24;
let node: NodeProcess;
let dir: TempDir;

beforeAll(async () => {
  node = await NodeProcess.start();
  dir = await tempDir();
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

test('eight associations that write one study at once, each object twice, make one study with right counts', async () => {
  const files = await deriveStudy(dir, 'test_files/CT_small.dcm', COUNT);
  // The same four parts in either order, so that both copies of an object may well meet.
  const parts = [0, 1, 2, 3].map((part) => files.filter((_, at) => at % 4 === part));
  const lanes = parts.flatMap((part) => [part, part.toReversed()]);
  const statuses = await Promise.all(lanes.map((lane) => sendWithOwnRequestor(node.peer('SCU'), lane)));
  expect(statuses.flat()).toEqual(Array(2 * COUNT).fill(0));

  const counts = ['NumberOfStudyRelatedSeries', 'NumberOfStudyRelatedInstances', 'ModalitiesInStudy'];
  const { matches } = await findscu(node.peer('SCU'), 'study', [
    'QueryRetrieveLevel=STUDY',
    `StudyInstanceUID=${DERIVED_STUDY}`,
    ...counts,
  ]);
  expect(matches.map((row) => ['0020,1206', '0020,1208', '0008,0061'].map((tag) => row.get(tag)))).toEqual([
    ['1', String(COUNT), 'CT'],
  ]);
  const [status] = (await node.kuva('status', '--json')).stdout.trim().split('\n');
  expect(JSON.parse(status!)).toMatchObject({
    totals: { patients: 1, studies: 1, series: 1, instances: COUNT, duplicates: COUNT, conflicts: 0 },
  });
  expect(filesBelow(join(node.storageRoot, 'objects')).length).toBe(COUNT);
  expect((await node.kuva('verify')).code).toBe(0);
});
