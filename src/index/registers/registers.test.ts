import { expect, test } from 'vitest';
import { openIndex } from '../test-support/database-file.ts';
import type { CertificationRow, OrganisationRow } from './register-types.ts';

const ORGANISATION: OrganisationRow = {
  key: 'north',
  name: 'Pohjoinen',
  oid: '1.2.246.10.2048198',
  kind: 'public',
  controllerOid: '1.2.246.10.2048198.19.0',
  registerCode: '2',
  registerSpecifier: '',
  egressAet: 'NORTHKUVA',
  systemEntity: '',
  joinedOn: '20180901',
  attributes: { note: 'ensimmäinen' },
};

test('an organisation is put, changed, found by key and by controller, and removed', async () => {
  const index = await openIndex();
  await index.write('organisationPut', ORGANISATION);
  await index.write('organisationPut', { ...ORGANISATION, name: 'Pohjoinen II' });
  await index.write('organisationPut', { ...ORGANISATION, key: 'work', oid: '1.2.246.10.2048198.10.4' });
  expect(await index.read('organisationByKey', 'north')).toEqual({ ...ORGANISATION, name: 'Pohjoinen II' });
  expect((await index.read('organisationList')).map(({ key }) => key)).toEqual(['north', 'work']);
  expect(await index.read('organisationsOfController', ORGANISATION.controllerOid)).toHaveLength(2);
  await expect(
    index.write('organisationPut', { ...ORGANISATION, key: 'other' }),
    'an OID names one organisation',
  ).rejects.toMatchObject({ code: 'INDEX_ROW_REJECTED' });
  expect(await index.write('organisationRemove', 'work')).toBe(true);
  expect(await index.write('organisationRemove', 'work')).toBe(false);
  expect(await index.read('organisationByKey', 'work')).toBeUndefined();
});

test('enablements stay as history, in the order in which they come to count', async () => {
  const index = await openIndex();
  const row = { controllerOid: '1.2', contentType: 'ecg', note: '', recordedAt: 1 };
  await index.write('enablementAdd', { ...row, state: 'TEST', from: '20260201' });
  await index.write('enablementAdd', { ...row, state: 'PLANNED', from: '20260101' });
  await index.write('enablementAdd', { ...row, controllerOid: '1.3', state: 'PLANNED', from: '20260101' });
  expect((await index.read('enablementList', '1.2')).map(({ state }) => state)).toEqual(['PLANNED', 'TEST']);
  expect(await index.read('enablementList', null)).toHaveLength(3);
});

test('a certification is put, replaced and removed', async () => {
  const index = await openIndex();
  const row: CertificationRow = {
    registerId: 'R-1',
    systemEntity: 'PACS + RIS',
    version: '7',
    class: 'A2',
    contentTypes: ['radiology', 'ecg'],
    specVersions: ['2.4.1'],
    jointTestDay: '20250301',
    validFrom: '20250401',
    validTo: '20280331',
  };
  await index.write('certificationPut', row);
  await index.write('certificationPut', { ...row, version: '8' });
  expect(await index.read('certificationList')).toEqual([{ ...row, version: '8' }]);
  expect(await index.write('certificationRemove', 'R-1')).toBe(true);
  expect(await index.write('certificationRemove', 'R-1')).toBe(false);
});
