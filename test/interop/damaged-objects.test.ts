import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getscu } from '../support/dcmtk.ts';
import { DERIVED_STUDY, deriveStudy } from '../support/derive-sample.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { sendWithOwnRequestor } from '../support/own-sender.ts';
import { readPart10 } from '../support/part10.ts';
import { failedUids, getStudies, moveStudies } from '../support/retrieve-client.ts';
import { storedObject } from '../support/stored-objects.ts';
import { StoreScp } from '../support/storescp.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

const COUNT = 5;
// Of these two kinds one is hashed before it is sent, the other while it is sent.
const [SMALL, LARGE] = ['2.25.77002', '2.25.77003'] as const;
const CT = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', transferSyntaxUid: '1.2.840.10008.1.2.1' };
const REASON = 'kept file is damaged: its SHA-256 is not what was stored';

let node: NodeProcess;
let destPort: number;
let dir: TempDir;
let sent: Map<string, Buffer>;

beforeAll(async () => {
  destPort = await freePort();
  node = await NodeProcess.start({
    aes: [
      { aet: 'DEST', port: destPort },
      { aet: 'SCU', port: 104 },
    ],
  });
  dir = await tempDir();
  const files = await deriveStudy(dir, 'test_files/CT_small.dcm', COUNT);
  for (const path of files) if (readPart10(path).sopInstanceUid === LARGE) enlarge(path);
  sent = new Map(files.map(readPart10).map((file) => [file.sopInstanceUid, file.dataSet]));
  await sendWithOwnRequestor(node.peer('SCU'), files);
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

/** Appends an element of 3 MB behind the pixel data. */
function enlarge(path: string): void {
  const head = Buffer.from([0xfc, 0xff, 0xfc, 0xff, 0x4f, 0x42, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(3_000_000, 8);
  writeFileSync(path, Buffer.concat([readFileSync(path), head, Buffer.alloc(3_000_000, 7)]));
}

/** Turns one bit of a kept object, as a disk may; gives the way back. */
function flipBit(sopInstanceUid: string): () => void {
  const path = storedObject(node.storageRoot, sopInstanceUid);
  const whole = readFileSync(path);
  const damaged = Buffer.from(whole);
  damaged[whole.length - 100]! ^= 1;
  writeFileSync(path, damaged);
  return () => writeFileSync(path, whole);
}

/** Everything that a peer took as whole is what was sent. */
function isWhole(received: readonly { readonly sopInstanceUid: string; readonly dataSet: Buffer }[]): boolean {
  return received.every((file) => file.dataSet.equals(sent.get(file.sopInstanceUid)!));
}

async function corruptObjects(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${node.httpPort}/metrics`)).text();
  return Number(/^kuva_corrupt_objects_total (\d+)$/m.exec(metrics)?.[1]);
}

describe('bit rot never goes out as whole', () => {
  test('C-MOVE: the damaged ones fail with the reason, the others arrive, large or small', async () => {
    const restore = [flipBit(SMALL), flipBit(LARGE)];
    await using scp = await StoreScp.start(['+xa'], destPort);
    const before = await corruptObjects();
    const final = (await moveStudies(node.peer('SCU'), 'DEST', [DERIVED_STUDY])).at(-1)!;
    expect(final).toMatchObject({ status: { code: 0xb000 }, completed: COUNT - 2, failed: 2 });
    expect(REASON).toContain(final.status.errorComment!.replace(/…$/, ''));
    expect(failedUids(final).toSorted()).toEqual([SMALL, LARGE]);
    // What it had of the large one until the association was aborted, storescp removes in its own time.
    await expect.poll(() => scp.received().length).toBe(COUNT - 2);
    expect(isWhole(scp.received())).toBe(true);
    expect(await corruptObjects()).toBe(before + 2);
    await waitFor('both in the log', () => node.output().split(`${REASON}: not sent as whole`).length === 3);

    for (const put of restore) put();
    const mended = (await moveStudies(node.peer('SCU'), 'DEST', [DERIVED_STUDY])).at(-1)!;
    expect(mended).toMatchObject({ status: { code: 0 }, completed: COUNT, failed: 0 });
  });

  test('C-GET: a small one fails alone', async () => {
    const restore = flipBit(SMALL);
    const { received, responses } = await getStudies(node.peer('SCU'), [DERIVED_STUDY], [CT]);
    restore();
    const final = responses.at(-1)!;
    expect(final).toMatchObject({ status: { code: 0xb000 }, completed: COUNT - 1, failed: 1 });
    expect(failedUids(final)).toEqual([SMALL]);
    expect(received.length).toBe(COUNT - 1);
    expect(isWhole(received)).toBe(true);
  });

  test('C-GET: a large one ends the association before it is whole, and fails alone from then on', async () => {
    const restore = flipBit(LARGE);
    await using into = await tempDir();
    const first = await getscu(node.peer('SCU'), 'study', into.path, [
      'QueryRetrieveLevel=STUDY',
      `StudyInstanceUID=${DERIVED_STUDY}`,
    ]);
    expect(first.result.code).not.toBe(0);
    expect(first.result.output).not.toMatch(/Message Type\s*: C-GET RSP/);
    expect(isWhole(readdirSync(into.path).map((name) => readPart10(into.file(name))))).toBe(true);
    const { received, responses } = await getStudies(node.peer('SCU'), [DERIVED_STUDY], [CT]);
    restore();
    expect(responses.at(-1)).toMatchObject({ status: { code: 0xb000 }, completed: COUNT - 1, failed: 1 });
    expect(failedUids(responses.at(-1)!)).toEqual([LARGE]);
    expect(isWhole(received)).toBe(true);
    const mended = await getStudies(node.peer('SCU'), [DERIVED_STUDY], [CT]);
    expect([mended.received.length, isWhole(mended.received)]).toEqual([COUNT, true]);
  });

  test('C-GET: a large one that is re-encoded on the way is checked all the same', async () => {
    const restore = flipBit(LARGE);
    const wanted = [{ ...CT, transferSyntaxUid: '1.2.840.10008.1.2' }];
    await expect(getStudies(node.peer('SCU'), [DERIVED_STUDY], wanted)).rejects.toThrow(/abort/i);
    restore();
  });
});
