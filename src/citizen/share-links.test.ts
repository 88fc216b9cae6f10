import { expect, test } from 'vitest';
import type { AccessEntry } from '../access-log/access-entry.ts';
import type { DocumentRow } from '../index/documents/document-types.ts';
import type { NewShare } from '../index/citizen/citizen-types.ts';
import { CitizenView } from './citizen-view.ts';
import { ShareLinks } from './share-links.ts';

const PERSON = '010181-900C';

const ROW = {
  oid: '1.2.246.10.99999994.11.1',
  version: 1,
  kind: 'statement',
  patientId: PERSON,
  controllerOid: '1.2.246.10.99999994.19.0',
  effectiveAt: Date.parse('2026-03-10T12:00:00+02:00'),
  displayFrom: null,
  minorCapacity: null,
  header: '{}',
  state: 'current',
  sha256: '00',
} as DocumentRow;

/** A person whose name and address are protected, and a store that gives each link once. */
function linksOf(entries: AccessEntry[]): { view: CitizenView; links: ShareLinks } {
  const now = (): number => Date.parse('2026-11-25T12:00:00Z');
  const view = new CitizenView({
    registers: {
      documentsOf: async () => [ROW],
      person: async (person) => ({ person, deceasedOn: '', nonDisclosure: person === PERSON }),
      guardians: async () => [],
      delays: async () => [],
      joinedOn: async () => '20181001',
    },
    files: { read: async () => Buffer.from('<ClinicalDocument/>') },
    rules: {
      guardianUntilAge: 18,
      capacityFromAge: 10,
      capacityShown: [1, 2],
      delayDays: { request: 0, entry: 0, statement: 0 },
      fromJoining: true,
      shareDays: 30,
    },
    record: async (more) => void entries.push(...more),
    node: 'KUVA',
    now,
  });
  const kept = new Map<string, NewShare>();
  const store = {
    add: async (share: NewShare) => kept.set(share.tokenSha256, share).size,
    find: async (token: string) => {
      const share = kept.get(token);
      return share === undefined ? undefined : { id: 1, ...share };
    },
    open: async (token: string, _at: number, more: readonly AccessEntry[]) => {
      if (!kept.delete(token)) return false;
      entries.push(...more);
      return true;
    },
  };
  return { view, links: new ShareLinks({ store, view, maxDays: 30, now }) };
}

test('whoever holds a link is somebody else: the opening is a disclosure, a protected name stays away', async () => {
  const entries: AccessEntry[] = [];
  const { view, links } = linksOf(entries);
  expect((await view.open(PERSON, { id: PERSON }, ROW.oid)).withoutIdentity).toBe(false);
  const { token } = await links.make(PERSON, PERSON, [ROW.oid], 2);
  expect(entries.map(({ log, eventType }) => [log, eventType])).toEqual([
    ['use', 'citizen download'],
    ['use', 'citizen share'],
  ]);
  const found = await links.find(token);
  expect(found.documents.map(({ withoutIdentity }) => withoutIdentity)).toEqual([true]);
  expect(entries.length).toBe(2);
  await found.useUp();
  expect(entries.at(-1)).toMatchObject({
    log: 'disclosure',
    eventType: 'share opened',
    person: PERSON,
    user: '',
    recipient: 'link 1',
    itemId: ROW.oid,
  });
});

test('of two who open a link at once, one gets it, and is on record; who looks too late finds nothing', async () => {
  const entries: AccessEntry[] = [];
  const { links } = linksOf(entries);
  const { token } = await links.make(PERSON, PERSON, [ROW.oid], 2);
  const found = await Promise.all([links.find(token), links.find(token)]);
  const both = await Promise.allSettled(found.map(({ useUp }) => useUp()));
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(entries.filter(({ eventType }) => eventType === 'share opened').length).toBe(1);
  await expect(links.find(token)).rejects.toThrow('leads nowhere');
});
