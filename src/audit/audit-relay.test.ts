import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { waitFor } from '../../test/support/wait-for.ts';
import type { SpooledMessage } from '../index/audit/audit-types.ts';
import { AuditRelay } from './audit-relay.ts';
import type { AuditRelayOptions } from './audit-relay.ts';
import { connectRepository } from './syslog-connection.ts';
import type { RepositoryConnection } from './syslog-connection.ts';

/** A repository that takes what it is sent, and answers ends as it is told to. */
class Repository {
  readonly got: string[][] = [];
  answers = true;
  isReachable = true;
  lose: () => void = () => {};
  readonly connect = (): Promise<RepositoryConnection> => {
    if (!this.isReachable) return Promise.reject(new Error('refused'));
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    let alive = true;
    const got: string[] = [];
    this.got.push(got);
    this.lose = () => {
      alive = false;
      resolve();
    };
    return Promise.resolve({
      write: async (frames) => {
        if (!alive) throw new Error('lost');
        got.push(...frames.toString().trim().split(' '));
      },
      ended,
      end: async () => (this.lose(), this.answers),
      destroy: this.lose,
    });
  };
}

const EVER = 3_600_000;

function relayTo(connect: AuditRelayOptions['connect'], overrides: Partial<AuditRelayOptions> = {}) {
  const message = (id: number): SpooledMessage => ({ id, at: id, failed: false, message: `m${id}` });
  const messages = [1, 2, 3].map(message);
  let deliveredTo = 0;
  const outages: string[] = [];
  const relay = new AuditRelay({
    spool: {
      waiting: async (after, limit) => messages.filter(({ id }) => id > Math.max(after, deliveredTo)).slice(0, limit),
      delivered: async (id) => void (deliveredTo = id),
    },
    connect,
    frame: ({ message: text }) => Buffer.from(`${text} `),
    perConnection: { messages: 3, ms: EVER, endMs: EVER },
    idleMs: 1,
    retry: { first: 1, max: 1 },
    events: { lost: () => outages.push('lost'), back: () => outages.push('back') },
    now: () => 0,
    ...overrides,
  });
  return { relay, delivered: () => deliveredTo, outages, add: (id: number) => messages.push(message(id)) };
}

test('a message counts as delivered when the repository has answered the end of its connection', async () => {
  const repository = new Repository();
  const { relay, delivered, outages } = relayTo(repository.connect);
  repository.answers = false;
  relay.start();
  await waitFor('a second try', () => repository.got.length >= 2);
  expect(delivered()).toBe(0);
  repository.answers = true;
  await waitFor('the confirmation', () => delivered() === 3);
  expect(repository.got[0]).toEqual(['m1', 'm2', 'm3']);
  await relay.close();
  expect(outages).toEqual(['lost', 'back']);
});

test('a connection ends after its time, too, and none is made while nothing waits', async () => {
  const repository = new Repository();
  const clock = { now: 0 };
  const perConnection = { messages: 100, ms: 1000, endMs: EVER };
  const { relay, delivered } = relayTo(repository.connect, { perConnection, now: () => clock.now });
  relay.start();
  await waitFor('the messages', () => repository.got[0]?.length === 3);
  expect(delivered()).toBe(0);
  clock.now = 1000;
  await waitFor('the confirmation', () => delivered() === 3);
  await relay.close();
  expect(repository.got).toEqual([['m1', 'm2', 'm3']]);
});

test('what another process has spooled goes out, too, though nobody wakes the relay', async () => {
  const repository = new Repository();
  const { relay, delivered, add } = relayTo(repository.connect);
  relay.start();
  await waitFor('the first', () => delivered() === 3);
  add(4);
  await waitFor('the fourth', () => repository.got.flat().includes('m4'));
  await relay.close();
  expect(delivered()).toBe(4);
});

test('what was under way when the connection was lost is sent again, and an outage is told once', async () => {
  const repository = new Repository();
  const perConnection = { messages: 100, ms: EVER, endMs: EVER };
  const { relay, delivered, outages } = relayTo(repository.connect, { perConnection });
  relay.start();
  await waitFor('the messages', () => repository.got[0]?.length === 3);
  repository.isReachable = false;
  repository.lose();
  await waitFor('the loss', () => outages.length > 0);
  expect(delivered()).toBe(0);
  repository.isReachable = true;
  await waitFor('them again', () => repository.got[1]?.length === 3);
  // An orderly stop ends the connection, which the repository answers.
  await relay.close();
  expect([delivered(), outages]).toEqual([3, ['lost', 'back']]);
  expect(repository.got).toEqual([
    ['m1', 'm2', 'm3'],
    ['m1', 'm2', 'm3'],
  ]);
});

test('after a failure fewer go over one connection: what comes before a message that a repository cannot bear arrives for good', async () => {
  const repository = new Repository();
  const { relay, delivered } = relayTo(async () => {
    const connection = await repository.connect();
    const write = (frames: Buffer) =>
      frames.includes('m3') ? Promise.reject(new Error('reset')) : connection.write(frames);
    return { ...connection, write };
  });
  relay.start();
  await waitFor('the others', () => delivered() === 2);
  await relay.close();
  expect(delivered()).toBe(2);
});

test('a program that dies with bytes unread, long after its machine has confirmed them, loses nothing', async () => {
  const arrived: Socket[] = [];
  const taken: Buffer[] = [];
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    arrived.push(socket);
    socket.on('error', () => {});
    // The first never reads; those after it do.
    if (arrived.length === 1) socket.pause();
    else socket.on('data', (chunk) => taken.push(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let ends = 0;
  const { relay, delivered } = relayTo(async (signal) => {
    const connection = await connectRepository({ host: '127.0.0.1', port, tls: undefined }, signal);
    return {
      ended: connection.ended,
      write: (frames) => connection.write(frames),
      end: (ms) => ((ends += 1), connection.end(ms)),
      destroy: () => connection.destroy(),
    };
  });
  relay.start();
  // Everything is on the other machine, which confirms what no program has read.
  await waitFor('the end to be under way', () => arrived.length === 1 && ends === 1);
  arrived[0]?.resetAndDestroy();
  await waitFor('the confirmation', () => delivered() === 3);
  expect(Buffer.concat(taken).toString().trim()).toBe('m1 m2 m3');
  await relay.close();
  server.close();
});
