import { expect, test } from 'vitest';
import type { AeRow } from './index-types.ts';
import { openIndex } from './test-support/database-file.ts';

const AE: AeRow = {
  aet: 'PACS',
  host: 'pacs.example',
  port: 11112,
  tls: true,
  organisation: null,
  addresses: ['10.0.0.0/8', '::1/128'],
  calledAETs: [],
  services: ['find', 'move'],
  maxSubAssociations: 4,
  qualityControl: true,
  description: 'Röntgen',
  certificates: ['O=District, CN=PACS'],
};

test('an AE is put, replaced, listed and removed', async () => {
  const index = await openIndex();
  await index.aePut(AE);
  await index.aePut({ ...AE, port: 104 });
  await index.aePut({ ...AE, aet: 'CT1' });
  expect(await index.aeByTitle('PACS')).toEqual({ ...AE, port: 104 });
  expect((await index.aeList()).map((row) => row.aet)).toEqual(['CT1', 'PACS']);
  expect(await index.aeRemove('PACS')).toBe(true);
  expect(await index.aeRemove('PACS')).toBe(false);
  expect(await index.aeByTitle('PACS')).toBeUndefined();
});

test('a commitment task waits until its report is delivered or given up', async () => {
  const index = await openIndex();
  const task = {
    transactionUid: '1.2.3',
    callingAET: 'CT1',
    calledAET: 'KUVA',
    references: [{ sopClassUid: '1.2', sopInstanceUid: '1.3' }],
    requestedAt: 1000,
  };
  const id = await index.addCommitment(task);
  const other = await index.addCommitment({ ...task, callingAET: 'CT2' });
  await index.commitmentFailed(id, 'connection refused', 5000);
  expect(await index.pendingCommitments()).toEqual([
    { ...task, callingAET: 'CT2', id: other, attempts: 0, nextAttemptAt: 1000, lastError: '' },
    { ...task, id, attempts: 1, nextAttemptAt: 5000, lastError: 'connection refused' },
  ]);
  await index.commitmentFailed(id, 'connection refused', null);
  await index.commitmentDone(other);
  expect(await index.pendingCommitments()).toEqual([]);
  expect(await index.addCommitment(task), 'asked again, it starts over under its old id').toBe(id);
  expect(await index.pendingCommitments()).toMatchObject([{ id, attempts: 0, lastError: '' }]);
});
