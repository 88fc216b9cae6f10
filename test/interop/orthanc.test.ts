import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { findscu, movescu } from '../support/dcmtk.ts';
import { DERIVED_STUDY, deriveStudy } from '../support/derive-sample.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { Orthanc } from '../support/orthanc.ts';
import { parsePart10 } from '../support/part10.ts';
import { samplePath } from '../support/samples.ts';
import { storedObject } from '../support/stored-objects.ts';
import { tempDir } from '../support/temp-dir.ts';
import { WireRelay } from '../support/wire-bytes.ts';

let node: NodeProcess;
let orthanc: Orthanc;
let relay: WireRelay;
let studies: string[];

const SAMPLES = [
  'test_files/CT_small.dcm',
  'test_files/MR_small_RLE.dcm',
  'test_files/waveform_ecg.dcm',
  'charset_files/chrH31.dcm',
  'test_files/test-SR.dcm',
];

beforeAll(async () => {
  const dicomPort = await freePort();
  node = await NodeProcess.start({
    aes: [
      { aet: 'ORTHANC', port: dicomPort },
      { aet: 'SCU', port: 104 },
    ],
    sections: { commitment: { checkDigest: true, retryFirst: '1s', retryMax: '1s' } },
  });
  relay = await WireRelay.start({ port: node.dicomPort });
  orthanc = await Orthanc.start('ORTHANC', { kuva: { aet: node.aet, port: relay.port } }, { dicomPort });
  for (const name of SAMPLES) await orthanc.upload(samplePath(name));
  await using dir = await tempDir();
  for (const path of await deriveStudy(dir, 'test_files/MR_small.dcm', 4)) await orthanc.upload(path);
  studies = await orthanc.studies();
});
afterAll(async () => {
  await orthanc?.[Symbol.asyncDispose]();
  await relay?.[Symbol.asyncDispose]();
  await node?.[Symbol.asyncDispose]();
});

describe('Orthanc', () => {
  test('stores all that it has', async () => {
    const job = await orthanc.store('kuva', studies);
    expect(job).toMatchObject({ FailedInstancesCount: 0, InstancesCount: SAMPLES.length + 4 });
    const found = await findscu(node.peer('SCU'), 'study', [
      'QueryRetrieveLevel=STUDY',
      'StudyInstanceUID',
      'NumberOfStudyRelatedInstances',
    ]);
    expect(found.matches.length).toBe(studies.length);
  });

  test('gets everything back by C-MOVE as it sent it', async () => {
    const sent = new Map(relay.storesFromClient().map((store) => [store.sopInstanceUid, store]));
    for (const id of studies) await fetch(`http://127.0.0.1:${orthanc.httpPort}/studies/${id}`, { method: 'DELETE' });
    expect(await orthanc.instances()).toEqual([]);
    const found = await findscu(node.peer('SCU'), 'study', ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID']);
    const uids = found.matches.map((match) => match.get('0020,000d')!);
    const move = await movescu(node.peer('SCU'), 'study', 'ORTHANC', [
      'QueryRetrieveLevel=STUDY',
      `StudyInstanceUID=${uids.join('\\')}`,
    ]);
    expect({ status: move.status, ...move.counters }).toEqual({
      status: 0,
      completed: sent.size,
      failed: 0,
      warning: 0,
    });
    for (const id of await orthanc.instances()) {
      const file = parsePart10(await orthanc.file(id))!;
      expect([file.sopInstanceUid, file.dataSet.equals(sent.get(file.sopInstanceUid)!.dataSet)]).toEqual([
        file.sopInstanceUid,
        true,
      ]);
    }
    expect((await orthanc.instances()).length).toBe(sent.size);
  });

  test('is given storage commitment', async () => {
    const report = await orthanc.commit('kuva', await orthanc.studies());
    expect(report.Status).toBe('Success');
    expect(report.Success?.length).toBe(SAMPLES.length + 4);
  });

  test('is told which objects are deleted or damaged', async () => {
    rmSync(storedObject(node.storageRoot, '2.25.77001'));
    const path = storedObject(node.storageRoot, '2.25.77002');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    chmodSync(path, 0o644);
    writeFileSync(path, bytes);
    const study = await Promise.all(
      (await orthanc.studies()).map(async (id) => ({
        id,
        uid: (await orthanc.get<{ MainDicomTags: { StudyInstanceUID: string } }>(`/studies/${id}`)).MainDicomTags
          .StudyInstanceUID,
      })),
    );
    const report = await orthanc.commit('kuva', [study.find((s) => s.uid === DERIVED_STUDY)!.id]);
    expect(report.Status).toBe('Failure');
    expect(Object.fromEntries(report.Failures!.map((f) => [f.SOPInstanceUID, f.FailureReason]))).toEqual({
      '2.25.77001': 0x0112,
      '2.25.77002': 0x0110,
    });
    expect(report.Success?.map((s) => s.SOPInstanceUID).toSorted()).toEqual(['2.25.77003', '2.25.77004']);
  });
});
