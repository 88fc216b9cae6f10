import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeInstances } from '../cli/kuva.ts';
import { echoscu, findscu } from '../support/dcmtk.ts';
import { DERIVED_STUDY, deriveStudy } from '../support/derive-sample.ts';
import { NodeProcess } from '../support/node-process.ts';
import { sendWithOwnRequestor } from '../support/own-sender.ts';
import { filesBelow } from '../support/store-tree.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';
import { canMount, tmpfs } from '../support/tmpfs.ts';
import type { Tmpfs } from '../support/tmpfs.ts';
import { waitFor } from '../support/wait-for.ts';

vi.setConfig({ testTimeout: 60_000 });

const COUNT = 6;
// The write-ahead log is written again from its beginning: what it has of the disk already takes some more.
const MORE = 120;
const KEYS = ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${DERIVED_STUDY}`, 'NumberOfStudyRelatedInstances'];

let disk: Tmpfs;
let node: NodeProcess;
let dir: TempDir;
let files: string[];

// The database lies on a small disk of its own, the objects on a large one.
beforeAll(async () => {
  if (!canMount) return;
  disk = tmpfs('size=16m');
  node = await NodeProcess.start({
    prepare: (root) => {
      mkdirSync(root, { recursive: true });
      symlinkSync(join(disk.path, 'kuva.sqlite'), join(root, 'kuva.sqlite'));
    },
  });
  dir = await tempDir();
  files = await deriveStudy(dir, 'test_files/CT_small.dcm', COUNT);
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
  disk?.[Symbol.dispose]();
});

/** Takes every byte that the disk of the database has left. */
function fill(): void {
  for (const bytes of [1024 * 1024, 4096]) {
    try {
      for (let n = 0; ; n++) writeFileSync(join(disk.path, `fill-${bytes}-${n}`), Buffer.alloc(bytes));
    } catch {
      // Full.
    }
  }
}

function free(): void {
  for (const name of readdirSync(disk.path)) if (name.startsWith('fill-')) rmSync(join(disk.path, name));
}

const keptFiles = () => filesBelow(join(node.storageRoot, 'objects')).length;
const metric = async (name: string) => {
  const text = await (await fetch(`http://127.0.0.1:${node.httpPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
};

/** Sends on until the disk is full; gives the files that were refused. */
async function sendUntilRefused(paths: readonly string[]): Promise<string[]> {
  fill();
  const statuses = await sendWithOwnRequestor(node.peer('SCU'), paths);
  expect(statuses).toContain(0xa700);
  return paths.filter((_, at) => statuses[at] !== 0);
}

test.skipIf(!canMount)(
  'a full disk of the database: A700, the rest goes on, and what was kept is indexed when there is room',
  async () => {
    const refused = await sendUntilRefused(files);
    // One was published before it was known; the others were refused before that.
    expect(await metric('kuva_unindexed_objects')).toBe(1);
    expect(keptFiles()).toBe(COUNT - refused.length + 1);
    const health = await fetch(`http://127.0.0.1:${node.httpPort}/healthz`);
    expect([health.status, await health.text()]).toEqual([503, expect.stringContaining('takes no rows')]);
    expect((await echoscu(node.peer('SCU'))).code).toBe(0);
    expect((await findscu(node.peer('SCU'), 'study', KEYS)).result.code).toBe(0);

    free();
    await waitFor('the row of what was kept', async () => (await metric('kuva_unindexed_objects')) === 0, 20_000);
    expect(await metric('kuva_count_instances')).toBe(keptFiles());
    expect(await sendWithOwnRequestor(node.peer('SCU'), refused)).toEqual(refused.map(() => 0));
    const [study] = (await findscu(node.peer('SCU'), 'study', KEYS)).matches;
    expect(study?.get('0020,1208')).toBe(String(COUNT));
    expect(keptFiles()).toBe(COUNT);
  },
);

test.skipIf(!canMount)(
  'killed while the disk of the database is full: the next start indexes what was kept',
  async () => {
    const folder = dir.file('more');
    writeInstances(
      folder,
      Array.from({ length: MORE }, (_, i) => ({ study: '2.25.99000', sop: `2.25.99100${i}` })),
    );
    const others = Array.from({ length: MORE }, (_, i) => join(folder, `${i}.dcm`));
    const before = keptFiles();
    const refused = await sendUntilRefused(others);
    expect(keptFiles()).toBe(before + MORE - refused.length + 1);
    await node.kill();
    free();
    await node.start();
    expect(await metric('kuva_count_instances')).toBe(keptFiles());
    expect((await node.kuva('verify')).code).toBe(0);
  },
);
