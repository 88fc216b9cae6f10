import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { RunningProcess } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { KUVA, openCli, writeInstances } from './kuva.ts';

// Each command is a process of its own; on a busy machine they take a while.
vi.setConfig({ testTimeout: 180_000 });

test('start says where it listens, what to try and that it is open; stops in order on SIGTERM', async () => {
  await using cli = await openCli();
  const ready = cli.file('ready.json');
  const node = new RunningProcess(
    KUVA,
    ['start', '--port', '0', '--http-port', '0', '--storage', cli.storage, '--ready-file', ready],
    { cwd: cli.file() },
  );
  const { dicomPort, httpPort, pid } = await waitFor(
    'the ready file',
    () => JSON.parse(readFileSync(ready, 'utf8')) as Record<string, number>,
  );
  expect([pid, dicomPort! > 0, httpPort! > 0]).toEqual([node.pid, true, true]);
  for (const line of [
    `kuva KUVA listens on 127.0.0.1:${dicomPort}, stores in ${cli.storage}`,
    `storescu -aec KUVA 127.0.0.1 ${dicomPort} +sd +r FOLDER`,
    `findscu -S -aec KUVA 127.0.0.1 ${dicomPort} -k QueryRetrieveLevel=STUDY`,
    `http://127.0.0.1:${httpPort}/healthz`,
    'any calling AE on this machine may store and query',
  ])
    await expect.poll(() => node.output(), { timeout: 10_000 }).toContain(line);

  expect((await cli.json(0, 'status'))[0]).toMatchObject({
    running: true,
    state: 'running',
    dicomPort,
    health: { ok: true },
  });
  const second = await cli.run('start', '--port', '0', '--http-port', '0');
  expect(second.code).toBe(5);
  expect(second.stderr).toContain(`in use by kuva start (pid ${node.pid} on `);
  expect((await cli.run('reindex')).code).toBe(5);

  node.child.kill('SIGTERM');
  expect(await node.exited).toEqual({ code: 0, signal: null });
  expect(existsSync(ready)).toBe(false);
  const stopped = await cli.run('status', '--json');
  expect(stopped.code).toBe(3);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ running: false, state: 'not running' });
});

test('the log is JSON lines alone, the welcome is on standard output', async () => {
  await using cli = await openCli();
  const [ready, log] = [cli.file('ready.json'), cli.file('log')];
  const command = `exec "$0" start --port 0 --http-port 0 --ready-file "${ready}" --set logging.format=json 2> "${log}"`;
  await using node = new RunningProcess('/bin/sh', ['-c', command, KUVA], {
    cwd: cli.file(),
    env: { KUVA_STORAGE__ROOT: cli.storage, KUVA_STORAGE__RESERVE_BYTES: '0' },
  });
  await waitFor('the ready file', () => existsSync(ready));
  expect(node.output()).toMatch(/^kuva KUVA listens on .*\n {2}configuration/);
  node.child.kill('SIGTERM');
  expect((await node.exited).code).toBe(0);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const messages = lines.map((line) => (JSON.parse(line) as { message: string }).message);
  expect(messages).toContain('stopping on SIGTERM: open associations have 10 s to end');
});

test('after kill -9 the storage is not in use any more', async () => {
  await using cli = await openCli();
  const ready = cli.file('ready.json');
  const args = ['start', '--port', '0', '--http-port', '0', '--storage', cli.storage, '--ready-file', ready];
  await using node = new RunningProcess(KUVA, args, { cwd: cli.file() });
  await waitFor('the ready file', () => existsSync(ready));
  node.child.kill('SIGKILL');
  await node.exited;
  expect((await cli.run('status')).code).toBe(3);
  await using again = new RunningProcess(KUVA, args, { cwd: cli.file() });
  await waitFor('the node again', () => again.isRunning && again.output().includes('listens on'));
});

test('beyond loopback it does not start without an AE register entry, and says why', async () => {
  await using cli = await openCli();
  const open = ['start', '--host', '0.0.0.0', '--port', '0', '--http-port', '0'];
  const { code, stderr } = await cli.run(...open);
  expect(code).toBe(2);
  expect(stderr).toContain('the AE register is empty');
  expect(stderr).toContain('kuva ae add AET --host ADDRESS --port PORT');
  expect((await cli.run(...open, '--set', 'access.anyCallingAet=true')).code).toBe(2);

  await cli.json(0, 'ae', 'add', 'CT1', '--host', '10.0.0.7');
  const ready = cli.file('ready.json');
  await using node = new RunningProcess(KUVA, [...open, '--storage', cli.storage, '--ready-file', ready], {
    cwd: cli.file(),
  });
  await waitFor('the node', () => existsSync(ready));
  await expect.poll(() => node.output(), { timeout: 10_000 }).toContain('without TLS');
});

