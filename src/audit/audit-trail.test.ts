import { expect, test } from 'vitest';
import { waitFor } from '../../test/support/wait-for.ts';
import type { NewAuditMessage } from '../index/audit/audit-types.ts';
import { AuditTrail } from './audit-trail.ts';
import { userAuthentication } from './events/security-events.ts';

const SELF = { aet: 'KUVA' };
const login = (user: string) => userAuthentication(0, SELF, { aet: 'PACS', user });

function trailInto(disk: { full: boolean }) {
  const spool: string[] = [];
  const told: string[] = [];
  const trail = new AuditTrail({
    self: SELF,
    source: { id: 'KUVA', enterpriseSite: '' },
    append: async (messages: readonly NewAuditMessage[]) => {
      if (disk.full) throw new Error('no room');
      spool.push(
        ...messages.map(
          ({ message }) =>
            /UserID="(u\d+)"|originalText="(Audit Rec[^"]*)"/.exec(message)?.slice(1).find(Boolean) ?? '',
        ),
      );
    },
    events: {
      spooled: () => {},
      blocked: () => told.push('blocked'),
      unblocked: ({ held, lost }) => told.push(`unblocked ${held} ${lost}`),
      lost: (messages) => told.push(`lost ${messages}`),
    },
    retryMs: 20,
    now: () => 0,
  });
  return { trail, spool, told };
}

test('a message is on the disk when that is said, in the order in which they came', async () => {
  const { trail, spool } = trailInto({ full: false });
  const all = await Promise.all([1, 2, 3].map((n) => trail.emit(login(`u${n}`))));
  expect([all, spool]).toEqual([
    [true, true, true],
    ['u1', 'u2', 'u3'],
  ]);
});

test('without room messages are held, in order, and the trail tells of the gap itself', async () => {
  const disk = { full: true };
  const { trail, spool, told } = trailInto(disk);
  expect(await trail.emit(login('u1'))).toBe(false);
  expect(await trail.emit(login('u2'))).toBe(false);
  expect([trail.blocked?.message, told]).toEqual(['no room', ['blocked']]);
  disk.full = false;
  expect(await trail.emit(login('u3'))).toBe(true);
  expect(spool).toEqual(['u1', 'Audit Recording Stopped', 'u2', 'u3', 'Audit Recording Started']);
  expect([trail.blocked, told]).toEqual([undefined, ['blocked', 'unblocked 4 0']]);
});

test('what is held goes to the disk by itself when there is room again', async () => {
  const disk = { full: true };
  const { trail, spool } = trailInto(disk);
  await trail.emit(login('u1'));
  disk.full = false;
  await waitFor('the retry', () => spool.includes('u1'));
  expect(trail.blocked).toBeUndefined();
});

test('memory is bounded, and what is lost for that is counted and told', async () => {
  const disk = { full: true };
  const { trail, spool, told } = trailInto(disk);
  await trail.emit(login('u1'));
  // With the one that says that recording has stopped there is room for 19 998 more.
  for (let n = 0; n < 20_008; n += 1) void trail.emit(login('u1'));
  disk.full = false;
  // There is no place for this one, but its coming has the others written down.
  expect(await trail.emit(login('u2'))).toBe(false);
  expect(spool.filter((user) => user === 'u1')).toHaveLength(19_999);
  expect(told).toEqual(['blocked', 'unblocked 20000 11']);
});

test('what cannot be written down at the end is told to be lost', async () => {
  const { trail, told } = trailInto({ full: true });
  await trail.emit(login('u1'));
  await trail.close();
  expect(told).toEqual(['blocked', 'lost 2']);
});
