import { expect, test } from 'vitest';
import type { IndexService } from '../index/index-service.ts';
import type { NewInstance } from '../index/index-types.ts';
import { openIndex } from '../index/test-support/database-file.ts';
import { newInstance } from '../index/test-support/new-instance.ts';
import { ReceptionAudit } from './reception-audit.ts';
import type { ReceptionAuditOptions } from './reception-audit.ts';

const CT1 = { aet: 'CT1', address: '10.0.0.7' };
const SELF = { aet: 'KUVA' };
const BY_CT1 = { callingAET: 'CT1', address: '10.0.0.7', associationId: 1 };

function receptionsOf(index: IndexService, overrides: Partial<ReceptionAuditOptions> = {}): ReceptionAudit {
  const source = { id: 'KUVA', enterpriseSite: '' };
  const nothing = (): void => undefined;
  return new ReceptionAudit({
    index,
    owner: 'node',
    self: SELF,
    source,
    spooled: nothing,
    delayed: nothing,
    now: () => 0,
    ...overrides,
  });
}

const add = (
  receptions: ReceptionAudit,
  index: IndexService,
  row: NewInstance,
  by: typeof BY_CT1 | undefined = BY_CT1,
) => receptions.add(row, by, (audited) => index.addInstance(audited));

/** Event and action, study, patient, SOP classes with counts and outcome text of every message in the spool. */
async function told(index: IndexService): Promise<string[]> {
  return (await index.read('auditWaiting', 0, 1000)).map(({ message }) => {
    const [, event] = /EventID[^>]*originalText="([^"]*)"/.exec(message) ?? [];
    const [, action] = /EventActionCode="(.)"/.exec(message) ?? [];
    const ids = [...message.matchAll(/ParticipantObjectID="([^"]*)"/g)].map(([, id]) => id);
    const counts = [...message.matchAll(/NumberOfInstances="(\d+)"/g)].map(([, count]) => count);
    const [, text = ''] = /<EventOutcomeDescription>([^<]*)/.exec(message) ?? [];
    return [action, event?.replace('DICOM ', ''), ids.join('/'), counts.join('+'), text].join(' ').trim();
  });
}

test('what came over an association is told when it ends: what was new, what was there, what is kept beside', async () => {
  const index = await openIndex();
  const receptions = receptionsOf(index);
  receptions.opened(1, CT1);
  for (const sop of ['1.2.3.1', '1.2.3.2', '1.2.3.1']) await add(receptions, index, newInstance({ sop }));
  await add(receptions, index, newInstance({ sop: '1.2.3.1', bytes: 'others' }));
  await add(receptions, index, newInstance({ sop: '1.2.4.1', study: '1.2.4', attributes: { PatientID: 'P2' } }));
  expect(await told(index)).toEqual([]);
  receptions.closed(1);
  await receptions.settle();
  expect(await told(index)).toEqual([
    'C Instances Transferred 1.2.3/010190-123A 2',
    'C Instances Transferred 1.2.4/P2 1',
    'R Instances Transferred 1.2.3/010190-123A 1',
    'C Instances Transferred 1.2.3/010190-123A 1 other bytes are served under these SOP Instance UIDs, these are kept beside',
  ]);
  // It is told once.
  expect(await index.read('auditReceptionKeys')).toEqual([]);
  await receptions.settle();
  expect(await told(index)).toHaveLength(4);
});

test('an object that the index did not take is not counted', async () => {
  const index = await openIndex();
  const receptions = receptionsOf(index);
  await expect(add(receptions, index, newInstance({ sop: 'no uid' }))).rejects.toThrow('UID');
  await add(receptions, index, newInstance({ sop: '1.2.3.1' }));
  await receptions.settle();
  expect(await told(index)).toEqual(['C Instances Transferred 1.2.3/010190-123A 1']);
});

