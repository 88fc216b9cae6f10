import { expect, test } from 'vitest';
import { openInProcessCli } from '../cli/in-process.ts';
import { cda, ENTRY, REQUEST, writeFiles } from './documents.ts';
import { writeStudy } from './studies.ts';

test('a study without its request is on the work list until a person links the two', async () => {
  await using cli = await openInProcessCli();
  const study = '1.2.3.1';
  writeStudy(cli.file('dicom'), { study, patientId: ENTRY.patient.id, accession: 'OTHER', description: 'XX9XX other' });
  await cli.json(0, 'import', cli.file('dicom'));
  await cli.json(
    0,
    'documents',
    'import',
    ...writeFiles(cli.file('cda'), { 'a.xml': cda(REQUEST), 'b.xml': cda(ENTRY, { studyUid: study }) }),
  );
  expect(await cli.json(0, 'reconcile', 'list', '--kind', 'images-without-documents')).toMatchObject([
    { studyInstanceUid: study, detail: 'request', patientId: ENTRY.patient.id },
  ]);
  await cli.json(0, 'reconcile', 'link', REQUEST.oid, study);
  expect(await cli.json(0, 'reconcile')).toMatchObject([
    { kind: 'images-without-documents', items: 0 },
    { kind: 'documents-without-images', items: 0 },
    { kind: 'code-mismatch', items: 2, overdue: 0 },
    { kind: 'patient-mismatch', items: 0 },
    { kind: 'refused-documents', items: 0 },
  ]);
  expect((await cli.run('reconcile', 'list', '--kind', 'x')).code).toBe(2);
});
