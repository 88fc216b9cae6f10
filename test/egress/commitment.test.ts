import { expect, test } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import type { CommitmentOutcome } from '../../src/services/commitment/commitment-outcome.ts';
import { encodeCommitmentReport, eventTypeOf } from '../../src/services/commitment/commitment-report.ts';
import { forwarding } from '../support/forwarding.ts';
import type { ForwardingWishes } from '../support/forwarding.ts';
import { waitFor } from '../support/wait-for.ts';

const STUDY = '2.25.900';

async function sentStudy(count: number, wishes: ForwardingWishes) {
  const f = await forwarding(wishes);
  for (let n = 1; n <= count; n++) await f.receive({ study: STUDY, series: `${STUDY}.1`, sop: `${STUDY}.1.${n}` });
  await f.queueAll();
  return f;
}

const sends = async (f: Awaited<ReturnType<typeof sentStudy>>) =>
  (await f.instances(STUDY)).map((i) => i.sends).toSorted();

/** A report on an association that the archive has opened. */
async function report(
  f: Awaited<ReturnType<typeof sentStudy>>,
  transactionUid: string,
  outcome: CommitmentOutcome,
): Promise<void> {
  const transferSyntax = UID.ExplicitVRLittleEndian;
  await f.inbox.reportReceived({
    transactionUid,
    archiveAET: 'ARCHIVE',
    eventType: eventTypeOf(outcome),
    report: encodeCommitmentReport(transactionUid, 'ARCHIVE', outcome, transferSyntax),
    transferSyntax,
    receivedAt: f.now(),
    association: 'new',
  });
  await f.reports.take();
}

test('a report that never comes is asked for anew, with a fresh Transaction UID', async () => {
  const f = await sentStudy(2, { rules: ['commitment nth=1 answer=never'], sameAssociationWait: 100 });
  const waiting = await f.run(STUDY);
  expect(waiting).toMatchObject({ state: 'COMMIT_PENDING', nextAttemptAt: f.now() + 3_600_000 });
  expect(await f.run(STUDY)).toMatchObject({
    state: 'RETRY_WAIT',
    resumeState: 'SENT',
    lastCode: 'COMMITMENT_OVERDUE',
  });
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(await sends(f)).toEqual([1, 1]);
  const commitments = await f.store.commitments(await f.latest(STUDY));
  expect(commitments.map(({ state }) => state)).toEqual(['EXPIRED', 'ANSWERED', 'ANSWERED']);
  expect(new Set(commitments.map(({ transactionUid }) => transactionUid)).size).toBe(3);
});

test('what the archive did not commit goes again alone, and then is asked about alone', async () => {
  const f = await sentStudy(4, { rules: ['commitment nth=1 fail=1 forget=true'] });
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', resumeState: 'QUEUED', lastCode: 'NOT_COMMITTED' });
  const failed = (await f.instances(STUDY)).filter(({ state }) => state === 'FAILED');
  expect(failed.map(({ failureReason }) => failureReason)).toEqual([0x0112]);
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(await sends(f)).toEqual([1, 1, 1, 2]);
  const commitments = await f.store.commitments(await f.latest(STUDY));
  expect(commitments.map(({ instances }) => instances)).toEqual([4, 1, 1]);
});

test('a reason that lasts, or one that comes again and again, holds the study', async () => {
  const f = await sentStudy(2, { rules: ['commitment fail=1 reason=0119'] });
  expect(await f.run(STUDY)).toMatchObject({ state: 'HELD', lastCode: 'COMMITMENT_0119' });
  const again = await sentStudy(1, { rules: ['commitment fail=1 reason=0112'] });
  for (let n = 0; n < 3; n++) expect(await again.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT' });
  const held = await again.run(STUDY);
  expect(held).toMatchObject({ state: 'HELD', lastCode: 'COMMITMENT_0112' });
  expect(held.lastReason).toContain('after it was sent 4 times');
  // Somebody has looked at it: it is tried as often again.
  expect(await again.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'NOT_COMMITTED' });
});

const FOUR_TIMES = [1, 2, 3, 4];

