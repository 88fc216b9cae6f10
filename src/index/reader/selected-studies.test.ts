import { expect, test } from 'vitest';
import type { IndexService } from '../index-service.ts';
import { openIndex } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';

test('the studies that a selection reaches into, at every level', async () => {
  const index = await openIndex();
  for (const [study, patient] of [
    ['1.2.3', 'P1'],
    ['1.2.4', 'P1'],
    ['1.2.5', 'P2'],
  ] as const)
    await index.addInstance(
      newInstance({
        study,
        series: `${study}.1`,
        sop: `${study}.1.1`,
        attributes: {
          StudyInstanceUID: study,
          SeriesInstanceUID: `${study}.1`,
          PatientID: patient,
        },
      }),
    );
  const found = async (selection: Parameters<IndexService['selectedStudies']>[0]) =>
    (await index.selectedStudies(selection)).toSorted();
  expect(await found({ level: 'PATIENT', patientId: 'P1', visibleOnly: true })).toEqual(['1.2.3', '1.2.4']);
  expect(await found({ level: 'STUDY', patientId: 'P1', studyUids: ['1.2.4', '1.2.5'] })).toEqual(['1.2.4']);
  expect(await found({ level: 'SERIES', seriesUids: ['1.2.3.1', '1.2.5.1', '1.9'] })).toEqual(['1.2.3', '1.2.5']);
  expect(await found({ level: 'IMAGE', sopUids: ['1.2.5.1.1'] })).toEqual(['1.2.5']);
});
