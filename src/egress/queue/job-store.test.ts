import { expect, test } from 'vitest';
import { openQueuedIndex } from '../../index/test-support/queue-fixture.ts';
import { JobStore } from './job-store.ts';

test('a job goes all the way, and every step of its custody is there', async () => {
  const queue = openQueuedIndex();
  const store = new JobStore(queue.index, queue.now);
  await queue.add('1.2.3', '1');
  await queue.add('1.2.3', '2');
  await queue.queueAll();
  const [queued] = await queue.jobs('1.2.3');
  if (queued === undefined) throw new Error('no job');
  expect(queued).toMatchObject({
    state: 'QUEUED',
    version: 1,
    instances: 2,
    bytes: 2000,
    callingAet: 'KUVA',
    priority: 1,
  });

  const sending = await store.move(queued, { to: 'SENDING', code: 'START', reason: '' });
  const sends = (await store.instances(queued)).map(({ sopInstanceUid }) => ({
    sopInstanceUid,
    state: 'SENT' as const,
    sentAt: queue.now(),
    status: 0,
    errorComment: '',
  }));
  await store.recordSends(sending, sends);
  const sent = await store.move(sending, { to: 'SENT', code: '0000', reason: '2 instances' });
  const commitment = { transactionUid: '2.25.1', requestedAt: queue.now(), instances: 2, answerBy: queue.now() + 1000 };
  const pending = await store.move(sent, { to: 'COMMIT_PENDING', code: 'ASKED', reason: '' }, [
    { kind: 'commitment', commitment },
  ]);
  const answer = {
    transactionUid: '2.25.1',
    state: 'ANSWERED' as const,
    answeredAt: queue.now(),
    answeredOn: 'new',
    report: Buffer.from([1, 2]),
    reportTransferSyntax: '1.2.840.10008.1.2.1',
    eventType: 1,
    instances: sends.map(({ sopInstanceUid }) => ({ sopInstanceUid, committed: true, failureReason: null })),
  };
  const committed = await store.move(pending, { to: 'COMMITTED', code: 'COMMITTED', reason: '' }, [
    { kind: 'commitment-answer', answer },
  ]);
  const manifest = {
    sopInstanceUid: '2.25.2',
    seriesInstanceUid: '2.25.3',
    sha256: 'ab'.repeat(32),
    file: Buffer.from('KOS'),
    createdAt: 7,
  };
  await store.record(committed, [{ kind: 'manifest', manifest }]);
  const delivered = { kind: 'manifest-delivered', deliveredAt: 8, status: 0, transactionUid: '' } as const;
  const manifestSent = await store.move(committed, { to: 'MANIFEST_SENT', code: '0000', reason: '' }, [delivered]);
  await store.move(manifestSent, { to: 'ARCHIVED', code: 'ARCHIVED', reason: '' });

  expect((await queue.index.read('queueHistory', '1.2.3')).map(({ to }) => to)).toEqual([
    'COMPLETE',
    'READY',
    'QUEUED',
    'SENDING',
    'SENT',
    'COMMIT_PENDING',
    'COMMITTED',
    'MANIFEST_SENT',
    'ARCHIVED',
  ]);
  const [asked] = await store.commitments(queued);
  expect(asked).toMatchObject({ state: 'ANSWERED', answeredOn: 'new', report: Buffer.from([1, 2]) });
  expect(await store.instances(queued)).toMatchObject([
    { state: 'COMMITTED', sends: 1, status: 0, commitmentId: asked?.id, receivedFrom: 'CT1' },
    { state: 'COMMITTED', sends: 1, status: 0, commitmentId: asked?.id },
  ]);
  expect(await store.manifest(queued)).toMatchObject({ sopInstanceUid: '2.25.2', status: 0, deliveredAt: 8 });
  expect(await store.job(queued.id)).toMatchObject({ state: 'ARCHIVED', attempts: 0 });
});
