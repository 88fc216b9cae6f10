import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openWriter } from '../../src/index/database.ts';
import { GroupCommit } from '../../src/index/writer/group-commit.ts';
import { IndexWriter } from '../../src/index/writer/index-writer.ts';
import { copyDigits, multiplyIndex } from './multiply-index.ts';
import { accessionNumber, instancesOfStudy, patientId, studyUid } from './synthetic-studies.ts';

const COPIES = 25;

/** What a study of the big index is found by. */
export interface ScaleStudy {
  readonly patientId: string;
  readonly accession: string;
  readonly studyUid: string;
}

/** The n-th of that many studies of the big index. */
export function scaleStudy(studies: number, n: number): ScaleStudy {
  const base = Math.ceil(studies / COPIES);
  const [copy, study] = [Math.floor(n / base), n % base];
  const ofCopy = (original: string, digitsAt: number): string =>
    copy === 0 ? original : `${original.slice(0, digitsAt)}${copyDigits(copy)}${original.slice(digitsAt + 2)}`;
  return {
    patientId: ofCopy(patientId(study), 0),
    accession: ofCopy(accessionNumber(study), 1),
    studyUid: ofCopy(studyUid(study), 22),
  };
}

/** Makes a database of so many studies, five instances each, through the writer's own code and by multiplying that; keeps one that exists. */
export function fillScaleIndex(path: string, studies: number): void {
  const count = Math.ceil(studies / COPIES);
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
