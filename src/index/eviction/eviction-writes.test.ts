import { expect, test } from 'vitest';
import { openWriter } from '../database.ts';
import { packUid } from '../packed-uid.ts';
import { databaseFile, openIndex } from '../test-support/database-file.ts';

test('an instance whose file an eviction is about to remove stays evicted, whoever finds the file there', async () => {
  const path = databaseFile();
  const index = await openIndex(path);
  const db = openWriter(path);
  const row = db.prepare("INSERT INTO evicted_instance VALUES (?, ?, ?, 'national', '', 1, ?, x'00')");
  row.run(packUid('1.2.1'), packUid('1.2'), Buffer.alloc(32, 1), 0);
  row.run(packUid('1.2.2'), packUid('1.2'), Buffer.alloc(32, 2), 1);
  db.close();
  const left = async () => (await index.read('evictedAmong', ['1.2.1', '1.2.2'])).map((each) => each.sopInstanceUid);

  await index.write('evictRestored', ['1.2.1', '1.2.2']);
  expect(await left()).toEqual(['1.2.1']);
  await index.write('evictFilesGone', ['1.2.1']);
  await index.write('evictRestored', ['1.2.1']);
  expect(await left()).toEqual([]);
});
