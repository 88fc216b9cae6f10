import { expect, test } from 'vitest';
import { openIndex } from '../index/test-support/database-file.ts';
import { newInstance } from '../index/test-support/new-instance.ts';
import { patientPicture } from './patient-picture.ts';

test('a name under which only withheld studies came is not told', async () => {
  const index = await openIndex();
  const of = (study: string, issuer: string, name: string) =>
    index.addInstance(
      newInstance({
        study,
        sop: `${study}.1.1`,
        attributes: { PatientID: '010181-900C', IssuerOfPatientID: issuer, PatientName: name },
      }),
    );
  await of('1.2.1', 'SHELTER', 'Uusi^Nimi');
  await of('1.2.2', '1.2.246.21', 'Testinen^Aino');
  const picture = (permitted: readonly string[]) =>
    patientPicture(
      {
        index,
        permitted: async (uids) => new Set(uids.filter((uid) => permitted.includes(uid))),
        permittedDocuments: async () => new Set(),
      },
      '010181-900C',
    );
  expect(await picture(['1.2.2'])).toMatchObject({
    identities: [{ issuer: '1.2.246.21', name: 'Testinen^Aino' }],
    studies: [{ studyInstanceUid: '1.2.2' }],
  });
  expect((await picture(['1.2.1', '1.2.2']))?.identities).toHaveLength(2);
  expect(await picture([])).toBeUndefined();
});
