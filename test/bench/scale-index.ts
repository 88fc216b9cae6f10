import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openWriter } from '../../src/index/database.ts';
import { GroupCommit } from '../../src/index/writer/group-commit.ts';
import { IndexWriter } from '../../src/index/writer/index-writer.ts';
import { multiplyIndex } from './multiply-index.ts';
import { COPIES } from './scale-study.ts';
import { instancesOfStudy } from './synthetic-studies.ts';

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
  const group = new GroupCommit(db, new IndexWriter(db, { queue: false, underControl: false }));
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
  // An archive that has grown to this size has been followed all along.
  const followed = 'UPDATE document_progress SET last_instance_id = (SELECT max(id) FROM instance)';
  multiplyIndex(db, COPIES, (copy) =>
    console.log(`copy ${copy}, ${Math.round((performance.now() - started) / 1000)} s`),
  );
  db.exec(followed);
  db.pragma('wal_checkpoint(TRUNCATE)');
  const tables = db
    .prepare('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 24')
    .all();
  db.close();
  console.log(`filled in ${Math.round((performance.now() - started) / 1000)} s`);
  console.table(tables);
}
