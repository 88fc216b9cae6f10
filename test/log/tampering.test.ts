import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { AccessLog, originOf, recordEntries } from '../../src/access-log/access-log.ts';
import type { LogStore } from '../../src/access-log/access-log.ts';
import { openHead } from '../../src/access-log/signed-head.ts';
import type { TreeHead } from '../../src/access-log/signed-head.ts';
import { verifyLog } from '../../src/access-log/verify-log.ts';
import type { CheckedLog, LogVerdict } from '../../src/access-log/verify-log.ts';
import * as reads from '../../src/index/access-log/access-log-reads.ts';
import { accessLogWrites } from '../../src/index/access-log/access-log-writes.ts';
import { accessLogCheck } from '../../src/index/access-log/log-check-reads.ts';
import { openWriter } from '../../src/index/database.ts';
import { StatementCache } from '../../src/index/reader/statement-cache.ts';
import { accessEntry } from '../support/access-entry.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';

vi.setConfig({ testTimeout: 180_000 });

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(privateKey);
const ORIGIN = originOf('TEST', 'use');
const ENTRIES = 23;

/** Seeded, so that a failure can be repeated (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function storeOf(db: Database): LogStore & CheckedLog {
  const writes = accessLogWrites(db);
  const statements = new StatementCache(db);
  return {
    append: async (log, entries) => writes.accessLogAppend(log, entries),
    size: async (log) => reads.accessLogSize(statements, log),
    root: async (log, size) => reads.accessLogRoot(statements, log, size),
    lastHead: async (log) => reads.accessLogLastHead(statements, log),
    heads: async (log) => reads.accessLogHeads(statements, log),
    putHead: async (head) => writes.accessLogHeadPut(head),
    check: async (log, state, limit, sizes) => accessLogCheck(statements, log, state, limit, sizes),
  };
}

interface Log {
  readonly store: LogStore & CheckedLog;
  /** The newest head, as it was kept elsewhere. */
  readonly head: string;
}

async function fill(db: Database): Promise<Log> {
  const store = storeOf(db);
  const notes: string[] = [];
  const log = new AccessLog({
    store,
    key: privateKey,
    node: 'TEST',
    now: () => 1,
    publish: ({ note }) => void notes.push(note),
  });
  for (let i = 0; i < ENTRIES; i += 1) {
    await recordEntries(store, [accessEntry({ log: 'use', at: i, itemId: `1.2.${i}` })]);
    if (i === 9) await log.signHeads();
  }
  await log.signHeads();
  expect(notes).toHaveLength(2);
  return { store, head: notes[1]! };
}

/** The same log, of which other numbers of entries are read at once. */
function sliced(store: CheckedLog, limit: () => number): CheckedLog {
  return { heads: store.heads, check: (log, state, _limit, sizes) => store.check(log, state, limit(), sizes) };
}

function verify(store: CheckedLog, elsewhere: readonly TreeHead[]): Promise<LogVerdict> {
  return verifyLog({
    store,
    log: 'use',
    origin: ORIGIN,
    publicKey,
    elsewhere,
    keepYears: 12,
    onProgress: () => undefined,
  });
}

/** What somebody with write access to the database may do; each changes something. */
const MUTATIONS: Readonly<Record<string, (db: Database, random: (below: number) => number) => void>> = {
  'an edited record': (db, random) =>
    void db
      .prepare(`UPDATE access_log_entry SET record = replace(record, '"itemId":"1.2.', '"itemId":"1.3.') WHERE seq = ?`)
      .run(random(ENTRIES)),
  'a moved time': (db, random) =>
    void db.prepare('UPDATE access_log_entry SET at = at + 1 WHERE seq = ?').run(random(ENTRIES)),
  'another person': (db, random) =>
    void db.prepare("UPDATE access_log_entry SET person = '010101-999X' WHERE seq = ?").run(random(ENTRIES)),
  'a person whose id is longer': (db, random) =>
    void db
      .prepare('UPDATE access_log_entry SET person = substr(person, 1, length(person) - 1) WHERE seq = ?')
      .run(random(ENTRIES)),
  'a removed entry': (db, random) => void db.prepare('DELETE FROM access_log_entry WHERE seq = ?').run(random(ENTRIES)),
  'a removed entry, the others moved up': (db, random) => {
    const seq = random(ENTRIES);
    db.prepare('DELETE FROM access_log_entry WHERE seq = ?').run(seq);
    db.prepare('UPDATE access_log_entry SET seq = -seq WHERE seq > ?').run(seq);
    db.prepare('UPDATE access_log_entry SET seq = -seq - 1 WHERE seq < 0').run();
  },
  'two entries in each other’s place': (db, random) => {
    const [one, step] = [random(ENTRIES), 1 + random(ENTRIES - 1)];
    const other = (one + step) % ENTRIES;
    db.prepare('UPDATE access_log_entry SET seq = -1 WHERE seq = ?').run(one);
    db.prepare('UPDATE access_log_entry SET seq = ? WHERE seq = ?').run(one, other);
    db.prepare('UPDATE access_log_entry SET seq = ? WHERE seq = -1').run(other);
  },
  'a cut end': (db, random) => void db.prepare('DELETE FROM access_log_entry WHERE seq >= ?').run(random(ENTRIES)),
  'a cut end with its hashes and heads': (db, random) => {
    const from = random(ENTRIES);
    db.prepare('DELETE FROM access_log_entry WHERE seq >= ?').run(from);
    db.prepare('DELETE FROM access_log_node WHERE (position + 1) * (1 << level) > ?').run(from);
    db.prepare('DELETE FROM access_log_head WHERE size > ?').run(from);
  },
  'a record taken out': (db, random) =>
    void db.prepare('UPDATE access_log_entry SET record = NULL WHERE seq = ?').run(random(ENTRIES)),
  'an entry before the first': (db, random) =>
    void db
      .prepare(
        `INSERT INTO access_log_entry (log, seq, at, person, record, leaf)
         SELECT log, -1 - seq, at, person, record, leaf FROM access_log_entry WHERE seq = ?`,
      )
      .run(random(ENTRIES)),
  'records taken out long before their time, by an entry that says so': (db, random) => {
    const at = Date.parse('1980-01-01');
    const through = 10 + random(ENTRIES - 10);
    const entry = { at, person: '', record: JSON.stringify({ at, person: '', pruned: { log: 'use', through } }) };
    db.prepare('UPDATE access_log_entry SET at = -9e12 WHERE seq <= ?').run(through);
    accessLogWrites(db).accessLogPrune('use', through, entry);
  },
  'a changed hash': (db, random) =>
    void db
      .prepare('UPDATE access_log_node SET hash = randomblob(32) WHERE level = 1 AND position = ?')
      .run(random(Math.floor(ENTRIES / 2))),
  'a log written anew from one entry on': (db, random) => {
    const from = random(ENTRIES);
    const rest = db.prepare('SELECT at, record FROM access_log_entry WHERE seq >= ? ORDER BY seq').all(from) as {
      at: number;
      record: string;
    }[];
    MUTATIONS['a cut end with its hashes and heads']!(db, () => from);
    const forged = rest.map(({ at, record }) => {
      const person = '010101-9999';
      return { at, person, record: JSON.stringify({ ...(JSON.parse(record) as object), at, person }) };
    });
    accessLogWrites(db).accessLogAppend('use', forged);
  },
};

