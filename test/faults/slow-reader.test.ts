import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { dataSetOf, encodeDataSet, text, uid } from '../../src/dicom/data-set.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import type { ServiceHandlers } from '../../src/dimse/service-handlers.ts';
import { explicitDataSet } from '../support/data-set-bytes.ts';
import { echoscu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { associate } from '../support/own-sender.ts';
import { waitFor } from '../support/wait-for.ts';

vi.setConfig({ testTimeout: 120_000 });

const CT = UID.CTImageStorage;
const TS = UID.ExplicitVRLittleEndian;
const SIZE = 300_000_000;
const BLOCK = Buffer.alloc(1_000_000, 7);

/** A data set of 300 MB, a block at a time. */
async function* largeDataSet(): AsyncGenerator<Buffer> {
  const pixels = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x57, 0, 0, 0, 0, 0, 0]);
  pixels.writeUInt32LE(SIZE, 8);
  yield explicitDataSet([
    [0x00080016, 'UI', CT],
    [0x00080018, 'UI', '2.25.1'],
    [0x0020000d, 'UI', '2.25.2'],
    [0x0020000e, 'UI', '2.25.3'],
  ]);
  yield pixels;
  for (let sent = 0; sent < SIZE; sent += BLOCK.length) yield BLOCK;
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

test('a requester that stops reading a large object costs no memory, keeps nobody waiting, and is cut', async () => {
  await using node = await NodeProcess.start({
    sections: { dicom: { host: '127.0.0.1', port: 0, timeouts: { writeStall: '3s' } } },
  });
  const sender = await associate(node.peer('SCU'), [{ abstractSyntax: CT, transferSyntaxes: [TS] }]);
  const pc = sender.contextFor(CT)!;
  const object = { pc, affectedSOPClassUID: CT, affectedSOPInstanceUID: '2.25.1', priority: 0 } as const;
  expect(await sender.store({ ...object, dataSet: largeDataSet() })).toEqual({ code: 0 });
  await sender.release();

  const before = residentBytes(node.pid);
  const { promise: stuck, resolve: taken } = Promise.withResolvers<void>();
  const handlers: ServiceHandlers = {
    store: () => ({
      // Not one byte more, and never ready for any.
      write: () => (taken(), false),
      drained: () => new Promise(() => {}),
      finish: () => Promise.resolve({ code: 0 }),
      abort: () => undefined,
    }),
  };
  const reader = await associate(
    node.peer('SCU'),
    [
      { abstractSyntax: UID.StudyRootGet, transferSyntaxes: [TS] },
      { abstractSyntax: CT, transferSyntaxes: [TS], roles: { scu: false, scp: true } },
    ],
    handlers,
  );
  const identifier = encodeDataSet(
    dataSetOf(text(TAG.QueryRetrieveLevel, 'CS', 'STUDY', ''), uid(TAG.StudyInstanceUID, '2.25.2')),
    TS,
  );
  const getting = reader.get({ pc: reader.contextFor(UID.StudyRootGet)!, priority: 0, identifier }).next();
  getting.catch(() => undefined);
  await stuck;
  expect((await echoscu(node.peer('OTHER'))).code).toBe(0);
  let peak = 0;
  await waitFor(
    'the node to cut it',
    () => {
      peak = Math.max(peak, residentBytes(node.pid));
      return node.output().includes('the writeStall timer ran out after 3000 ms');
    },
    20_000,
  );
  expect(peak - before).toBeLessThan(64 * 1024 * 1024);
  reader.abort('test');
});
