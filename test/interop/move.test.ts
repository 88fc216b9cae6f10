import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { movescu, storescu } from '../support/dcmtk.ts';
import { DERIVED_STUDY, deriveStudy } from '../support/derive-sample.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { abandonMove, failedUids, moveStudies } from '../support/retrieve-client.ts';
import { succeeded } from '../support/run-process.ts';
import { samplePath } from '../support/samples.ts';
import { StoreScp } from '../support/storescp.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { WireRelay } from '../support/wire-bytes.ts';

const COUNT = 12;
const STUDY_KEYS = ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${DERIVED_STUDY}`];
const JPEG_STUDY = '1.2.826.0.1.3680043.8.498.12406831542731051035295345080039845114';

let node: NodeProcess;
let destPort: number;
let deadPort: number;

beforeAll(async () => {
  destPort = await freePort();
  deadPort = await freePort();
  node = await NodeProcess.start({
    aes: [
      { aet: 'DEST', port: destPort },
      { aet: 'PARALLEL', port: destPort, maxSubAssociations: 3 },
      { aet: 'DEAD', port: deadPort },
      { aet: 'SCU', port: 104 },
    ],
    sections: { retrieve: { pendingInterval: '100ms' } },
  });
  await using dir = await tempDir();
  await succeeded(storescu(node.peer('SCU'), await deriveStudy(dir, 'test_files/CT_small.dcm', COUNT)));
});
afterAll(() => node?.[Symbol.asyncDispose]());

describe('C-MOVE', () => {
  test('to a destination that is not registered is A801, and nothing is sent', async () => {
    const answer = await movescu(node.peer('SCU'), 'study', 'NOBODY', STUDY_KEYS);
    expect(answer.status).toBe(0xa801);
  });

  test('to a dead destination is A702 with every instance failed and listed', async () => {
    const responses = await moveStudies(node.peer('SCU'), 'DEAD', [DERIVED_STUDY]);
    const final = responses.at(-1)!;
    expect(final).toMatchObject({ status: { code: 0xa702 }, completed: 0, failed: COUNT, warning: 0 });
    expect(failedUids(final).toSorted()).toEqual(
      Array.from({ length: COUNT }, (_, i) => `2.25.${77001 + i}`).toSorted(),
    );
    await waitFor('the line of the operation', () =>
      /C-MOVE .*"destination":"DEAD","remaining":0,"completed":0,"failed":12,"warning":0,"problems":\["[\d.]+: cannot connect/.test(
        node.output(),
      ),
    );
  });

  test('names who asked in every sub-operation', async () => {
    await using scp = await StoreScp.start();
    await using relay = await WireRelay.start({ port: scp.port }, destPort);
    const answer = await movescu(node.peer('SCU'), 'study', 'DEST', STUDY_KEYS);
    expect({ status: answer.status, ...answer.counters }).toEqual({
      status: 0,
      completed: COUNT,
      failed: 0,
      warning: 0,
    });
    const stores = relay.storesFromClient();
    expect(new Set(stores.map((store) => store.sopInstanceUid)).size).toBe(COUNT);
    expect(new Set(stores.map((store) => store.moveOriginatorAET))).toEqual(new Set(['SCU']));
    expect(stores.every((store) => store.moveOriginatorMessageID !== undefined)).toBe(true);
    await waitFor('the line of the association to the destination', () =>
      /association released","assoc":"out-\d+","for":\d+,/.test(node.output()),
    );
    expect(relay.connections.length).toBe(1);
  });

  test('uses as many associations as the destination is registered for', async () => {
    await using scp = await StoreScp.start();
    await using relay = await WireRelay.start({ port: scp.port }, destPort);
    const answer = await movescu(node.peer('SCU'), 'study', 'PARALLEL', STUDY_KEYS);
    expect({ status: answer.status, ...answer.counters }).toEqual({
      status: 0,
      completed: COUNT,
      failed: 0,
      warning: 0,
    });
    expect(relay.connections.length).toBe(3);
    expect(scp.received().length).toBe(COUNT);
  });

  test('C-CANCEL stops it: FE00 with what remains, and nothing more arrives', async () => {
    await using scp = await StoreScp.start(['+xa', '--sleep-after', '1'], destPort);
    const final = (await moveStudies(node.peer('SCU'), 'DEST', [DERIVED_STUDY], 1)).at(-1)!;
    expect(final.status.code).toBe(0xfe00);
    expect(final.remaining).toBeGreaterThan(0);
    expect(final.remaining! + final.completed! + final.failed! + final.warning!).toBe(COUNT);
    expect(scp.received().length).toBeLessThan(COUNT);
  });

  test('when its requester has left nothing goes on, however slow the destination', async () => {
    await using scp = await StoreScp.start(['+xa', '--sleep-after', '10']);
    await using relay = await WireRelay.start({ port: scp.port }, destPort);
    await abandonMove(node.peer('SCU'), 'DEST', [DERIVED_STUDY]);
    const A_ABORT = 0x07;
    await waitFor(
      'the end of the sub-association',
      () => relay.connections[0]!.fromClient.pduTypes.includes(A_ABORT),
      5000,
    );
    expect(relay.storesFromClient().length).toBeLessThan(COUNT);
  });

  test('pending responses count what is done', async () => {
    await using _scp = await StoreScp.start(['+xa', '--sleep-after', '1'], destPort);
    const responses = await moveStudies(node.peer('SCU'), 'PARALLEL', [DERIVED_STUDY]);
    const pending = responses.slice(0, -1);
    expect(pending.length).toBeGreaterThan(2);
    for (const response of pending) {
      expect(response.status.code).toBe(0xff00);
      expect(response.remaining! + response.completed! + response.failed! + response.warning!).toBe(COUNT);
    }
    expect(responses.at(-1)).toMatchObject({ status: { code: 0 }, completed: COUNT, failed: 0 });
  });

  test('a destination that aborts after every object: no success is claimed', async () => {
    await using _scp = await StoreScp.start(['+xa', '--abort-after'], destPort);
    const final = (await moveStudies(node.peer('SCU'), 'DEST', [DERIVED_STUDY])).at(-1)!;
    expect(final).toMatchObject({ status: { code: 0xa702 }, completed: 0, failed: COUNT });
  });

  test('a destination without the compressed syntax: that instance fails, the others arrive', async () => {
    await succeeded(
      storescu(node.peer('SCU'), [samplePath('test_files/SC_rgb_dcmtk_+eb+cy+s2.dcm')], {
        transferSyntaxUid: '1.2.840.10008.1.2.4.50',
      }),
    );
    await using scp = await StoreScp.start(['+x='], destPort);
    const final = (await moveStudies(node.peer('SCU'), 'DEST', [DERIVED_STUDY, JPEG_STUDY])).at(-1)!;
    expect(final).toMatchObject({ status: { code: 0xb000 }, completed: COUNT, failed: 1, warning: 0 });
    expect(final.status.errorComment).toMatch(/JPEG/);
    expect(failedUids(final)).toEqual(['1.2.276.0.7230010.3.1.4.8323329.5845.1512159590.949379']);
    expect(scp.received().length).toBe(COUNT);
  });

  test('a destination that takes implicit little endian only gets the same content re-encoded', async () => {
    await using scp = await StoreScp.start(['+xi'], destPort);
    const final = (await moveStudies(node.peer('SCU'), 'DEST', [DERIVED_STUDY])).at(-1)!;
    expect(final).toMatchObject({ status: { code: 0 }, completed: COUNT, failed: 0 });
    expect(new Set(scp.received().map((file) => file.transferSyntaxUid))).toEqual(new Set(['1.2.840.10008.1.2']));
  });

  test.each([
    ['BigEndianExplicit', '1.2.840.10008.1.2.2'],
    ['DeflatedLittleEndianExplicit', '1.2.840.10008.1.2.1.99'],
  ])('a destination that takes %s only gets the objects re-encoded to it', async (name, transferSyntaxUid) => {
    await using dir = await tempDir();
    await writeFile(dir.file('only.cfg'), onlySyntax(name));
    await using scp = await StoreScp.start(['-xf', dir.file('only.cfg'), 'Only'], destPort);
    const final = (await moveStudies(node.peer('SCU'), 'DEST', [DERIVED_STUDY])).at(-1)!;
    expect(final).toMatchObject({ status: { code: 0 }, completed: COUNT, failed: 0 });
    expect(new Set(scp.received().map((file) => file.transferSyntaxUid))).toEqual(new Set([transferSyntaxUid]));
  });
});

/** Configuration of a storescp that takes CT images in one transfer syntax, as DCMTK names it. */
function onlySyntax(name: string): string {
  return `[[TransferSyntaxes]]
[One]
TransferSyntax1 = ${name}
[[PresentationContexts]]
[CT]
PresentationContext1 = CTImageStorage\\One
[[Profiles]]
[Only]
PresentationContexts = CT
`;
}
