import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeDataSet, encodeDataSet, getString, text } from '../../src/dicom/data-set.ts';
import type { DataSet } from '../../src/dicom/data-set.ts';
import { DEFAULT_HEADER_BYTES, HeaderReader } from '../../src/dicom/header-reader.ts';
import type { HeaderItem } from '../../src/dicom/header-reader.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { objectPath } from '../../src/store/object-path.ts';
import { UID } from '../../src/dicom/uids.ts';
import { findscu, getscu, movescu, storescu } from '../support/dcmtk.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { readPart10 } from '../support/part10.ts';
import { getStudies } from '../support/retrieve-client.ts';
import { samplePath } from '../support/samples.ts';
import { filesBelow } from '../support/store-tree.ts';
import { StoreScp } from '../support/storescp.ts';
import { tempDir } from '../support/temp-dir.ts';
import { sendObjects, testObject } from '../support/test-objects.ts';

const CT = { sopClassUid: UID.CTImageStorage, transferSyntaxUid: UID.ExplicitVRLittleEndian };
const HETU = '010190-998V';

/** What `kuva identity … --json` prints of a change. */
interface Told {
  readonly change: number;
  readonly studies: readonly { readonly studyInstanceUid: string; readonly isSentAsOther: boolean }[];
}

let node: NodeProcess;
let scp: StoreScp;

beforeAll(async () => {
  scp = await StoreScp.start();
  node = await NodeProcess.start({
    aes: [{ aet: 'SCP', port: scp.port }],
    // Nobody is there: what is to be told waits in the database.
    sections: { audit: { repository: { host: '127.0.0.1', port: await freePort() } } },
  });
}, 180_000);
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await scp?.[Symbol.asyncDispose]();
});

const peer = () => node.peer('A');
const objectOf = (study: string, n: number, patient = 'TMP-1') =>
  testObject({ study, sop: `${study}.1.${n}` }, [
    text(TAG.PatientID, 'LO', patient, ''),
    text(TAG.PatientName, 'PN', 'Unknown^Man', ''),
    text(TAG.OtherPatientIDs, 'LO', 'ELSE', ''),
  ]);

async function identity(...args: string[]): Promise<Told> {
  const { code, stdout, output } = await node.kuva('identity', ...args, '--json');
  if (code !== 0) throw new Error(output);
  return JSON.parse(stdout) as Told;
}

/** Patient ID and name by study, as C-FIND tells them. */
async function found(key: string): Promise<string[]> {
  const keys = ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID', 'PatientName', 'PatientID', 'IssuerOfPatientID', key];
  const { matches } = await findscu(peer(), 'study', [
    ...new Map(keys.map((each) => [each.split('=')[0], each])).values(),
  ]);
  return matches.map((row) => `${row.get('0020,000d')}: ${row.get('0010,0020')} ${row.get('0010,0010')}`).toSorted();
}

/** Of a data set the patient, and everything else. */
function parts(dataSet: DataSet): { patient: string; rest: Buffer } {
  const rest = new Map([...dataSet].filter(([tag]) => tag >>> 16 !== 0x0010 && tag !== TAG.SpecificCharacterSet));
  const charset = getString(dataSet, TAG.SpecificCharacterSet, '') ?? '';
  const value = (tag: number) => getString(dataSet, tag, charset) ?? '-';
  const tags = [
    TAG.PatientID,
    TAG.IssuerOfPatientID,
    TAG.PatientName,
    TAG.PatientBirthDate,
    TAG.PatientSex,
    TAG.OtherPatientIDs,
  ];
  return { patient: tags.map(value).join(' '), rest: encodeDataSet(rest, UID.ExplicitVRLittleEndian) };
}

function headerOf(dataSet: Buffer, transferSyntaxUid: string): HeaderItem {
  const reader = new HeaderReader({ transferSyntaxUid, maxBytes: DEFAULT_HEADER_BYTES });
  reader.push(dataSet);
  return reader.finish().attributes;
}

