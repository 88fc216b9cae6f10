import { describe, expect, test } from 'vitest';
import { fakeInstances } from '../test/support/fake-instances.ts';
import { dataSetOf, encodeDataSet, text, uid } from './dicom/data-set.ts';
import { TAG } from './dicom/tags.ts';
import { UID } from './dicom/uids.ts';
import type { RetrieveResponse } from './dimse/command-types.ts';
import type { InstanceRef, InstanceSelection } from './index/index-types.ts';
import { retrieve } from './retrieve.ts';
import type { RetrieveDeps } from './retrieve.ts';
import { PERMIT_ALL } from './retrieve/disclosure-gate.ts';
import { GateThatPermits } from './retrieve/test-support/gate-that-permits.ts';
import type { Route } from './retrieve/route.ts';

const TS = UID.ExplicitVRLittleEndian;
const never = new AbortController().signal;

/** Completes everything, with a pending response after each. */
const completing: Route = async function* (instances, tally) {
  for (const instance of instances) {
    tally.record(instance, { kind: 'completed' });
    yield;
  }
};

function indexOf(instances: readonly InstanceRef[]) {
  const asked: InstanceSelection[] = [];
  return {
    asked,
    selectedStudies: async () => [...new Set(instances.map((i) => i.studyInstanceUid))],
    async *selectInstances(selection: InstanceSelection) {
      asked.push(selection);
      yield instances.filter((i) => selection.sopUids?.includes(i.sopInstanceUid) ?? true);
    },
  };
}

const ASKED = { principal: 'who', associationId: 1, operation: 'C-GET', destination: '' } as const;

async function run(
  deps: RetrieveDeps,
  keys: Parameters<typeof dataSetOf>,
  route: Route = completing,
  cancel: AbortSignal = never,
) {
  const identifier = encodeDataSet(dataSetOf(...keys), TS);
  const responses = retrieve(
    { model: 'STUDY', identifier, transferSyntaxUid: TS, asked: ASKED, cancel, gone: never, parties },
    route,
    deps,
  );
  const pending: RetrieveResponse[] = [];
  for (;;) {
    const { done, value } = await responses.next();
    if (done === true) return { pending, final: value };
    pending.push(value);
  }
}

const parties = { requester: { aet: 'PACS' }, destination: { aet: 'PACS' } };

const STUDY = [text(TAG.QueryRetrieveLevel, 'CS', 'STUDY', ''), uid(TAG.StudyInstanceUID, '2.25.9001')];

describe('retrieve', () => {
  test('accounts for every instance', async () => {
    const { pending, final } = await run({ index: indexOf(fakeInstances(3)), gate: PERMIT_ALL }, STUDY);
    expect(pending.map((r) => r.remaining)).toEqual([2, 1, 0]);
    expect(final).toMatchObject({ status: { code: 0 }, completed: 3, failed: 0 });
  });

  test('a study that may not be disclosed looks like one that is not there', async () => {
    const route: Route = () => {
      throw new Error('nothing may be sent');
    };
    const gate = new GateThatPermits(() => false);
    const denied = await run({ index: indexOf(fakeInstances(3)), gate }, STUDY, route);
    const absent = await run({ index: indexOf([]), gate: PERMIT_ALL }, STUDY, route);
    expect(denied).toEqual(absent);
    expect(denied.final).toMatchObject({ status: { code: 0 }, completed: 0 });
    expect(gate.revealed, 'only that nothing was found').toEqual([0]);
  });

  test('what the gate permits is on record before it is sent', async () => {
    const gate = new GateThatPermits((uid) => uid === '2.25.1', undefined, 0x0040_1400);
    const instances = [
      ...fakeInstances(5, { studyInstanceUid: '2.25.1' }),
      ...fakeInstances(5, { studyInstanceUid: '2.25.2' }),
    ];
    const route: Route = (...args) => {
      expect(gate.revealed).toEqual(['2.25.1', 5]);
      return completing(...args);
    };
    const both = [
      text(TAG.QueryRetrieveLevel, 'CS', 'STUDY', ''),
      uid(TAG.StudyInstanceUID, String.raw`2.25.1\2.25.2`),
    ];
    const claim = text(0x0040_1400, 'LT', 'purpose=EMERGENCY', '');
    const index = indexOf(instances);
    const { final } = await run({ index, gate }, [...both, claim], route);
    expect(index.asked, 'a withheld study that is named is not searched').toMatchObject([{ studyUids: ['2.25.1'] }]);
    expect(gate.begun).toMatchObject([{ ...ASKED, claim: 'purpose=EMERGENCY' }]);
    expect(final.completed).toBe(5);
  });

  test('asks the index for a long list of UIDs in pieces', async () => {
    const instances = fakeInstances(1300);
    const index = indexOf(instances);
    const keys = [
      text(TAG.QueryRetrieveLevel, 'CS', 'IMAGE', ''),
      uid(TAG.SOPInstanceUID, instances.map((i) => i.sopInstanceUid).join('\\')),
    ];
    const { final } = await run({ index, gate: PERMIT_ALL }, keys);
    expect(final.completed).toBe(1300);
    expect(Math.max(...index.asked.map((s) => s.sopUids?.length ?? 0))).toBeLessThanOrEqual(500);
  });

  test('more sub-operations than the counters can tell are refused', async () => {
    const { final } = await run({ index: indexOf(fakeInstances(65_536)), gate: PERMIT_ALL }, STUDY);
    expect(final.status.code).toBe(0xa701);
  });

  test('an identifier that does not fit is A900, a broken index is thrown', async () => {
    const refused = await run({ index: indexOf([]), gate: PERMIT_ALL }, [STUDY[0]!]);
    expect(refused.final.status).toMatchObject({ code: 0xa900, offendingElement: [TAG.StudyInstanceUID] });
    const broken = {
      selectedStudies: async () => [],
      selectInstances: () => {
        throw new Error('index closed');
      },
    };
    await expect(run({ index: broken, gate: PERMIT_ALL }, STUDY)).rejects.toThrow('index closed');
  });

  test('a request for too much is on record', async () => {
    const gate = new GateThatPermits(() => true);
    const { final } = await run({ index: indexOf(fakeInstances(65_536)), gate }, STUDY);
    expect([final.status.code, gate.revealed]).toEqual([0xa701, [0]]);
  });

  test('a request of which nothing is confirmed says so on record, after what it was to give', async () => {
    const gate = new GateThatPermits(() => true);
    const failing: Route = async function* (instances, tally) {
      for (const instance of instances) tally.record(instance, { kind: 'failed', reason: 'connection refused' });
      yield;
    };
    await run({ index: indexOf(fakeInstances(2)), gate }, STUDY, failing);
    expect(gate.revealed.slice(-2)).toEqual([2, 'undelivered: connection refused']);
    await run({ index: indexOf(fakeInstances(2)), gate }, STUDY);
    expect(gate.revealed.at(-1)).toBe(2);
  });
});