test('what else went wrong does not count as the archive not having committed an object', async () => {
  const aborted = FOUR_TIMES.map((n) => `store nth=${n} abort=during`);
  const f = await sentStudy(1, { rules: [...aborted, 'commitment nth=1 fail=1 reason=0112'] });
  for (const _ of FOUR_TIMES) expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'ABORTED' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'NOT_COMMITTED' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
});

test('a large study is asked about in several requests, each with its own Transaction UID', async () => {
  const f = await sentStudy(10, { maxInstances: 4 });
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  const commitments = await f.store.commitments(await f.latest(STUDY));
  expect(commitments.map(({ instances }) => instances)).toEqual([3, 3, 4, 1]);
  expect(new Set((await f.instances(STUDY)).map(({ commitmentId }) => commitmentId)).size).toBe(3);
});

test('duplicate, foreign and unknown reports change nothing and are kept', async () => {
  const f = await sentStudy(1, {
    rules: ['commitment nth=1 answer=twice', 'commitment nth=2 transaction=foreign'],
    sameAssociationWait: 500,
  });
  expect(await f.run(STUDY)).toMatchObject({ state: 'MANIFEST_SENT' });
  const [first] = await f.store.commitments(await f.latest(STUDY));
  await f.inbox.reportReceived({
    transactionUid: first!.transactionUid,
    archiveAET: 'STRANGER',
    eventType: 1,
    report: Buffer.from(first!.report!),
    transferSyntax: first!.reportTransferSyntax,
    receivedAt: f.now(),
    association: 'new',
  });
  await f.reports.take();
  expect(f.happened.toSorted()).toEqual(['report applied', 'report duplicate', 'report foreign', 'report unknown']);
  expect(await f.latest(STUDY)).toMatchObject({ state: 'MANIFEST_SENT' });
});

test('a report that comes late still proves what it commits, and no second request is made for it', async () => {
  const f = await sentStudy(2, { rules: ['commitment reportAfter=300ms'], sameAssociationWait: 0 });
  await f.run(STUDY);
  const [asked] = await f.store.commitments(await f.latest(STUDY));
  await f.run(STUDY);
  await report(f, asked!.transactionUid, { committed: (await f.instances(STUDY)).slice(0, 1), failed: [] });
  expect((await f.instances(STUDY)).map(({ state }) => state)).toEqual(['COMMITTED', 'SENT']);
  expect(f.happened).toContain('report late');
  expect(await f.run(STUDY)).toMatchObject({ state: 'COMMIT_PENDING' });
  expect((await f.store.commitments(await f.latest(STUDY))).at(-1)).toMatchObject({ instances: 1 });
});

test('of several requests one fails an object and one is never answered: the object goes again, the rest is asked about', async () => {
  const rules = ['commitment nth=1 fail=1', 'commitment nth=2 answer=never'];
  const f = await sentStudy(4, { rules, maxInstances: 2, sameAssociationWait: 200 });
  expect(await f.run(STUDY)).toMatchObject({ state: 'COMMIT_PENDING' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', resumeState: 'QUEUED' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(await sends(f)).toEqual([1, 1, 1, 2]);
});

test('what a report fails after its request was given up is left to the next request', async () => {
  const f = await sentStudy(2, { rules: ['commitment nth=1 delay=3s'], response: 300 });
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'TIMED_OUT', resumeState: 'SENT' });
  const [asked] = await f.store.commitments(await f.latest(STUDY));
  const failed = (await f.instances(STUDY)).map((instance) => ({ ...instance, failureReason: 0x0112 }));
  await report(f, asked!.transactionUid, { committed: [], failed });
  expect(f.happened).toContain('report late');
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(await sends(f)).toEqual([1, 1]);
});

test('a process that is stopped before the archive has taken its request asks again soon, not when the answer would be overdue', async () => {
  const f = await sentStudy(1, { rules: ['commitment nth=1 delay=20s'] });
  const stop = new AbortController();
  const running = f.run(STUDY, stop.signal);
  await waitFor('the request', async () => (await f.latest(STUDY)).state === 'COMMIT_PENDING');
  stop.abort(new Error('stop'));
  const left = await running;
  expect(left).toMatchObject({ state: 'COMMIT_PENDING', nextAttemptAt: f.now() + 60_000 });
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'REQUEST_UNSURE', resumeState: 'SENT' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
});

