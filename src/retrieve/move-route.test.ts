import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeInstances } from '../../test/support/fake-instances.ts';
import { encodeFileMeta } from '../dicom/file-meta.ts';
import { UID } from '../dicom/uids.ts';
import { ConnectionClosedError } from '../dimse/association-errors.ts';
import type { InstanceRef } from '../index/index-types.ts';
import { ObjectReader } from '../store/reading/object-reader.ts';
import { DigestCheck } from './digest-check.ts';
import { moveRoute } from './move-route.ts';
import type { MoveRouteOptions } from './move-route.ts';
import type { ObjectSource } from './object-source.ts';
import type { ProposedContext } from './presentation-contexts.ts';
import type { OwnedAssociation } from './sub-association.ts';
import { SubOperationTally } from './sub-operation-tally.ts';

const meta = encodeFileMeta({
  sopClassUid: UID.CTImageStorage,
  sopInstanceUid: '2.25.1',
  transferSyntaxUid: UID.ExplicitVRLittleEndian,
});
const SIZE = meta.length + 10;
const OTHER = 'f'.repeat(64);
const SHA256 = hash('sha256', Buffer.concat([meta, Buffer.alloc(10)]), 'hex');
const reader = new ObjectReader();
let dir: string;
let damaged: string[] = [];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'kuva-move-'));
  writeFileSync(join(dir, SHA256), Buffer.concat([meta, Buffer.alloc(10)]));
  writeFileSync(join(dir, OTHER), Buffer.concat([meta, Buffer.alloc(10)]));
});
afterAll(async () => {
  await reader[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

/** Files by their names, all of them small. */
const objects: ObjectSource = {
  read: (sha256, size, hashed) => reader.read(join(dir, sha256), size, hashed),
  stream: (sha256, size, hashed) => reader.stream(join(dir, sha256), size, hashed),
};

/** What the scripted destination does with one C-STORE. */
type Answer = number | 'lost' | 'unread' | 'cut';

class Destination {
  readonly stored: string[] = [];
  readonly operations: Parameters<OwnedAssociation['store']>[0][] = [];
  connections = 0;
  open = 0;
  maxOpen = 0;
  readonly #answer: (instance: string, connection: number, nth: number) => Answer;

  constructor(answer: (instance: string, connection: number, nth: number) => Answer = () => 0) {
    this.#answer = answer;
  }

  connect(contexts: readonly ProposedContext[]): Promise<OwnedAssociation> {
    const connection = ++this.connections;
    this.maxOpen = Math.max(this.maxOpen, ++this.open);
    let nth = 0;
    let ended = false;
    const end = () => {
      if (!ended) this.open--;
      ended = true;
    };
    return Promise.resolve({
      contexts: new Map(
        contexts.map((c, i) => [
          2 * i + 1,
          {
            id: 2 * i + 1,
            abstractSyntax: c.abstractSyntax,
            transferSyntax: c.transferSyntaxes[0]!,
            role: { scu: true, scp: false },
            extended: undefined,
          },
        ]),
      ),
      store: async (operation) => {
        await new Promise(setImmediate);
        const answer = this.#answer(operation.affectedSOPInstanceUID, connection, ++nth);
        if (answer === 'cut') end();
        if (answer === 'unread' || answer === 'cut')
          throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
        if (answer === 'lost') throw new ConnectionClosedError('connection closed');
        this.operations.push(operation);
        if (answer === 0) this.stored.push(operation.affectedSOPInstanceUID);
        return { code: answer };
      },
      // Fake: what has been handed over is looked at later.
      allSent: false,
      get isOpen() {
        return !ended;
      },
      release: () => Promise.resolve(end()),
      abort: end,
    });
  }
}

async function run(
  instances: readonly InstanceRef[],
  destination: Destination,
  change: Partial<MoveRouteOptions> = {},
  cancel: AbortSignal = new AbortController().signal,
): Promise<SubOperationTally> {
  const tally = new SubOperationTally(instances.length);
  const route = moveRoute({
    objects,
    digests: new DigestCheck({
      enabled: true,
      verify: () => Promise.resolve(undefined),
      damaged: (instance) => damaged.push(instance.sopInstanceUid),
    }),
    recode: true,
    priority: 0,
    maxAssociations: 1,
    pendingInterval: 1,
    connect: (contexts) => destination.connect(contexts),
    lost: () => undefined,
    ...change,
  });
  for await (const _ of route(instances, tally, cancel)) expect(tally.remaining).toBeGreaterThanOrEqual(0);
  expect(destination.open).toBe(0);
  return tally;
}

const instances = (count: number) => fakeInstances(count, { size: SIZE, sha256: SHA256 });

describe('moveRoute', () => {
  test('sends everything once, the data set without file meta', async () => {
    const destination = new Destination();
    const tally = await run(instances(50), destination, { originator: { aet: 'ASKER', messageID: 7 } });
    expect(tally.completed).toBe(50);
    expect(destination.stored.length).toBe(50);
    expect(new Set(destination.stored).size).toBe(50);
    expect(destination.connections).toBe(1);
    expect(destination.operations[0]).toMatchObject({
      dataSet: { offset: meta.length, length: 10 },
      moveOriginatorAET: 'ASKER',
      moveOriginatorMessageID: 7,
    });
  });

  test('uses several associations at once, never more than allowed', async () => {
    const destination = new Destination();
    const tally = await run(instances(40), destination, { maxAssociations: 4 });
    expect(tally.completed).toBe(40);
    expect(destination.maxOpen).toBe(4);
  });

  test('a destination that takes fewer associations than it says still gets everything', async () => {
    const destination = new Destination();
    let opened = 0;
    const connect = (contexts: readonly ProposedContext[]) =>
      ++opened > 1 ? Promise.reject(new Error('rejected: local limit exceeded')) : destination.connect(contexts);
    const tally = await run(instances(20), destination, { maxAssociations: 4, connect });
    expect([tally.completed, tally.failed]).toEqual([20, 0]);
  });

  test('an unreachable destination fails them all', async () => {
    const tally = await run(instances(7), new Destination(), {
      connect: () => Promise.reject(new Error('cannot connect')),
    });
    expect([tally.completed, tally.failed, tally.remaining]).toEqual([0, 7, 0]);
    expect(tally.final(false, UID.ImplicitVRLittleEndian).status).toMatchObject({
      code: 0xa702,
      errorComment: 'cannot connect',
    });
  });

  test('refused instances are counted apart from the others', async () => {
    const destination = new Destination((uid) => (uid === '2.25.3' ? 0xa700 : uid === '2.25.5' ? 0xb000 : 0));
    const tally = await run(instances(6), destination);
    expect([tally.completed, tally.warning, tally.failed]).toEqual([4, 1, 1]);
  });

  test('after a lost association the rest goes over a new one, with the instance in flight', async () => {
    const destination = new Destination((_uid, connection, nth) => (connection === 1 && nth === 4 ? 'lost' : 0));
    const tally = await run(instances(10), destination);
    expect([tally.completed, tally.failed]).toEqual([10, 0]);
    expect(destination.connections).toBe(2);
  });

  test('an instance that breaks every association fails alone', async () => {
    const destination = new Destination((uid) => (uid === '2.25.5' ? 'lost' : 0));
    const tally = await run(instances(10), destination);
    expect([tally.completed, tally.failed]).toEqual([9, 1]);
  });

  test('a destination that drops every association is given up', async () => {
    const destination = new Destination(() => 'lost');
    const tally = await run(instances(100), destination);
    expect([tally.completed, tally.failed]).toEqual([0, 100]);
    expect(destination.connections).toBeLessThan(5);
  });

  test('after a cancel nothing more is started and the rest stays remaining', async () => {
    const cancel = new AbortController();
    const destination = new Destination((uid) => {
      if (uid === '2.25.10') cancel.abort();
      return 0;
    });
    const tally = await run(instances(30), destination, { maxAssociations: 2 }, cancel.signal);
    expect(tally.completed).toBeLessThanOrEqual(11);
    expect(tally.remaining).toBe(30 - tally.completed);
    expect(tally.failed).toBe(0);
  });

  test('a kept file that is gone, of another size or with other bytes fails only its own sub-operation', async () => {
    damaged = [];
    const list = instances(5);
    const faulty = [
      { ...list[0]!, sha256: '0'.repeat(64) },
      { ...list[1]!, size: SIZE + 1 },
      { ...list[2]!, sha256: OTHER },
      { ...list[3]!, size: SIZE - 1 },
    ];
    const destination = new Destination();
    const tally = await run([...faulty, list[4]!], destination);
    expect([tally.completed, tally.failed]).toEqual([1, 4]);
    expect(destination.stored).toEqual(['2.25.5']);
    expect(damaged).toEqual(['2.25.2', '2.25.3', '2.25.4']);
  });

  test('more than 128 presentation contexts go over several associations', async () => {
    const destination = new Destination();
    const many = instances(200).map((instance, i) => ({
      ...instance,
      sopClassUid: `1.2.840.10008.5.1.4.1.1.999.${i}`,
    }));
    const proposals: number[] = [];
    const connect = (contexts: readonly ProposedContext[]) => {
      proposals.push(contexts.length);
      return destination.connect(contexts);
    };
    const tally = await run(many, destination, { connect });
    expect(tally.completed).toBe(200);
    expect(Math.max(...proposals)).toBeLessThanOrEqual(128);
    expect(proposals.length).toBeGreaterThan(1);
  });

  test('files that cannot be read fail alone, also when they take the association along', async () => {
    const bad = new Set(['2.25.1', '2.25.2', '2.25.6']);
    const destination = new Destination((uid) => (bad.has(uid) ? 'unread' : 0));
    const tally = await run(instances(10), destination);
    expect([tally.completed, tally.failed, tally.remaining]).toEqual([7, 3, 0]);
    expect(destination.connections).toBe(1);

    const breaking = new Destination((uid) => (bad.has(uid) ? 'cut' : 0));
    const second = await run(instances(10), breaking);
    expect([second.completed, second.failed, second.remaining]).toEqual([7, 3, 0]);
    expect(breaking.connections).toBe(4);
  });
});
