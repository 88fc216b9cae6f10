import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openCli } from '../cli/kuva.ts';
import { findscu } from '../support/dcmtk.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { getStudies } from '../support/retrieve-client.ts';
import { sendObjects, testObject } from '../support/test-objects.ts';
import { waitFor } from '../support/wait-for.ts';

interface State {
  readonly repository: string | null;
  readonly waiting: number;
  readonly oldestAt: number | null;
  readonly untold: number;
  readonly warning: string;
}

const metric = async (node: NodeProcess, name: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${node.httpPort}/metrics`)).text();
  return Number(new RegExp(`^${name} ([\\d.]+)$`, 'm').exec(text)?.[1]);
};

test('what waits is told by log line, metric, kuva status and kuva log audit, with the age of the oldest; nothing is dropped', async () => {
  const repository = { host: '127.0.0.1', port: await freePort(), tls: null };
  await using node = await NodeProcess.start({ sections: { audit: { repository, warnMessages: 20, warnAge: '1d' } } });
  const find = () => findscu(node.peer('PACS'), 'study', ['QueryRetrieveLevel=STUDY', 'PatientID=PID-1']);
  const state = async (code: number): Promise<State> => {
    const result = await node.kuva('log', 'audit', '--json');
    expect(result.code, result.output).toBe(code);
    return JSON.parse(result.stdout) as State;
  };
  await find();
  expect(await state(0)).toMatchObject({ repository: `127.0.0.1:${repository.port}`, waiting: 2, warning: '' });
  expect(await metric(node, 'kuva_audit_overdue')).toBe(0);
  for (let i = 0; i < 18; i += 1) await find();
  const waiting = await state(1);
  expect(waiting.waiting).toBe(20);
  expect(Date.now() - (waiting.oldestAt ?? 0)).toBeLessThan(120_000);
  expect(waiting.warning).toContain('20 audit messages wait, the oldest for');
  expect([await metric(node, 'kuva_audit_overdue'), await metric(node, 'kuva_audit_messages_waiting')]).toEqual([
    1, 20,
  ]);
  const status = await node.kuva('status');
  // It is a warning: the node does its work.
  expect(status.code).toBe(0);
  expect(status.stdout).toMatch(/audit messages +to 127\.0\.0\.1:\d+; 20 messages wait, the oldest for/);
  expect(status.stderr).toContain('warning: 20 audit messages wait');
  await waitFor('the line in the log', () =>
    node.output().includes('audit messages wait for the repository: kuva log audit'),
  );
  await node.stop();
  // Also of a node that is not running; its end is told, too, and the head of the use log that has the searches.
  expect(await state(1)).toMatchObject({ waiting: 22 });
});

test('without a repository nothing is kept for the trail and nothing is told, whatever happens', async () => {
  await using node = await NodeProcess.start();
  const study = '2.25.55';
  await sendObjects(node.peer('CT1'), [testObject({ study, sop: `${study}.1` })]);
  await findscu(node.peer('PACS'), 'study', ['QueryRetrieveLevel=STUDY', 'PatientID=PID-1']);
  const wanted = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', transferSyntaxUid: '1.2.840.10008.1.2.1' };
  expect((await getStudies(node.peer('PACS'), [study], [wanted])).received).toHaveLength(1);
  for (const command of [
    ['studies', 'list'],
    ['export', study, join(node.storageRoot, '..', 'out')],
    ['log', 'list'],
  ])
    expect((await node.kuva(...command)).code).toBe(0);
  await node.kill();
  const db = new Sqlite(join(node.storageRoot, 'kuva.sqlite'), { readonly: true });
  for (const table of ['audit_message', 'audit_reception', 'audit_received'])
    expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBe(0);
  db.close();
  // What names patients is in the database and in the objects, and not in the log.
  expect(node.output()).not.toMatch(/PID-1|Testi/);
  const { stdout } = await node.kuva('log', 'audit');
  expect(stdout).toContain('none: audit.repository is null');
});

test('messages that were left when the repository was taken out of the configuration are not forgotten', async () => {
  await using cli = await openCli();
  await cli.json(0, 'ae', 'add', 'CT1', '--host', '127.0.0.1');
  const db = new Sqlite(join(cli.storage, 'kuva.sqlite'));
  db.prepare('INSERT INTO audit_message (at, failed, message) VALUES (?, 0, ?)').run(Date.now() - 7_200_000, '<m/>');
  db.close();
  const result = await cli.run('log', 'audit');
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(
    '1 audit messages wait, the oldest for 2 h: audit.repository is null, so nobody gets them',
  );
});
