import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { writeInstances } from '../cli/kuva.ts';
import { NodeProcess } from '../support/node-process.ts';
import { runProcess, succeeded } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

vi.setConfig({ testTimeout: 180_000 });

// Nobody listens there.
const DESTINATION = { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: 9, tls: false };
const EGRESS = { egress: { destination: DESTINATION, quietTime: '0s' } };

/** The pid of whoever holds the right to forward. */
function egressPid(node: NodeProcess): number {
  return (JSON.parse(readFileSync(join(node.storageRoot, 'egress.lock'), 'utf8')) as { pid: number }).pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

function states(node: NodeProcess): string {
  const db = new Database(join(node.storageRoot, 'kuva.sqlite'), { readonly: true });
  try {
    return db.prepare('SELECT state FROM egress_job ORDER BY id').pluck().all().map(String).join();
  } finally {
    db.close();
  }
}

async function send(node: NodeProcess, study: string): Promise<void> {
  await using dir = await tempDir('kuva-send-');
  writeInstances(dir.path, [{ study, sop: `${study}.9` }]);
  await succeeded(runProcess('storescu', ['-aec', node.aet, '127.0.0.1', String(node.dicomPort), '+sd', dir.path]));
}

test('the node runs the queue, starts it again when it is killed, and takes it along when it ends', async () => {
  await using node = await NodeProcess.start({ sections: EGRESS });
  const first = await waitFor('the egress process', () => egressPid(node));
  expect(first).not.toBe(node.pid);
  await send(node, '1.2.3.4');
  // These objects are not what an archive takes: the rules hold them, and say why.
  await waitFor('the study to be judged', () => states(node) === 'HELD');

  const second = await node.kuva('egress');
  expect([second.code, second.output]).toEqual([5, expect.stringContaining(`kuva egress (pid ${first}`)]);

  process.kill(first, 'SIGKILL');
  await waitFor('another egress process', () => egressPid(node) !== first);
  const next = egressPid(node);
  await send(node, '1.2.3.5');
  await waitFor('the second study', () => states(node) === 'HELD,HELD');
  await expect.poll(() => node.output(), { timeout: 10_000 }).toContain('the egress process has ended');

  const metrics = await (await fetch(`http://127.0.0.1:${node.httpPort}/metrics`)).text();
  expect(metrics).toContain('kuva_egress_jobs{destination="national",state="HELD"} 2');
  expect(metrics).toMatch(/kuva_egress_failures_total\{destination="national",state="HELD",code="\w+"\} 2/);

  await node.stop();
  expect(isAlive(next)).toBe(false);
});

test('a node that is killed leaves no egress process behind, and the next one takes over', async () => {
  await using node = await NodeProcess.start({ sections: EGRESS });
  const first = await waitFor('the egress process', () => egressPid(node));
  await node.kill();
  await waitFor('its end', () => !isAlive(first));
  await node.start();
  await waitFor('another egress process', () => egressPid(node) !== first);
  expect(isAlive(egressPid(node))).toBe(true);
});

test('without a destination nothing is forwarded, and that is said once', async () => {
  await using node = await NodeProcess.start();
  await send(node, '1.2.3.4');
  expect(node.output().split('off: egress.destination is null').length).toBe(2);
  const { code, output } = await node.kuva('egress');
  expect([code, output]).toEqual([2, expect.stringContaining('egress.destination is null')]);
  expect(states(node)).toBe('');
});
