import { expect, test } from 'vitest';
import { waitFor } from '../../test/support/wait-for.ts';
import type { SpooledMessage } from '../index/audit/audit-types.ts';
import { AuditRelay } from './audit-relay.ts';
import { sendQueueOf } from './send-queue.ts';
import type { RepositoryConnection } from './syslog-connection.ts';

const SETTLE = 1000;

/** A repository that takes what it is sent, confirms when it is told to, and can be lost. */
class Repository {
  readonly got: string[] = [];
  readonly connections: (() => void)[] = [];
  confirms = false;
  readonly connect = (): Promise<RepositoryConnection> => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    let alive = true;
    const lose = (): void => {
      alive = false;
      resolve();
    };
    this.connections.push(lose);
    return Promise.resolve({
      write: async (frame) => {
        if (!alive) throw new Error('lost');
        this.got.push(frame.toString());
      },
      isConfirmed: () => alive && this.confirms,
      ended,
      end: async () => (lose(), this.confirms),
      destroy: lose,
    });
  };
}

function relayTo(repository: Repository, clock: { now: number }) {
  const messages: SpooledMessage[] = [1, 2, 3].map((id) => ({ id, at: id, failed: false, message: `m${id}` }));
  let deliveredTo = 0;
  const outages: string[] = [];
  const relay = new AuditRelay({
    spool: {
      waiting: async (after, limit) => messages.filter(({ id }) => id > Math.max(after, deliveredTo)).slice(0, limit),
      delivered: async (id) => void (deliveredTo = id),
    },
    connect: repository.connect,
    frame: ({ message }) => Buffer.from(message),
    settleMs: SETTLE,
    idleMs: 1,
    retry: { first: 1, max: 1 },
    events: { lost: () => outages.push('lost'), back: () => outages.push('back') },
    now: () => clock.now,
  });
  return { relay, delivered: () => deliveredTo, outages, add: (message: SpooledMessage) => messages.push(message) };
}

test('a message counts as delivered when it was confirmed and the connection lived on', async () => {
  const [repository, clock] = [new Repository(), { now: 0 }];
  const { relay, delivered, add } = relayTo(repository, clock);
  relay.start();
  await waitFor('the messages', () => repository.got.length === 3);
  expect(delivered()).toBe(0);
  repository.confirms = true;
  await waitFor('the settling', () => (clock.now += SETTLE) > 0 && delivered() === 3);
  add({ id: 4, at: 4, failed: true, message: 'm4' });
  relay.wake();
  await waitFor('the fourth', () => repository.got.includes('m4'));
  await relay.close();
  expect(delivered()).toBe(4);
});

test('what another process has spooled goes out, too, though nobody wakes the relay', async () => {
  const [repository, clock] = [new Repository(), { now: 0 }];
  repository.confirms = true;
  const { relay, delivered, outages, add } = relayTo(repository, clock);
  relay.start();
  await waitFor('the settling', () => (clock.now += SETTLE) > 0 && delivered() === 3);
  add({ id: 4, at: 4, failed: false, message: 'm4' });
  await waitFor('the fourth', () => repository.got.includes('m4'));
  await relay.close();
  expect([repository.connections.length, outages]).toEqual([1, []]);
});

test('what had not settled when the connection was lost is sent again, and an outage is told once', async () => {
  const [repository, clock] = [new Repository(), { now: 0 }];
  const { relay, delivered, outages } = relayTo(repository, clock);
  relay.start();
  await waitFor('the messages', () => repository.got.length === 3);
  repository.connections[0]?.();
  await waitFor('them again', () => repository.got.length === 6);
  expect(repository.got).toEqual(['m1', 'm2', 'm3', 'm1', 'm2', 'm3']);
  expect(outages).toEqual(['lost', 'back']);
  expect(delivered()).toBe(0);
  await relay.close();
  // Nobody confirmed anything: it all stays spooled for the next start.
  expect(delivered()).toBe(0);
});

test('the send queue of a connection is found by its ports', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid',
    '   0: 0100007F:1A0A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0',
    '   1: 0100007F:D2F0 0100007F:1A0A 01 0000001C:00000000 01:00000014 00000000     0',
  ].join('\n');
  expect(sendQueueOf(table, 0xd2f0, 0x1a0a)).toBe(0x1c);
  expect(sendQueueOf(table, 0x1a0a, 0xd2f0)).toBeUndefined();
});
