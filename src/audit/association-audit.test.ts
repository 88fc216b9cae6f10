import { expect, test } from 'vitest';
import type { Association } from '../dimse/association.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import { applicationActivity } from './events/security-events.ts';
import type { AuditMessage } from './audit-message.ts';
import { AssociationAudit } from './association-audit.ts';

type Find = NonNullable<ServiceHandlers['find']>;

const ASSOC = {
  id: 1,
  callingAET: 'CT1',
  peer: { address: '10.0.0.7' },
  principal: undefined,
} as unknown as Association;

function audit(disk = { full: false }): { audit: AssociationAudit; told: AuditMessage[]; close: () => void } {
  const told: AuditMessage[] = [];
  const self = { aet: 'KUVA' };
  const tested = new AssociationAudit({
    self,
    emit: async (...messages) => told.push(...messages) > 0 && !disk.full,
    now: () => 0,
  });
  return { audit: tested, told, close: () => tested.events.closed(ASSOC, {} as never) };
}

test('an object that was refused is told at once, the number of those refused when the association ends', () => {
  const { audit: tested, told, close } = audit();
  const object = { associationId: 1, callingAET: 'CT1', address: '10.0.0.7' };
  for (const reason of ['STORE_FULL', 'STORE_FULL', 'NOT_UNDERSTOOD', 'STORE_FULL']) tested.refused(object, reason);
  expect(told.map(({ outcome, outcomeText }) => [outcome, outcomeText])).toEqual([
    [8, 'an object was refused: STORE_FULL'],
    [8, 'an object was refused: NOT_UNDERSTOOD'],
  ]);
  close();
  close();
  expect(told.slice(2).map(({ outcomeText }) => outcomeText)).toEqual(['3 objects were refused in all: STORE_FULL']);
});

test('a search that fails is told of before the failure goes on', async () => {
  const { audit: tested, told } = audit();
  // oxlint-disable-next-line require-yield -- it fails before the first answer
  const failing = async function* () {
    throw new Error('no index');
  } as unknown as Find;
  const find = tested.withQueries(failing);
  const pc = { abstractSyntax: '1.2', transferSyntax: '1.2.840.10008.1.2' };
  const answers = find(ASSOC, pc as never, {} as never, Buffer.alloc(0), new AbortController().signal);
  await expect(answers[Symbol.asyncIterator]().next()).rejects.toThrow('no index');
  expect(told.map(({ outcome }) => outcome)).toEqual([0, 8]);
});

test('a search that cannot be written down is refused, and shows nothing (PS3.4 table C.4-1)', async () => {
  const { audit: tested } = audit({ full: true });
  let isAsked = false;
  const find = tested.withQueries(async function* () {
    isAsked = true;
    yield { status: { code: 0xff00 }, identifier: Buffer.alloc(0) };
    return { status: { code: 0 } };
  });
  const pc = { abstractSyntax: '1.2', transferSyntax: '1.2.840.10008.1.2' };
  const answers = find(ASSOC, pc as never, {} as never, Buffer.alloc(0), new AbortController().signal);
  expect(await answers[Symbol.asyncIterator]().next()).toMatchObject({
    done: true,
    value: { status: { code: 0xa700 } },
  });
  expect(isAsked).toBe(false);
});

test('a node that can no longer keep its promise stops with a major failure', () => {
  const self = { aet: 'KUVA' };
  expect([
    applicationActivity(0, 'stop', self, { person: 'kuva@here' }),
    applicationActivity(0, 'stop', self, { person: 'kuva@here' }, 'disk'),
  ]).toMatchObject([{ outcome: 0 }, { outcome: 12, outcomeText: 'disk' }]);
});
