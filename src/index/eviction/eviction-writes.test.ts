import { expect, test } from 'vitest';
import { openWriter } from '../database.ts';
import { packUid } from '../packed-uid.ts';
import { openQueuedIndex } from '../test-support/queue-fixture.ts';
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

test('a study that is on its way to an archive is not evicted, though another archive has it', async () => {
  const queue = openQueuedIndex();
  await queue.add('1.2.3', '1');
  await queue.queueAll();
  const { index, db } = queue;
  db.exec(
    "UPDATE egress_job SET state = 'ARCHIVED'; UPDATE egress_instance SET state = 'COMMITTED'; DELETE FROM undurable",
  );
  await index.write('queueBackfill', 0, { destinations: ['second'], at: 1, limit: 10 });
  db.exec('DELETE FROM egress_changed');
  const { sha256 } = (await index.read('evictableInstances', '1.2.3'))[0]!;
  const instances = [{ sopInstanceUid: '1.2.3.1.1', sha256, described: new Uint8Array([0]) }];
  const told = { at: 1, failed: false, message: 'gone' };
  const eviction = {
    studyInstanceUid: '1.2.3',
    destination: 'national',
    callingAet: '',
    evictedAt: 1,
    instances,
    audited: [told],
  };
  const evicting = index.write('evictStudy', { ...eviction, archives: ['national', 'second'] });
  await expect(evicting).rejects.toMatchObject({ code: 'EVICTION_REFUSED' });
  expect(await index.read('auditWaiting', 0, 9)).toEqual([]);
  await index.write('evictStudy', { ...eviction, archives: ['national'] });
  expect(await index.read('evictedAmong', ['1.2.3.1.1'])).toHaveLength(1);
  // The audit trail knows it by the same transaction.
  expect(await index.read('auditWaiting', 0, 9)).toMatchObject([told]);
});
