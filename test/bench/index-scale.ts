// The index at size: fills a database through the writer's own code, multiplies that, then measures what the node does with it.
// node test/bench/index-scale.ts [--studies 1000000] [--path /tmp/kuva-scale/kuva.sqlite] [--queries 3000]
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { openWriter } from '../../src/index/database.ts';
import { IndexService } from '../../src/index/index-service.ts';
import { findQuery } from '../../src/index/matching/find-query.ts';
import type { FindKey } from '../../src/index/matching/find-query.ts';
import { requiredTag } from '../../src/index/matching/key-table.ts';
import { GroupCommit } from '../../src/index/writer/group-commit.ts';
import { IndexWriter } from '../../src/index/writer/index-writer.ts';
import { accessionNumber, instancesOfStudy, patientId, studyUid } from './synthetic-studies.ts';
import { copyDigits, multiplyIndex } from './multiply-index.ts';

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

const COPIES = 25;
const base = Math.ceil(studies / COPIES);

fill(values.path, base);
await measure(values.path, studies);

function fill(path: string, count: number): void {
  if (existsSync(path)) {
    console.log(`${path} exists: not filled again`);
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const db = openWriter(path);
  // A filling that is cut short is thrown away: no need to wait for the disk.
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -4000000');
  const group = new GroupCommit(db, new IndexWriter(db, { queue: false }));
  const started = performance.now();
  for (let first = 0; first < count; first += 2000) {
    const requests = Array.from({ length: Math.min(2000, count - first) }, (_, at) => instancesOfStudy(first + at))
      .flat()
      .map((instance, id) => ({ id, operation: 'addInstance' as const, args: [instance] }));
    const { outcomes } = group.run(requests);
    const failed = outcomes.find((outcome) => 'error' in outcome);
    if (failed !== undefined) throw new Error('filling failed', { cause: failed });
    if (first % 50_000 === 0) {
      db.pragma('wal_checkpoint(TRUNCATE)');
      console.log(`${first} studies, ${Math.round((performance.now() - started) / 1000)} s`);
    }
  }
  db.exec('DELETE FROM undurable');
  multiplyIndex(db, COPIES, (copy) =>
    console.log(`copy ${copy}, ${Math.round((performance.now() - started) / 1000)} s`),
  );
  db.pragma('wal_checkpoint(TRUNCATE)');
  const tables = db
    .prepare('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 24')
    .all();
  db.close();
  console.log(`filled in ${Math.round((performance.now() - started) / 1000)} s`);
  console.table(tables);
}

async function measure(path: string, count: number): Promise<void> {
  const started = performance.now();
  const index = await IndexService.open({ path, readers: 2 });
  console.log(`start-up ${(performance.now() - started).toFixed(0)} ms`);
  const totals = await timed('totals', () => index.totals());
  const bytes = statSync(path).size;
  console.log(totals, `${bytes} bytes of database, ${(bytes / totals.instances).toFixed(1)} an instance`);
  await timed('stats', () => index.stats());
  await timed('studies list', () => index.listStudies({ limit: 20 }));
  const pick = (): { copy: number; study: number } => ({
    copy: Math.floor(Math.random() * COPIES),
    study: Math.floor(Math.random() * base),
  });
  const single = (keyword: string, value: string): FindKey => ({ tag: requiredTag(keyword), kind: 'single', value });
  await latency('C-FIND by patient id', () => find(index, single('PatientID', copyOf(pick(), patientId, 0))));
  await latency('C-FIND by accession', () =>
    find(index, single('AccessionNumber', copyOf(pick(), accessionNumber, 1))),
  );
  await latency('C-FIND by study UID', () => find(index, single('StudyInstanceUID', copyOf(pick(), studyUid, 22))));
  await latency('select instances of a study', () =>
    drain(index.selectInstances({ level: 'STUDY', studyUids: [copyOf(pick(), studyUid, 22)] })),
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
    () => find(index, single('PatientID', copyOf(pick(), patientId, 0))),
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

function copyOf(
  pick: { copy: number; study: number },
  identifier: (study: number) => string,
  digitsAt: number,
): string {
  const original = identifier(pick.study);
  return pick.copy === 0
    ? original
    : `${original.slice(0, digitsAt)}${copyDigits(pick.copy)}${original.slice(digitsAt + 2)}`;
}