test('a report that comes late says nothing against what a newer one has said since', async () => {
  const rules = ['commitment nth=1 answer=never', 'commitment nth=2 fail=all forget=true'];
  const f = await sentStudy(1, { rules, sameAssociationWait: 200 });
  await f.run(STUDY);
  await f.run(STUDY);
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'NOT_COMMITTED' });
  const [first] = await f.store.commitments(await f.latest(STUDY));
  await report(f, first!.transactionUid, { committed: await f.instances(STUDY), failed: [] });
  expect(await f.instances(STUDY)).toMatchObject([{ state: 'FAILED', failureReason: 0x0112 }]);
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(await sends(f)).toEqual([2]);
});

test('a report about objects that comes when the manifest has gone says nothing of the manifest', async () => {
  const f = await sentStudy(1, { rules: ['commitment answer=never'], sameAssociationWait: 50 });
  await f.run(STUDY);
  await f.run(STUDY);
  expect(await f.run(STUDY)).toMatchObject({ state: 'COMMIT_PENDING' });
  const [first, second] = await f.store.commitments(await f.latest(STUDY));
  const outcome = { committed: await f.instances(STUDY), failed: [] };
  await report(f, first!.transactionUid, outcome);
  expect(await f.run(STUDY)).toMatchObject({ state: 'MANIFEST_SENT' });
  await report(f, second!.transactionUid, outcome);
  expect(await f.latest(STUDY)).toMatchObject({ state: 'MANIFEST_SENT' });
});

test('an archive without storage commitment is found out: nothing counts as archived', async () => {
  const f = await sentStudy(1, { rules: ['commitment status=0211'] });
  expect(await f.run(STUDY)).toMatchObject({ state: 'HELD', lastCode: 'COMMITMENT_REFUSED' });
  const passing = await sentStudy(1, { rules: ['commitment nth=1 status=0110'] });
  expect(await passing.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', resumeState: 'SENT' });
  expect(await passing.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect(await sends(passing)).toEqual([1]);
});

test('a manifest that the archive does not commit goes again', async () => {
  const f = await sentStudy(1, { rules: ['commitment nth=2 fail=all'] });
  expect(await f.run(STUDY)).toMatchObject({
    state: 'RETRY_WAIT',
    resumeState: 'COMMITTED',
    lastCode: 'MANIFEST_NOT_COMMITTED',
  });
  const before = await f.store.manifest(await f.latest(STUDY));
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  // The same content makes the same document.
  expect(await f.store.manifest(await f.latest(STUDY))).toMatchObject({ sha256: before!.sha256 });
});

test('a manifest that the archive does not commit, for a reason that lasts or again and again, holds the study', async () => {
  const f = await sentStudy(1, { rules: ['commitment nth=1', 'commitment fail=all reason=0122'] });
  expect(await f.run(STUDY)).toMatchObject({ state: 'HELD', lastCode: 'MANIFEST_0122' });
  const again = await sentStudy(1, { rules: ['commitment nth=1', 'commitment fail=all reason=0112'] });
  for (let n = 1; n <= 3; n++) expect(await again.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', attempts: n });
  const held = await again.run(STUDY);
  expect(held).toMatchObject({ state: 'HELD', lastCode: 'MANIFEST_0112' });
  expect(await again.index.read('queueFindings', held.id)).toMatchObject([
    { code: 'MANIFEST_0112', severity: 'error' },
  ]);
});

test('what else went wrong does not count as the archive not having committed the manifest', async () => {
  const full = FOUR_TIMES.map((n) => `store nth=${n + 1} status=A700`);
  const f = await sentStudy(1, { rules: [...full, 'commitment nth=2 fail=all reason=0112'] });
  for (const _ of FOUR_TIMES)
    expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', resumeState: 'COMMITTED' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', lastCode: 'MANIFEST_NOT_COMMITTED' });
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
});

test('each refusal of a request in a row counts, until the archive has taken one', async () => {
  const f = await sentStudy(1, { rules: ['commitment times=3 status=0110'] });
  for (let n = 1; n <= 3; n++)
    expect(await f.run(STUDY)).toMatchObject({ state: 'RETRY_WAIT', resumeState: 'SENT', attempts: n });
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED', attempts: 0 });
});
