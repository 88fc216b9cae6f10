import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { decodeEntry } from '../../src/access-log/access-entry.ts';
import type { AccessLogName } from '../../src/index/access-log/access-log-types.ts';
import { writeInstances } from '../cli/kuva.ts';
import { echoscu, findscu, getscu, movescu, storescu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { succeeded } from '../support/run-process.ts';
import { StoreScp } from '../support/storescp.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

// A node of one organisation, without disclosure control: whoever may associate sees everything, and what they see is in the log.

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const [ONE, OTHER] = ['010181-900C', '131052-308T'];
const STUDIES = [
  { study: '2.25.1', patientId: ONE },
  { study: '2.25.2', patientId: ONE },
  { study: '2.25.3', patientId: OTHER },
] as const;

let inbox: StoreScp;
let node: NodeProcess;
let unlogged: NodeProcess;
let strict: NodeProcess;

beforeAll(async () => {
  inbox = await StoreScp.start();
  await using dir = await tempDir('kuva-images-');
  writeInstances(
    dir.path,
    STUDIES.map((each) => ({ ...each, sop: `${each.study}.1` })),
  );
  const start = async (withoutControl: boolean, mandatory = false): Promise<NodeProcess> => {
    const started = await NodeProcess.start({
      sections: { node: { organisation: 'district' }, accessLog: { withoutControl, mandatory } },
      aes: [{ aet: 'INBOX', port: inbox.port }],
    });
    await succeeded(
      storescu(
        started.peer('CT1'),
        STUDIES.map((_, at) => dir.file(`${at}.dcm`)),
      ),
    );
    return started;
  };
  [node, unlogged, strict] = await Promise.all([start(true), start(false), start(true, true)]);
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await unlogged?.[Symbol.asyncDispose]();
  await strict?.[Symbol.asyncDispose]();
  await inbox?.[Symbol.asyncDispose]();
});

const database = (of: NodeProcess): string => join(of.storageRoot, 'kuva.sqlite');

/** What the logs have since the last call. */
const told = new Map<NodeProcess, number>();
function logged(of = node): string[] {
  const db = new Sqlite(database(of), { readonly: true });
  const rows = db
    .prepare<unknown[], { id: number; log: AccessLogName; record: string }>(
      'SELECT id, log, record FROM access_log_entry WHERE id > ? ORDER BY id',
    )
    .all(told.get(of) ?? 0);
  db.close();
  told.set(of, rows.at(-1)?.id ?? told.get(of) ?? 0);
  return rows
    .map(({ log, record }) => decodeEntry(log, record))
    .map(({ log, eventType, application, person, itemId, items, user }) =>
      [log, eventType, application, person, itemId, items, user].join(' ').trim(),
    );
}

const STUDY_KEYS = ['QueryRetrieveLevel=STUDY', 'PatientName', 'StudyDate'];
const find = (of: NodeProcess, keys: readonly string[], model: 'study' | 'patient' = 'study') =>
  findscu(of.peer('PACS'), model, keys);

test('each study that C-FIND shows is in the use log, with its patient, and a search that finds nothing', async () => {
  await find(node, [...STUDY_KEYS, `PatientID=${ONE}`]);
  expect(logged()).toEqual([`use C-FIND PACS ${ONE} 2.25.1 1`, `use C-FIND PACS ${ONE} 2.25.2 1`]);
  await find(node, [...STUDY_KEYS, 'PatientID=NOBODY']);
  expect(logged()).toEqual(['use C-FIND PACS   0']);
  const who = 'RequestedProcedureComments=user=1.2.246.537.26.1;purpose=CARE';
  await find(node, ['QueryRetrieveLevel=SERIES', 'StudyInstanceUID=2.25.3', 'SeriesInstanceUID', who]);
  expect(logged()).toEqual([`use C-FIND PACS ${OTHER} 2.25.3 1 1.2.246.537.26.1`]);
  await find(node, ['QueryRetrieveLevel=PATIENT', `PatientID=${ONE}`], 'patient');
  expect(logged()).toEqual([`use C-FIND PACS ${ONE} 2.25.1 1`, `use C-FIND PACS ${ONE} 2.25.2 1`]);
  const { stdout } = await node.kuva('log', 'report', ONE);
  expect(stdout.match(/C-FIND/g)?.length).toBe(4);
  logged();
});

test('each study that C-MOVE and C-GET send is in the use log, and whom it went to', async () => {
  const keys = ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID=2.25.3'];
  expect((await movescu(node.peer('PACS'), 'study', 'INBOX', keys)).counters.completed).toBe(1);
  expect(logged()).toEqual([`use C-MOVE PACS ${OTHER} 2.25.3 1`]);
  await using into = await tempDir();
  expect((await getscu(node.peer('PACS'), 'study', into.path, keys)).counters.completed).toBe(1);
  expect(logged()).toEqual([`use C-GET PACS ${OTHER} 2.25.3 1`]);
});

test('what is answered is the same to the letter as without a log, of which that node has none', async () => {
  for (const [model, keys] of [
    ['study', STUDY_KEYS],
    ['study', [...STUDY_KEYS, 'NumberOfPatientRelatedInstances']],
    ['study', ['QueryRetrieveLevel=IMAGE', 'StudyInstanceUID=2.25.1', 'SeriesInstanceUID=2.25.1.1', 'SOPInstanceUID']],
    ['patient', ['QueryRetrieveLevel=PATIENT', 'PatientName', 'NumberOfPatientRelatedStudies']],
  ] as const) {
    const [with_, without] = [await find(node, keys, model), await find(unlogged, keys, model)];
    const own = (text: string) => text.replaceAll(node.aet, '').replaceAll(unlogged.aet, '').replaceAll(/\d{5}/g, '');
    expect(own(with_.result.output)).toBe(own(without.result.output));
    expect(with_.matches.length).toBeGreaterThan(0);
  }
  expect(logged().length).toBeGreaterThan(0);
  expect(logged(unlogged)).toEqual([]);
  await expect.poll(() => unlogged.output(), { timeout: 10_000 }).toContain('what they see is not in the use log');
  await expect.poll(() => node.output(), { timeout: 10_000 }).toContain('what they see is in the use log');
});

test('what goes to another controller is a disclosure, as far as the registers know them', async () => {
  for (const [key, oid] of [
    ['district', '1.2.246.10.90000011'],
    ['town', '1.2.246.10.90000038'],
  ] as const)
    await succeeded(
      node.kuva('org', 'set', key, '--name', key, '--kind', 'public', '--oid', oid, '--controller', `${oid}.19.0`),
    );
  await succeeded(node.kuva('ae', 'add', 'CT1', '--host', '127.0.0.1', '--organisation', 'district'));
  await succeeded(node.kuva('ae', 'add', 'TOWN', '--host', '127.0.0.1', '--organisation', 'town'));
  await using dir = await tempDir('kuva-images-');
  writeInstances(dir.path, [{ study: '2.25.9', sop: '2.25.9.1', patientId: ONE }]);
  await succeeded(storescu(node.peer('CT1'), [dir.file('0.dcm')]));
  logged();
  const keys = ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID=2.25.9'];
  await findscu(node.peer('TOWN'), 'study', keys);
  await findscu(node.peer('CT1'), 'study', keys);
  await findscu(node.peer('PACS'), 'study', keys);
  expect(logged()).toEqual([
    `disclosure C-FIND TOWN ${ONE} 2.25.9 1`,
    `use C-FIND CT1 ${ONE} 2.25.9 1`,
    `use C-FIND PACS ${ONE} 2.25.9 1`,
  ]);
});

test('when the log cannot be written the images still come, and the node says who has seen what', async () => {
  logged();
  const db = new Sqlite(database(node));
  db.exec("CREATE TRIGGER full BEFORE INSERT ON access_log_entry BEGIN SELECT RAISE(ABORT, 'no room'); END");
  try {
    const { matches } = await find(node, ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID=2.25.3', 'PatientID']);
    expect(matches.length).toBe(1);
    const line = await waitFor('the line', () =>
      node
        .output()
        .split('\n')
        .find((each) => each.includes('the use log cannot be written')),
    );
    expect(line).toMatch(/C-FIND.*PACS.*2\.25\.3/);
    expect(line).not.toContain(OTHER);
  } finally {
    db.exec('DROP TRIGGER full');
    db.close();
  }
  expect(logged()).toEqual([]);
});

test('where the log is mandatory nothing is shown while it cannot be written; storing goes on, and showing without a restart', async () => {
  const db = new Sqlite(database(strict));
  await using dir = await tempDir('kuva-mandatory-');
  writeInstances(dir.file('in'), [{ study: '2.25.77', sop: '2.25.77.1' }]);
  const study = ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID=2.25.3'];
  const before = inbox.received().length;
  db.exec("CREATE TRIGGER full BEFORE INSERT ON access_log_entry BEGIN SELECT RAISE(ABORT, 'no room'); END");
  try {
    for (const keys of [study, ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID=2.25.999']]) {
      const { matches, result } = await findscu(strict.peer('PACS'), 'study', keys);
      expect([matches.length, result.output]).toEqual([0, expect.stringMatching(/a700|OutOfResources/i)]);
    }
    const moved = await movescu(strict.peer('PACS'), 'study', 'INBOX', study);
    expect([moved.status, inbox.received().length]).toEqual([0xa702, before]);
    expect(strict.output()).not.toContain('internal error');
    await succeeded(storescu(strict.peer('CT1'), [dir.file('in', '0.dcm')]));
    expect((await echoscu(strict.peer('CT1'))).code).toBe(0);
  } finally {
    db.exec('DROP TRIGGER full');
    db.close();
  }
  expect((await findscu(strict.peer('PACS'), 'study', study)).matches.length).toBe(1);
});
