import { expect, test } from 'vitest';
import { openIndex } from '../test-support/database-file.ts';

test('ending a custody shortens it, and never brings one back that has ended', async () => {
  const index = await openIndex();
  const child = '010316A9007';
  const facts = { validFrom: '20160301', validUntil: '', health: true, recordedAt: 1, recordedBy: 'test' };
  const id = await index.write('citizenGuardianAdd', { child, guardian: '010181-900C', ...facts });
  const lastDay = async () => (await index.read('citizenGuardians', child))[0]?.validUntil;
  expect(await index.write('citizenGuardianEnd', id, '20260131')).toBe(true);
  expect(await index.write('citizenGuardianEnd', id, '20300131')).toBe(false);
  expect(await lastDay()).toBe('20260131');
  expect(await index.write('citizenGuardianEnd', id, '20250131')).toBe(true);
  expect(await lastDay()).toBe('20250131');
});