test('a port that is taken is named, with what to do, and nothing is left locked', async () => {
  await using cli = await openCli();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = await cli.run('start', '--port', String(port), '--http-port', '0');
  taken.close();
  expect(code).toBe(1);
  expect(stderr).toContain(`port ${port} of 127.0.0.1 is taken by another program: give another one with --port`);
  expect(existsSync(join(cli.storage, 'node.lock'))).toBe(false);
});

test('a second signal ends a stop that hangs', async () => {
  const module = new URL('../../src/commands/stop-signal.ts', import.meta.url).href;
  const script = `import { stopSignal } from ${JSON.stringify(module)}; const stop = stopSignal(console.log); setInterval(() => {}, 1000); console.log('ready'); console.log('first', await stop.asked);`;
  await using hanging = new RunningProcess(process.execPath, ['--input-type=module', '-e', script]);
  await waitFor('its handlers', () => hanging.output().includes('ready'));
  hanging.child.kill('SIGINT');
  await waitFor('the first signal', () => hanging.output().includes('first SIGINT'));
  await waitFor('its end', () => {
    hanging.child.kill('SIGTERM');
    return !hanging.isRunning;
  });
  expect((await hanging.exited).signal).toBe('SIGTERM');
});

test('the register of a running node is edited beside it, and a rejection tells the command', async () => {
  await using node = await NodeProcess.start({ sections: { access: { anyCallingAet: false } } });
  const echo = () =>
    node.kuva('peer', 'echo', 'KUVA', '--host', '127.0.0.1', '--port', String(node.dicomPort), '--calling', 'CT1');
  const rejected = await echo();
  expect(rejected.code).toBe(4);
  expect(rejected.stderr).toContain('calling');
  await waitFor('the command to be told', () =>
    node.output().includes('unknown calling AE \\"CT1\\" from 127.0.0.1: kuva ae add CT1 --host 127.0.0.1 --port 104'),
  );

  expect((await node.kuva('ae', 'add', 'CT1', '--host', '127.0.0.1', '--service', 'echo')).code).toBe(0);
  expect((await echo()).code).toBe(0);
  expect((await node.kuva('ae', 'remove', 'CT1')).code).toBe(0);
  expect((await echo()).code).toBe(4);
});

test('peer send, find and move between two nodes, import beside a running one', async () => {
  const target = await freePort();
  await using dir = await tempDir();
  const folder = dir.file('in');
  writeInstances(folder, [
    { study: '1.2.1', sop: '1.2.1.1.1' },
    { study: '1.2.1', sop: '1.2.1.1.2' },
    { study: '1.2.2', sop: '1.2.2.1.1' },
  ]);
  writeFileSync(join(folder, 'README.txt'), 'pictures of the day');
  await using from = await NodeProcess.start({ aes: [{ aet: 'TARGET', port: target }] });
  await using to = await NodeProcess.start({
    sections: { node: { aeTitle: 'TARGET' }, dicom: { host: '127.0.0.1', port: target } },
  });
  const address = ['--host', '127.0.0.1', '--port', String(from.dicomPort)];

  const sent = await from.kuva('peer', 'send', 'KUVA', folder, ...address, '--json');
  expect([sent.code, JSON.parse(sent.stdout)]).toMatchObject([0, { sent: 3, failed: 0, notDicom: 1 }]);

  const found = await from.kuva(
    'peer',
    'find',
    'KUVA',
    ...address,
    '--json',
    '--key',
    'PatientName=makela*',
    '--key',
    'StudyInstanceUID',
  );
  expect(found.code).toBe(0);
  expect(found.stdout).not.toContain('"_');
  const matches = found.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(matches.map((match) => match['StudyInstanceUID']).toSorted()).toEqual(['1.2.1', '1.2.2']);

  const moved = await from.kuva('peer', 'move', 'KUVA', '--to', 'TARGET', '--study', '1.2.1', ...address, '--json');
  expect(JSON.parse(moved.stdout)).toMatchObject({ status: '0000', completed: 2, failed: 0 });
  expect((await to.kuva('studies', 'show', '1.2.1')).code).toBe(0);

  const unknown = await from.kuva('peer', 'move', 'KUVA', '--to', 'NOBODY', '--study', '1.2.1', ...address);
  expect(unknown.code).toBe(4);
  expect(unknown.stderr).toContain('A801');

  const imported = await to.kuva('import', folder, '--json');
  expect(JSON.parse(imported.stdout)).toMatchObject({ files: 4, new: 1, duplicate: 2, notDicom: 1 });
  expect((await to.kuva('verify')).code).toBe(0);
});

test('a peer that is not there is exit code 3', async () => {
  await using cli = await openCli();
  const port = String(await freePort());
  for (const command of [
    ['peer', 'echo', 'PACS'],
    ['peer', 'find', 'PACS'],
    ['peer', 'move', 'PACS', '--to', 'X', '--study', '1.2'],
  ]) {
    const { code, stderr } = await cli.run(...command, '--host', '127.0.0.1', '--port', port);
    expect([command[1], code]).toEqual([command[1], 3]);
    expect(stderr).toContain(`127.0.0.1:${port}`);
  }
});