/** From Study Instance UID (0020,000D) on. */
function behindPatient(dataSet: Buffer, transferSyntaxUid: string): Buffer {
  const plain = transferSyntaxUid === UID.DeflatedExplicitVRLittleEndian ? inflateRawSync(dataSet) : dataSet;
  const tag = transferSyntaxUid === UID.ExplicitVRBigEndian ? '0020000d' : '20000d00';
  const at = plain.indexOf(Buffer.from(tag, 'hex'));
  expect(at).toBeGreaterThan(0);
  return plain.subarray(at);
}

const AINO = `${HETU} 1.2.246.21 Mäkelä^Aino 19900101 F -`;

describe('a study of the wrong patient', () => {
  const study = '2.25.1';
  const objects = [1, 2].map((n) => objectOf(study, n));
  const told = () =>
    getStudies(peer(), [study], [CT]).then(({ received }) =>
      received.map((each) => decodeDataSet(each.dataSet, CT.transferSyntaxUid)),
    );

  test('is found, retrieved and exported as the right one’s; its bytes are kept as they came', async () => {
    expect(await sendObjects(peer(), [...objects, objectOf('2.25.2', 1)])).toEqual([0, 0, 0]);
    const change = await identity(
      'move',
      study,
      '--to',
      HETU,
      '--name',
      'Mäkelä^Aino',
      '--reason',
      'wrong worklist entry',
    );
    expect(change.studies).toMatchObject([{ studyInstanceUid: study, isSentAsOther: false }]);
    expect(await found('PatientID=TMP-1')).toEqual(['2.25.2: TMP-1 Unknown^Man']);
    expect(await found(`PatientID=${HETU}`)).toMatchObject([expect.stringContaining(`${study}: ${HETU}`)]);
    expect(await found('PatientName=m*kela*')).toHaveLength(1);

    // The node is another process than the command was.
    expect(await sendObjects(peer(), [objectOf(study, 3)])).toEqual([0]);
    const received = (await told()).map(parts);
    expect(received.map(({ patient }) => patient)).toEqual([AINO, AINO, AINO]);
    const sent = objects.map(({ dataSet }) => parts(decodeDataSet(dataSet, CT.transferSyntaxUid)).rest.toString('hex'));
    expect(received.map(({ rest }) => rest.toString('hex'))).toEqual(expect.arrayContaining(sent));

    const moved = await movescu(peer(), 'study', 'SCP', ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${study}`]);
    expect(moved).toMatchObject({ status: 0, counters: { completed: 3 } });
    const at = scp.received().map(({ dataSet }) => parts(decodeDataSet(dataSet, CT.transferSyntaxUid)).patient);
    expect(at).toEqual([AINO, AINO, AINO]);

    await using dir = await tempDir();
    expect(await node.kuva('export', study, dir.path)).toMatchObject({ code: 0 });
    const file = readPart10(join(dir.path, `${study}.1`, `${study}.1.1.dcm`));
    expect(parts(decodeDataSet(file.dataSet, CT.transferSyntaxUid)).patient).toBe(AINO);
    expect((await node.kuva('verify')).code).toBe(0);
  });

  test('stays so when the index is built anew from the files', async () => {
    await node.stop();
    expect(await node.kuva('reindex')).toMatchObject({ code: 0 });
    await node.start();
    expect(await found(`PatientID=${HETU}`)).toHaveLength(1);
    expect((await told()).map((each) => parts(each).patient)).toEqual([AINO, AINO, AINO]);
  });

  test('is told to the audit trail with both patients, and listed with who said so', async () => {
    const db = new Sqlite(join(node.storageRoot, 'kuva.sqlite'), { readonly: true, fileMustExist: true });
    const messages = (db.prepare('SELECT message FROM audit_message').pluck().all() as string[]).filter((each) =>
      each.includes('EventActionCode="U"'),
    );
    db.close();
    expect(messages).toHaveLength(1);
    for (const id of ['TMP-1', HETU, study]) expect(messages[0]).toContain(`"${id}"`);
    const { stdout } = await node.kuva('identity', 'list', '--study', study, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'move',
      fromPatientId: 'TMP-1',
      reason: 'wrong worklist entry',
      studyInstanceUids: [study],
      undoneAt: null,
    });
  });

  test('is as it was after the change was taken back', async () => {
    const { stdout } = await node.kuva('identity', 'list', '--study', study, '--json');
    await identity('undo', String((JSON.parse(stdout) as { id: number }).id));
    expect(await found('PatientID=TMP-1')).toHaveLength(2);
    const bytes = (await getStudies(peer(), [study], [CT])).received.map(({ dataSet }) => dataSet.toString('hex'));
    expect(bytes.toSorted()).toEqual([1, 2, 3].map((n) => objectOf(study, n).dataSet.toString('hex')).toSorted());
  });
});

test.each([
  ['compressed', 'JPEG2000.dcm'],
  ['deflated', 'image_dfl.dcm'],
  ['big endian', 'MR_small_bigendian.dcm'],
  ['an ECG', 'waveform_ecg.dcm'],
  ['a structured report', 'test-SR.dcm'],
])('every kind of object can be told to be another patient’s: %s', async (_kind, name) => {
  const sample = samplePath(`test_files/${name}`);
  const { sopClassUid, transferSyntaxUid, dataSet } = readPart10(sample);
  expect(await storescu(peer(), [sample], { transferSyntaxUid })).toMatchObject({ code: 0 });
  const study = headerOf(dataSet, transferSyntaxUid)['StudyInstanceUID'] as string;
  const get = () => getStudies(peer(), [study], [{ sopClassUid, transferSyntaxUid }]);
  const [kept] = (await get()).received;
  await identity('move', study, '--to', HETU, '--name', 'Makela^Aino', '--reason', 'test');
  const { received } = await get();
  expect(received).toHaveLength(1);
  await using dir = await tempDir();
  expect(await node.kuva('export', study, dir.path)).toMatchObject({ code: 0 });
  const [exported] = filesBelow(dir.path).map((path) => readPart10(join(dir.path, path)).dataSet);
  for (const told of [received[0]!.dataSet, exported!]) {
    expect(headerOf(told, transferSyntaxUid)).toMatchObject({
      PatientID: HETU,
      IssuerOfPatientID: '1.2.246.21',
      PatientName: 'Makela^Aino',
      PatientBirthDate: '19900101',
      PatientSex: 'F',
    });
    expect(behindPatient(told, transferSyntaxUid).equals(behindPatient(kept!.dataSet, transferSyntaxUid))).toBe(true);
  }
});

test('a peer that wants another transfer syntax gets the right patient, too', async () => {
  await sendObjects(peer(), [objectOf('2.25.7', 1)]);
  await identity('move', '2.25.7', '--to', HETU, '--name', 'Mäkelä^Aino', '--reason', 'test');
  await using dir = await tempDir();
  const implicit = await getscu(
    peer(),
    'study',
    dir.path,
    ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID=2.25.7'],
    ['+xi'],
  );
  expect(implicit).toMatchObject({ status: 0, counters: { completed: 1 } });
  const { received } = await getStudies(peer(), ['2.25.7'], [{ ...CT, transferSyntaxUid: UID.ImplicitVRLittleEndian }]);
  expect(parts(decodeDataSet(received[0]!.dataSet, UID.ImplicitVRLittleEndian)).patient).toBe(AINO);
});

test('a name that the object cannot write fails its sub-operation with the reason, and nothing else', async () => {
  await sendObjects(peer(), [objectOf('2.25.8', 1), objectOf('2.25.9', 1)]);
  const { change } = await identity('move', '2.25.8', '--to', HETU, '--name', '山田^太郎', '--reason', 'test');
  const { responses } = await getStudies(peer(), ['2.25.8'], [CT]);
  expect(responses.at(-1)).toMatchObject({ status: { code: 0xa702 } });
  await expect.poll(() => node.output()).toContain('cannot be written in the character set of the object (ISO_IR 100)');
  expect((await getStudies(peer(), ['2.25.9'], [CT])).received).toHaveLength(1);
  await identity('undo', String(change));
});

test('what is on the disk is what was received', () => {
  const db = new Sqlite(join(node.storageRoot, 'kuva.sqlite'), { readonly: true, fileMustExist: true });
  const digests = db.prepare('SELECT lower(hex(sha256)) FROM instance').pluck().all() as string[];
  db.close();
  expect(digests.length).toBeGreaterThan(10);
  for (const sha256 of digests) {
    const file = readFileSync(objectPath(join(node.storageRoot, 'objects'), sha256).file);
    expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
  }
});