describe('a log in which somebody has been', () => {
  let dir: TempDir;
  let db: Database;
  let log: Log;

  beforeAll(async () => {
    dir = await tempDir();
    db = openWriter(dir.file('kuva.sqlite'));
    log = await fill(db);
  });

  afterAll(async () => {
    db.close();
    await dir[Symbol.asyncDispose]();
  });

  test('an untouched log is whole, in whatever slices it is read', async () => {
    for (let limit = 1; limit <= ENTRIES + 1; limit += 1)
      expect(
        await verify(
          sliced(log.store, () => limit),
          [openHead(log.head, publicKey)],
        ),
      ).toMatchObject({
        entries: ENTRIES,
        heads: 3,
        problems: [],
      });
  });

  test('entries appended together make the tree that they make one by one', async () => {
    for (const sizes of [[ENTRIES], [1, 2, 3, 4, 5, 8], [7, 1, 15]]) {
      await using other = await tempDir();
      const together = openWriter(other.file('kuva.sqlite'));
      const store = storeOf(together);
      let at = 0;
      for (const size of sizes)
        await recordEntries(
          store,
          Array.from({ length: size }, () => accessEntry({ log: 'use', at, itemId: `1.2.${at++}` })),
        );
      expect(await store.root('use', ENTRIES)).toBe(await log.store.root('use', ENTRIES));
      expect(await verify(store, [])).toMatchObject({ entries: ENTRIES, problems: [] });
      together.close();
    }
  });

  test('10 000 edits, removals, reorderings, truncations: every one is seen', async () => {
    const random = randomFrom(20_261_125);
    const kinds = Object.entries(MUTATIONS);
    const unseen: string[] = [];
    const kept = [openHead(log.head, publicKey)];
    for (let round = 0; round < 10_000; round += 1) {
      const [name, mutate] = kinds[round % kinds.length]!;
      db.exec('BEGIN');
      mutate(db, random);
      const { problems } = await verify(
        sliced(log.store, () => 1 + random(ENTRIES + 1)),
        kept,
      );
      db.exec('ROLLBACK');
      if (problems.length === 0) unseen.push(`${round} ${name}`);
    }
    expect(unseen).toEqual([]);
  });

  test('an end cut off before any head was signed leaves its hashes', async () => {
    db.exec('BEGIN');
    db.exec('DELETE FROM access_log_head');
    db.exec('DELETE FROM access_log_entry WHERE seq >= 19');
    const { problems } = await verify(log.store, []);
    db.exec('ROLLBACK');
    expect(problems).toMatchObject([{ seq: 19, problem: expect.stringContaining('no longer there') as string }]);
  });

  test('a node that got another name has the log that it had', async () => {
    const renamed = await verifyLog({
      store: log.store,
      log: 'use',
      origin: originOf('RENAMED', 'use'),
      publicKey,
      elsewhere: [openHead(log.head, publicKey)],
      keepYears: 12,
      onProgress: () => undefined,
    });
    expect(renamed.problems).toEqual([]);
  });

  test('a head of another node, or one that was changed, is no witness', async () => {
    const forged = log.head.replace(`${ENTRIES}`, `${ENTRIES - 1}`);
    expect(() => openHead(forged, publicKey)).toThrow(/not signed with this key/);
    const other = createPublicKey(generateKeyPairSync('ed25519').privateKey);
    expect(() => openHead(log.head, other)).toThrow(/not signed with this key/);
  });
});
