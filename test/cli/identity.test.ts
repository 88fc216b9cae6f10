import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeDataSet, getString, text } from '../../src/dicom/data-set.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import { findscu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { getStudies } from '../support/retrieve-client.ts';
import { tempDir } from '../support/temp-dir.ts';
import { sendObjects, testObject } from '../support/test-objects.ts';

const CT = { sopClassUid: UID.CTImageStorage, transferSyntaxUid: UID.ExplicitVRLittleEndian };
const HETU = '010190-998V';

interface Told {
  readonly isRepeat: boolean;
  readonly studies: readonly unknown[];
}

let node: NodeProcess;

beforeAll(async () => {
  node = await NodeProcess.start();
}, 180_000);
afterAll(() => node?.[Symbol.asyncDispose]());

const peer = () => node.peer('A');
const objectOf = (study: string, n: number, patient: string) =>
  testObject({ study, sop: `${study}.1.${n}` }, [text(TAG.PatientID, 'LO', patient, '')]);

/** The studies of a Patient ID, as C-FIND tells them. */
async function found(patientId: string): Promise<string[]> {
  const keys = ['QueryRetrieveLevel=STUDY', `PatientID=${patientId}`, 'StudyInstanceUID'];
  return (await findscu(peer(), 'study', keys)).matches.map((row) => row.get('0020,000d')!).toSorted();
}

describe('messages of the patient administration', () => {
  const message = (event: string, id: string, retired: string): string =>
    [
      `MSH|^~\\&|PATADM|HOSP|KUVA|HOSP|20261127||ADT^${event}|M-${retired}|P|2.5||||||8859/1`,
      `PID|1||77^^^HOSP~${id}^^^HETU||Mäkelä^Aino||19900101|F`,
      `MRG|${retired}`,
    ].join('\r');

  test('give a retired id’s studies to the patient, those that come later as well; again they do nothing', async () => {
    await using dir = await tempDir();
    await sendObjects(peer(), [objectOf('2.25.20', 1, 'TMP-20'), objectOf('2.25.21', 1, 'TMP-21')]);
    const file = dir.file('merges.hl7');
    writeFileSync(file, [message('A40', HETU, 'TMP-20'), message('A47', HETU, 'TMP-21')].join('\r\n'), 'latin1');
    const first = await node.kuva('identity', 'import', file);
    expect(first, first.output).toMatchObject({ code: 0 });
    await sendObjects(peer(), [objectOf('2.25.22', 1, 'TMP-20')]);
    expect(await found(HETU)).toEqual(['2.25.20', '2.25.21', '2.25.22']);
    const { received } = await getStudies(peer(), ['2.25.22'], [CT]);
    const told = decodeDataSet(received[0]!.dataSet, CT.transferSyntaxUid);
    const value = (tag: number) => getString(told, tag, 'ISO_IR 100');
    expect([value(TAG.PatientID), value(TAG.IssuerOfPatientID)]).toEqual([HETU, '1.2.246.21']);
    expect([value(TAG.PatientName), value(TAG.PatientSex)]).toEqual(['Mäkelä^Aino', 'F']);
    const again = await node.kuva('identity', 'import', file, '--json');
    const rows = again.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { outcome: Told });
    expect(rows.map(({ outcome }) => [outcome.isRepeat, outcome.studies.length])).toEqual([
      [true, 0],
      [true, 0],
    ]);
  });

  test('whose authority the objects do not tell change nothing, and say so', async () => {
    await using dir = await tempDir();
    await sendObjects(peer(), [objectOf('2.25.25', 1, 'TMP-25')]);
    writeFileSync(dir.file('a.hl7'), message('A40', HETU, 'TMP-25^^^HOSP'), 'latin1');
    const exact = await node.kuva('identity', 'import', dir.file('a.hl7'));
    expect(exact.output).toContain('--any-issuer takes them for the same');
    expect(await found('TMP-25')).toEqual(['2.25.25']);
    expect(await node.kuva('identity', 'import', '--any-issuer', dir.file('a.hl7'))).toMatchObject({ code: 0 });
    expect(await found('TMP-25')).toEqual([]);
  });

  test('that cannot be taken are named, and the others are', async () => {
    await using dir = await tempDir();
    await sendObjects(peer(), [objectOf('2.25.30', 1, 'TMP-30')]);
    writeFileSync(dir.file('a.hl7'), `${message('A08', HETU, 'TMP-30')}\r${message('A40', HETU, 'TMP-30')}`, 'latin1');
    writeFileSync(dir.file('b.hl7'), 'no message');
    const { code, output } = await node.kuva('identity', 'import', dir.file('a.hl7'), dir.file('b.hl7'));
    expect(code).toBe(1);
    expect(output).toContain('MSH-9 is ADT^A08: only ADT^A40 and ADT^A47');
    expect(output).toContain('no MSH segment');
    expect(output).toContain('2 of 3 were not taken');
    expect(await found('TMP-30')).toEqual([]);
  });
});

test.each([
  [['move', '2.25.1'], 2, '--to'],
  [['move', 'x', '--to', HETU, '--reason', 'r'], 2, 'write a Study Instance UID'],
  [['move', '2.25.20', '--to', 'a\\b', '--name', 'X', '--reason', 'r'], 2, 'no backslash'],
  [['move', '2.25.20', '--to', HETU, '--birth-date', '19901301', '--reason', 'r'], 2, '--birth-date 19901301'],
  [['move', '2.25.20', '--to', HETU, '--sex', 'X', '--reason', 'r'], 2, '--sex X: write F, M or O'],
  [['move', '2.25.20', '--to', 'NOBODY', '--reason', 'r'], 2, 'Patient ID NOBODY is not known here: say --name'],
  [['move', '2.25.404', '--to', HETU, '--reason', 'r'], 1, 'there is no study 2.25.404'],
  [['undo', 'x'], 2, 'kuva identity list shows'],
  [['undo', '999'], 1, 'There is no change of identity 999'],
  [['import', 'nowhere.hl7'], 2, 'nowhere.hl7 cannot be read'],
])('kuva identity %j: exit code %i', async (args, code, says) => {
  const result = await node.kuva('identity', ...args);
  expect(result.output).toContain(says);
  expect(result.code).toBe(code);
});
