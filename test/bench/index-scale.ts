// The index at size: fills a database through the writer's own code, multiplies that, then measures what the node does with it.
// node test/bench/index-scale.ts [--studies 1000000] [--path /tmp/kuva-scale/kuva.sqlite] [--queries 3000]
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { IndexService } from '../../src/index/index-service.ts';
import { findQuery } from '../../src/index/matching/find-query.ts';
import type { FindKey } from '../../src/index/matching/find-query.ts';
import { requiredTag } from '../../src/index/matching/key-table.ts';
import { fillScaleIndex } from './scale-index.ts';
import { scaleStudy } from './scale-study.ts';
import { instancesOfStudy } from './synthetic-studies.ts';

const { values } = parseArgs({
  options: {
    studies: { type: 'string', default: '1000000' },
    path: { type: 'string', default: '/tmp/kuva-scale/kuva.sqlite' },
    queries: { type: 'string', default: '3000' },
  },
});
const studies = Number(values.studies);
const queries = Number(values.queries);
const RETURNED = [
  'PatientName',
  'PatientID',
  'IssuerOfPatientID',
  'PatientBirthDate',
  'StudyInstanceUID',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'StudyDescription',
  'ModalitiesInStudy',
  'ReferringPhysicianName',
  'ProcedureCodeSequence',
  'NumberOfStudyRelatedSeries',
  'NumberOfStudyRelatedInstances',
].map(requiredTag);

fillScaleIndex(values.path, studies);
await measure(values.path, studies);

async function measure(path: string, count: number): Promise<void> {
  const started = performance.now();
  const index = await IndexService.open({ path, readers: 2 });
  console.log(`start-up ${(performance.now() - started).toFixed(0)} ms`);
  const totals = await timed('totals', () => index.totals());
  const bytes = statSync(path).size;
  console.log(totals, `${bytes} bytes of database, ${(bytes / totals.instances).toFixed(1)} an instance`);
  await timed('stats', () => index.stats());
  await timed('studies list', () => index.listStudies({ limit: 20 }));
  const pick = () => scaleStudy(studies, Math.floor(Math.random() * studies));
  const single = (keyword: string, value: string): FindKey => ({ tag: requiredTag(keyword), kind: 'single', value });
  await latency('C-FIND by patient id', () => find(index, single('PatientID', pick().patientId)));
  await latency('C-FIND by accession', () => find(index, single('AccessionNumber', pick().accession)));
  await latency('C-FIND by study UID', () => find(index, single('StudyInstanceUID', pick().studyUid)));
  await latency('select instances of a study', () =>
    drain(index.selectInstances({ level: 'STUDY', studyUids: [pick().studyUid] })),
  );
  await timed('C-FIND of one day', () => find(index, single('StudyDate', '20240102')));
  await timed('C-FIND of one day, one modality', () =>
    find(index, single('StudyDate', '20240103'), single('ModalitiesInStudy', 'CT')),
  );
  await timed('C-FIND by name prefix', () =>
    find(index, { tag: requiredTag('PatientName'), kind: 'wildcard', value: 'virtanen^anna m*' }),
  );
  await timed('C-FIND without an index', () =>
    find(index, { tag: requiredTag('StudyDescription'), kind: 'wildcard', value: '*nothing like it*' }),
  );
  const scan = find(index, { tag: requiredTag('StudyDescription'), kind: 'wildcard', value: '*nothing like it*' });
  await latency(
    'C-FIND by patient id during such a scan',
    () => find(index, single('PatientID', pick().patientId)),
    300,
  );
  await scan;
  const first = count + Math.floor(Date.now() / 1000) * 100_000;
  let next = 0;
  const addOne = async (): Promise<void> => {
    next += 1;
    const instance = instancesOfStudy(first + Math.floor(next / 5))[next % 5];
    if (instance === undefined) return;
    const { instanceId } = await index.addInstance(instance);
    index.markDurable(instanceId);
  };
  await latency('add of a lone instance', addOne, 1000);
  await latency('add, 16 at once', addOne, 20_000, 16);
  await index.cleanMark();
  await index.close();
}

async function find(index: IndexService, ...keys: FindKey[]): Promise<number> {
  return drain(index.find(findQuery({ root: 'STUDY', level: 'STUDY', keys, returnKeys: RETURNED })));
}

async function drain(batches: AsyncIterable<readonly unknown[]>): Promise<number> {
  let rows = 0;
  for await (const batch of batches) rows += batch.length;
  return rows;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  console.log(
    `${what}: ${(performance.now() - started).toFixed(1)} ms${typeof result === 'number' ? `, ${result} rows` : ''}`,
  );
  return result;
}

async function latency(what: string, work: () => Promise<unknown>, times = queries, atOnce = 1): Promise<void> {
  const taken: number[] = [];
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    for (let at = 0; at < times / atOnce; at += 1) {
      const started = performance.now();
      await work();
      taken.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const rate = Math.round(taken.length / ((performance.now() - begun) / 1000));
  taken.sort((a, b) => a - b);
  const [p50, p99, max] = [0.5, 0.99, 1].map((part) =>
    (taken[Math.min(taken.length - 1, Math.floor(taken.length * part))] ?? 0).toFixed(2),
  );
  console.log(`${what}: p50 ${p50} p99 ${p99} max ${max} ms (${taken.length} times, ${rate}/s)`);
}
