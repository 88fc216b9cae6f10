import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getscu, storescu } from '../support/dcmtk.ts';
import { DERIVED_STUDY, deriveStudy } from '../support/derive-sample.ts';
import { NodeProcess } from '../support/node-process.ts';
import { readPart10 } from '../support/part10.ts';
import { failedUids, getStudies } from '../support/retrieve-client.ts';
import { succeeded } from '../support/run-process.ts';
import { samplePath } from '../support/samples.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';

const COUNT = 8;
const CT = '1.2.840.10008.5.1.4.1.1.2';
const [IMPLICIT, EXPLICIT, BIG_ENDIAN, JPEG] = [
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.2',
  '1.2.840.10008.1.2.4.50',
] as const;
const JPEG_STUDY = '1.2.826.0.1.3680043.8.498.12406831542731051035295345080039845114';
const STUDY_KEYS = ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${DERIVED_STUDY}`];

let node: NodeProcess;
let dir: TempDir;
let sent: Map<string, Buffer>;

beforeAll(async () => {
  node = await NodeProcess.start({ aes: [{ aet: 'SCU', port: 104 }] });
  dir = await tempDir();
  const files = await deriveStudy(dir, 'test_files/CT_small.dcm', COUNT);
  sent = new Map(files.map(readPart10).map((file) => [file.sopInstanceUid, file.dataSet]));
  await succeeded(storescu(node.peer('SCU'), files));
  await succeeded(
    storescu(node.peer('SCU'), [samplePath('test_files/SC_rgb_dcmtk_+eb+cy+s2.dcm')], { transferSyntaxUid: JPEG }),
  );
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await dir?.[Symbol.asyncDispose]();
});

describe('C-GET', () => {
  test('getscu gets everything bit for bit', async () => {
    await using into = await tempDir();
    const answer = await getscu(node.peer('SCU'), 'study', into.path, STUDY_KEYS);
    expect({ status: answer.status, ...answer.counters }).toMatchObject({ status: 0, completed: COUNT, failed: 0 });
    const got = readdirSync(into.path).map((name) => readPart10(into.file(name)));
    expect(got.length).toBe(COUNT);
    // dcmodify rewrote the samples, storescu sent them as they were: the data sets are the same bytes.
    for (const file of got)
      expect([file.sopInstanceUid, file.dataSet.equals(sent.get(file.sopInstanceUid)!)]).toEqual([
        file.sopInstanceUid,
        true,
      ]);
  });

  test.each([IMPLICIT, BIG_ENDIAN])('re-encodes for a requester that takes %s only', async (transferSyntaxUid) => {
    const { received, responses } = await getStudies(
      node.peer('SCU'),
      [DERIVED_STUDY],
      [{ sopClassUid: CT, transferSyntaxUid }],
    );
    expect(responses.at(-1)).toMatchObject({ status: { code: 0 }, completed: COUNT, failed: 0 });
    expect(received.length).toBe(COUNT);
    expect(received.every((store) => store.transferSyntaxUid === transferSyntaxUid)).toBe(true);
  });

  test('what the requester takes no context for fails and is listed, the rest arrives', async () => {
    const { received, responses } = await getStudies(
      node.peer('SCU'),
      [DERIVED_STUDY, JPEG_STUDY],
      [{ sopClassUid: CT, transferSyntaxUid: EXPLICIT }],
    );
    const final = responses.at(-1)!;
    expect(final).toMatchObject({ status: { code: 0xb000 }, completed: COUNT, failed: 1, warning: 0 });
    expect(failedUids(final)).toEqual(['1.2.276.0.7230010.3.1.4.8323329.5845.1512159590.949379']);
    expect(received.length).toBe(COUNT);
  });

  test('when nothing can be taken it is A702', async () => {
    const { responses } = await getStudies(
      node.peer('SCU'),
      [JPEG_STUDY],
      [{ sopClassUid: CT, transferSyntaxUid: EXPLICIT }],
    );
    expect(responses.at(-1)).toMatchObject({ status: { code: 0xa702 }, completed: 0, failed: 1 });
  });

  test('nothing found is success with no sub-operations', async () => {
    const { responses } = await getStudies(
      node.peer('SCU'),
      ['2.25.404'],
      [{ sopClassUid: CT, transferSyntaxUid: EXPLICIT }],
    );
    expect(responses.at(-1)).toMatchObject({ status: { code: 0 }, completed: 0, failed: 0 });
  });

  test('C-CANCEL stops it with the number remaining', async () => {
    const { received, responses } = await getStudies(
      node.peer('SCU'),
      [DERIVED_STUDY],
      [{ sopClassUid: CT, transferSyntaxUid: EXPLICIT }],
      1,
    );
    const final = responses.at(-1)!;
    expect(final.status.code).toBe(0xfe00);
    expect(final.completed! + final.remaining!).toBe(COUNT);
    expect(received.length).toBe(final.completed);
  });
});
