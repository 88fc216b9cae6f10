import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommitmentScu } from '../support/commitment-scu.ts';
import { storescu } from '../support/dcmtk.ts';
import { deriveStudy } from '../support/derive-sample.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { succeeded } from '../support/run-process.ts';
import { storedObject } from '../support/stored-objects.ts';
import { tempDir } from '../support/temp-dir.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const instance = (i: number) => ({ sopClassUid: CT, sopInstanceUid: `2.25.${77000 + i}` });

let node: NodeProcess;
let scu: CommitmentScu;
let scuPort: number;

beforeAll(async () => {
  scuPort = await freePort();
  node = await NodeProcess.start({
    aes: [{ aet: 'SCU', port: scuPort }],
    sections: { commitment: { checkDigest: true, retryFirst: '1s', retryMax: '1s' } },
  });
  await using dir = await tempDir();
  await succeeded(storescu(node.peer('SCU'), await deriveStudy(dir, 'test_files/CT_small.dcm', 6)));
  scu = new CommitmentScu();
});
afterAll(async () => {
  await scu?.[Symbol.asyncDispose]();
  await node?.[Symbol.asyncDispose]();
});

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 100]! ^= 0xff;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}

describe('storage commitment', () => {
  test('is given on the association of the request while it lives', async () => {
    const status = await scu.request(node.peer('SCU'), '2.25.501', [instance(1), instance(2)], 'stay');
    expect(status).toBe(0);
    expect(await scu.report('2.25.501')).toEqual({
      eventTypeID: 1,
      transactionUid: '2.25.501',
      committed: ['2.25.77001', '2.25.77002'],
      failed: {},
      onNewAssociation: false,
    });
  });

  test('names what is unknown, of another class, deleted or damaged', async () => {
    rmSync(storedObject(node.storageRoot, '2.25.77003'));
    damage(storedObject(node.storageRoot, '2.25.77004'));
    const references = [
      instance(1),
      instance(99),
      { ...instance(2), sopClassUid: '1.2.840.10008.5.1.4.1.1.4' },
      instance(3),
      instance(4),
    ];
    await scu.request(node.peer('SCU'), '2.25.502', references, 'stay');
    expect(await scu.report('2.25.502')).toMatchObject({
      eventTypeID: 2,
      committed: ['2.25.77001'],
      failed: { '2.25.77099': 0x0112, '2.25.77002': 0x0119, '2.25.77003': 0x0112, '2.25.77004': 0x0110 },
    });
  });

  test('comes on a new association when the requester has left', async () => {
    await scu.listen(scuPort);
    await scu.request(node.peer('SCU'), '2.25.503', [instance(5)], 'leave');
    expect(await scu.report('2.25.503')).toMatchObject({
      eventTypeID: 1,
      committed: ['2.25.77005'],
      onNewAssociation: true,
    });
    await scu.close();
  });

  test('survives kill -9, and is tried until the requester listens', async () => {
    await scu.request(node.peer('SCU'), '2.25.504', [instance(6)], 'leave');
    await node.kill();
    await node.start();
    expect(scu.reports.find((report) => report.transactionUid === '2.25.504')).toBeUndefined();
    await scu.listen(scuPort);
    expect(await scu.report('2.25.504')).toMatchObject({
      eventTypeID: 1,
      committed: ['2.25.77006'],
      onNewAssociation: true,
    });
  });

  test('the same transaction may be asked again', async () => {
    expect(await scu.request(node.peer('SCU'), '2.25.501', [instance(1)], 'stay')).toBe(0);
  });
});
