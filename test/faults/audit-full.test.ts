import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { echoscu, findscu } from '../support/dcmtk.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { getStudies } from '../support/retrieve-client.ts';
import { sendObjects, testObject } from '../support/test-objects.ts';
import { canMount, tmpfs } from '../support/tmpfs.ts';
import { waitFor } from '../support/wait-for.ts';

const CT = { sopClassUid: UID.CTImageStorage, transferSyntaxUid: UID.ExplicitVRLittleEndian };
const STUDY = '2.25.77';

/** Takes every byte that is left. */
function fill(path: string): void {
  for (const bytes of [1024 * 1024, 4096]) {
    try {
      for (let n = 0; ; n++) writeFileSync(join(path, `fill-${bytes}-${n}`), Buffer.alloc(bytes));
    } catch {
      // Full.
    }
  }
}

function free(path: string): void {
  for (const name of readdirSync(path)) if (name.startsWith('fill-')) rmSync(join(path, name));
}

test.skipIf(!canMount)(
  'a disk on which the audit trail finds no room: nothing is stored, found or sent unseen, and the trail tells of the gap',
  async () => {
    using disk = tmpfs('size=16m');
    const repository = { host: '127.0.0.1', port: await freePort(), tls: null };
    await using node = await NodeProcess.start({
      sections: { audit: { repository } },
      prepare: (root) => {
        mkdirSync(root, { recursive: true });
        symlinkSync(join(disk.path, 'kuva.sqlite'), join(root, 'kuva.sqlite'));
      },
    });
    const find = (aet: string) => findscu(node.peer(aet), 'study', ['QueryRetrieveLevel=STUDY', 'PatientID=PID-1']);
    const objects = [1, 2, 3].map((i) => testObject({ study: STUDY, sop: `${STUDY}.1.${i}` }));
    const more = (i: number) => testObject({ study: '2.25.78', sop: `2.25.78.1.${i}` });
    expect(await sendObjects(node.peer('CT1'), objects)).toEqual([0, 0, 0]);
    expect((await find('BEFORE')).matches).toHaveLength(1);

    fill(disk.path);
    // The write-ahead log is written again from its beginning: what it has of the disk already takes some more.
    for (let i = 0; (await find('FILLER')).matches.length === 1; i += 1)
      if (i > 2000) throw new Error('the disk does not fill');
    const refused = await find('REFUSED');
    expect([refused.matches, refused.result.output]).toEqual([[], expect.stringContaining('Refused: OutOfResources')]);
    const { received, responses } = await getStudies(node.peer('REFUSED'), [STUDY], [CT]);
    expect([received, responses.at(-1)?.status.code]).toEqual([[], 0xa702]);
    expect(await sendObjects(node.peer('CT1'), [more(1)])).toEqual([0xa700]);
    expect((await echoscu(node.peer('CT1'))).code).toBe(0);
    const health = await fetch(`http://127.0.0.1:${node.httpPort}/healthz`);
    expect([health.status, await health.text()]).toEqual([
      503,
      expect.stringContaining('C-FIND, C-MOVE and C-GET are refused'),
    ]);

    free(disk.path);
    await waitFor('room to be found', async () => (await find('AFTER')).matches.length === 1);
    expect((await getStudies(node.peer('AFTER'), [STUDY], [CT])).received).toHaveLength(3);
    await node.kill();
    const db = new Sqlite(join(disk.path, 'kuva.sqlite'), { readonly: true });
    const messages = db.prepare<[], string>('SELECT message FROM audit_message ORDER BY id').pluck().all();
    db.close();
    const first = (...parts: string[]) =>
      messages.findIndex((message) => parts.every((part) => message.includes(part)));
    // Also what was refused meanwhile was kept, in order, between the two that tell of the gap.
    const order = [
      first('"Query"', 'AETITLES=BEFORE'),
      first('"Audit Recording Stopped"'),
      first('"Query"', 'AETITLES=REFUSED'),
      first('"Audit Recording Started"'),
    ];
    expect(first('"Query"', 'AETITLES=AFTER')).toBeGreaterThan(0);
    expect(order.every((at) => at >= 0)).toBe(true);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    const [, told = ''] = /type="Alert Description" value="([^"]*)"/.exec(messages[order[3] ?? 0] ?? '') ?? [];
    expect(Buffer.from(told, 'base64').toString()).toMatch(/\d+ audit messages were held .* 0 were lost/);
  },
  120_000,
);