test('an association that ends while its last object is on the way waits for it', async () => {
  const index = await openIndex();
  const receptions = receptionsOf(index);
  receptions.opened(1, CT1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const adding = receptions.add(newInstance({ sop: '1.2.3.1' }), BY_CT1, async (row) => {
    await promise;
    return index.addInstance(row);
  });
  receptions.closed(1);
  resolve();
  await adding;
  await receptions.settle();
  expect(await told(index)).toEqual(['C Instances Transferred 1.2.3/010190-123A 1']);
});

test('what a process that was killed had counted is told by the next one', async () => {
  const index = await openIndex();
  await add(receptionsOf(index), index, newInstance({ sop: '1.2.3.1' }));
  const media = { by: { person: 'root@here' }, uri: 'file:///cd' };
  const imported = receptionsOf(index, { owner: 'import', media });
  await imported.add(newInstance({ sop: '1.2.5.1', study: '1.2.5' }), { ...BY_CT1, associationId: null }, (row) =>
    index.addInstance(row),
  );
  const next = receptionsOf(index);
  await next.tellLeft(['node']);
  expect(await told(index)).toEqual([
    'C Instances Transferred 1.2.3/010190-123A 1 the node ended before the association did',
  ]);
  await add(receptionsOf(index), index, newInstance({ sop: '1.2.3.5' }));
  await next.tellLeft(['node'], 2);
  expect((await told(index)).at(-1)).toContain('2 objects that came last were not whole on the disk');
  await next.tellLeft(['node', 'import']);
  expect((await told(index)).at(-1)).toBe('C Import 1.2.5/010190-123A 1 the import was interrupted');
});

test('what cannot be told stays counted', async () => {
  const index = await openIndex();
  let delays = 0;
  let isFull = true;
  const read: ReceptionAuditOptions['index']['read'] = index.read.bind(index);
  const receptions = receptionsOf(index, {
    index: {
      read,
      write: (name, ...args) => (isFull ? Promise.reject(new Error('full')) : index.write(name, ...args)),
    },
    delayed: () => (delays += 1),
  });
  await add(receptions, index, newInstance({ sop: '1.2.3.1' }));
  await receptions.settle();
  expect([delays, await told(index)]).toEqual([1, []]);
  isFull = false;
  await receptions.settle();
  expect(await told(index)).toEqual(['C Instances Transferred 1.2.3/010190-123A 1']);
  receptions[Symbol.dispose]();
});

test('a rejection note tells of the deletion in its own transaction: of a study when all of it is hidden, of a part otherwise', async () => {
  const index = await openIndex();
  const receptions = receptionsOf(index);
  receptions.opened(1, CT1);
  for (const sop of ['1.2.3.1', '1.2.3.2', '1.2.4.1', '1.2.4.2'])
    await add(receptions, index, newInstance({ sop, study: sop.slice(0, 5) }));
  const references = ['1.2.3.1', '1.2.3.2', '1.2.4.1'].map((sopInstanceUid) => ({
    studyInstanceUid: sopInstanceUid.slice(0, 5),
    sopInstanceUid,
  }));
  const rejects = { code: '113001', later: 'hide', ownObjectsOnly: false, references } as const;
  const note = { ...newInstance({ sop: '1.2.3.9' }), rejects };
  await add(receptions, index, note);
  // Nobody has settled anything: it was there with the note.
  const why = 'objects named by rejection note 1.2.3.9 (113001): out of regular use, and kept';
  expect(await told(index)).toEqual([
    `D Study Deleted 1.2.3/010190-123A  2 ${why}`,
    `D Instances Accessed 1.2.4/010190-123A  1 ${why}`,
  ]);
  await add(receptions, index, note);
  expect(await told(index)).toHaveLength(2);
  // Of what is not here nothing is gone.
  const ahead = { ...rejects, references: [{ studyInstanceUid: '1.2.6', sopInstanceUid: '1.2.6.1' }] };
  await add(receptions, index, { ...newInstance({ sop: '1.2.6.9', study: '1.2.6' }), rejects: ahead });
  expect((await told(index)).at(-1)).toContain('D Instances Accessed 1.2.6/');
});
