import { expect, test } from 'vitest';
import { getItems, getString, sequence, text, uid } from '../../dicom/data-set.ts';
import { TAG } from '../../dicom/tags.ts';
import { UID } from '../../dicom/uids.ts';
import { GateThatPermits } from '../../retrieve/test-support/gate-that-permits.ts';
import { Rows, runFind, studies } from '../test-support/run-find.ts';

const NAME = text(TAG.PatientName, 'PN', '', '');

const permits = (uid: string): boolean => uid !== '1.2.1';

test('a withheld study is absent, and what the gate needed is not returned unasked', async () => {
  const gate = new GateThatPermits(permits);
  const { pending, final } = await runFind(new Rows(studies(3)), [NAME], { gate });
  expect(pending.map((ds) => getString(ds, TAG.PatientName, ''))).toEqual(['Name^0', 'Name^2']);
  expect(pending.some((ds) => ds.has(TAG.StudyInstanceUID))).toBe(false);
  expect(final.code).toBe(0);
  expect(gate.revealed).toEqual(['1.2.0', '1.2.2', 2]);
});

test('a peer that leaves in the middle leaves on record what it asked', async () => {
  const gate = new GateThatPermits(permits);
  await runFind(new Rows(studies(3)), [NAME], { gate, leaveAfter: 1 });
  expect(gate.revealed).toEqual(['1.2.0', '1.2.2', 1]);
});

test('a patient is shown when one of the studies is, with the counts of those', async () => {
  const ids: Record<string, string[]> = { seen: ['1.2.1', '1.2.5'], hidden: ['1.2.1'] };
  const rows = Object.keys(ids).map((patient) => ({
    [TAG.PatientID]: patient,
    [TAG.NumberOfPatientRelatedStudies]: '2',
    [TAG.NumberOfPatientRelatedInstances]: '900',
  }));
  const gate = new GateThatPermits(permits, ({ patientId }) => ids[patientId] ?? []);
  const asked = [
    text(TAG.PatientID, 'LO', '', ''),
    text(TAG.NumberOfPatientRelatedStudies, 'IS', '', ''),
    text(TAG.NumberOfPatientRelatedInstances, 'IS', '', ''),
  ];
  const { pending } = await runFind(new Rows(rows), asked, { gate, level: 'PATIENT', model: UID.PatientRootFind });
  expect(
    pending.map((ds) => asked.map(({ tag }) => getString(ds, tag, ''))),
    'counts of what is permitted',
  ).toEqual([['seen', '1', '7']]);
  expect(gate.revealed).toEqual(['1.2.5', 1]);
});

test('too many matches are those that may be shown, and no number is told', async () => {
  const refused = await runFind(new Rows(studies(30)), [NAME], { gate: new GateThatPermits(permits), limit: 10 });
  expect(refused.final).toEqual({ code: 0xa700, errorComment: 'more than 10 matches: narrow the query' });
  const few = new GateThatPermits((uid) => uid === '1.2.7');
  const { pending, final } = await runFind(new Rows(studies(30)), [NAME], { gate: few, limit: 10 });
  expect([pending.length, final.code]).toEqual([1, 0]);
});

test('a withheld study that is named is not searched: neither a limit nor the time tells how much there is', async () => {
  const named = uid(TAG.StudyInstanceUID, '1.2.1');
  const instances = Array.from({ length: 1001 }, () => ({ [TAG.StudyInstanceUID]: '1.2.1' }));
  const index = new Rows(instances);
  const gate = new GateThatPermits(permits);
  const { pending, final } = await runFind(index, [named, uid(TAG.SeriesInstanceUID, '')], {
    gate,
    limit: 10,
    level: 'SERIES',
  });
  expect([pending.length, final, index.queries, gate.revealed]).toEqual([0, { code: 0 }, [], [0]]);
  const two = new Rows([{ [TAG.StudyInstanceUID]: '1.2.5' }]);
  await runFind(two, [uid(TAG.StudyInstanceUID, '1.2.1\\1.2.5')], {
    gate: new GateThatPermits(permits),
    level: 'SERIES',
    extended: Buffer.from([1, 0, 0, 0]),
  });
  expect(two.queries[0]?.keys).toEqual([{ tag: TAG.StudyInstanceUID, kind: 'list', values: ['1.2.5'] }]);
});

test('what is told of a patient beside who it is may come from a withheld study, and is told when there is none', async () => {
  const ids: Record<string, string[]> = { whole: ['1.2.0', '1.2.5'], part: ['1.2.1', '1.2.5'] };
  const rows = Object.keys(ids).map((patient) => ({
    [TAG.StudyInstanceUID]: '1.2.5',
    [TAG.PatientID]: patient,
    [TAG.PatientComments]: 'seen at the psychiatric ward',
    [TAG.OtherPatientIDsSequence]: [{ [TAG.PatientID]: 'LOCAL7' }],
  }));
  const gate = new GateThatPermits(permits, ({ patientId }) => ids[patientId] ?? []);
  const { pending } = await runFind(
    new Rows(rows),
    [
      text(TAG.PatientID, 'LO', '', ''),
      text(TAG.PatientComments, 'LT', '', ''),
      sequence(TAG.OtherPatientIDsSequence, []),
    ],
    { gate },
  );
  const told = pending.map((ds) => [
    getString(ds, TAG.PatientID, ''),
    getString(ds, TAG.PatientComments, ''),
    getItems(ds, TAG.OtherPatientIDsSequence).length,
  ]);
  expect(told).toEqual([
    ['whole', 'seen at the psychiatric ward', 1],
    ['part', '', 0],
  ]);
});

test('by what the peer says of itself nothing is matched or answered', async () => {
  const gate = new GateThatPermits(permits, undefined, 0x0040_1400);
  const rows = new Rows(studies(1));
  const { pending, statuses } = await runFind(rows, [NAME, text(0x0040_1400, 'LT', 'purpose=EMERGENCY ', '')], {
    gate,
  });
  expect(gate.begun).toMatchObject([{ claim: 'purpose=EMERGENCY', operation: 'C-FIND', principal: 'who' }]);
  expect([statuses, pending[0]!.has(0x0040_1400)]).toEqual([[0xff00], false]);
});
