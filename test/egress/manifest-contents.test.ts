import { expect, test } from 'vitest';
import { decodeDataSet, getString } from '../../src/dicom/data-set.ts';
import { readFileMeta } from '../../src/dicom/file-meta.ts';
import { readKeyObjectDocument } from '../../src/dicom/key-object-document.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { exportBundle } from '../../src/egress/proof/export-bundle.ts';
import { readCustody } from '../../src/egress/proof/read-custody.ts';
import { verifyBundle } from '../../src/egress/proof/verify-bundle.ts';
import { forwarding } from '../support/forwarding.ts';
import { tempDir } from '../support/temp-dir.ts';

const STUDY = '2.25.900';
type Forwarding = Awaited<ReturnType<typeof forwarding>>;

const receive = (f: Forwarding, n: number, attributes = {}) =>
  f.receive({ study: STUDY, series: `${STUDY}.1`, sop: `${STUDY}.1.${n}`, attributes });

/** As a note with the title does that leaves no way back. */
function reject(f: Forwarding, n: number): void {
  f.db
    .prepare(
      `INSERT INTO rejection (sop_instance_uid, note_uid, study_instance_uid, code, later, organisation, noted_at)
       SELECT i.sop_instance_uid, x'ff', t.study_instance_uid, '113038', 'refuse', NULL, 0 FROM study t JOIN series s ON s.study_fk = t.id
       JOIN instance i ON i.series_fk = s.id ORDER BY i.id LIMIT 1 OFFSET ?`,
    )
    .run(n - 1);
}

async function manifest(f: Forwarding) {
  const { file, sopInstanceUid } = (await f.store.manifest(await f.latest(STUDY)))!;
  const { dataSetOffset, transferSyntaxUid } = readFileMeta(Buffer.from(file));
  const dataSet = decodeDataSet(Buffer.from(file).subarray(dataSetOffset), transferSyntaxUid);
  expect(f.archive.objects.get(sopInstanceUid)).toBeDefined();
  return {
    patientId: getString(dataSet, TAG.PatientID, 'ISO_IR 100'),
    listed: readKeyObjectDocument(dataSet).references.map(({ sopInstanceUid: uid }) => uid),
  };
}

test('a manifest lists nothing that has been rejected since the archive committed itself to it', async () => {
  const f = await forwarding();
  for (const n of [1, 2]) await receive(f, n);
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED' });
  expect((await manifest(f)).listed).toEqual([`${STUDY}.1.1`, `${STUDY}.1.2`]);
  reject(f, 1);
  await receive(f, 3);
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED', version: 2 });
  expect((await manifest(f)).listed).toEqual([`${STUDY}.1.2`, `${STUDY}.1.3`]);

  const custody = await readCustody(f.index, STUDY);
  expect(custody?.instances.map(({ rejections }) => rejections.map(({ code }) => code))).toEqual([['113038'], [], []]);
  await using dir = await tempDir();
  exportBundle(custody!, dir.file('proof'), '2026-11-22T00:00:00Z');
  expect(verifyBundle(dir.file('proof'), undefined).checks.filter(({ ok }) => !ok)).toEqual([]);
});

test('a manifest names the patient of what it lists, not of an object that was rejected before it went', async () => {
  const f = await forwarding();
  await receive(f, 1, { PatientID: '020290-9012' });
  await receive(f, 2);
  reject(f, 1);
  await f.queueAll();
  expect(await f.run(STUDY)).toMatchObject({ state: 'ARCHIVED', instances: 1 });
  expect(await manifest(f)).toEqual({ patientId: '010190-900A', listed: [`${STUDY}.1.2`] });
});
