import { expect, test } from 'vitest';
import { hookedFs } from '../../test/support/hooked-fs.ts';
import { FreeSpace } from './free-space.ts';

const MIB = 1024 * 1024;

function disk(freeBytes: number) {
  const state = { freeBytes, asked: 0, now: 0 };
  const fs = {
    ...hookedFs(() => undefined),
    statfs: async () => {
      state.asked += 1;
      return { freeBytes: state.freeBytes, totalBytes: 1e12 };
    },
  };
  return { state, space: new FreeSpace(fs, '/', 100 * MIB, () => state.now) };
}

test('refuses what would go into the reserve, and takes it again once there is space', async () => {
  const { state, space } = disk(150 * MIB);
  await space.take(50 * MIB);
  await expect(space.take(51 * MIB)).rejects.toMatchObject({
    code: 'STORE_RESERVE',
    facts: { free: 150 * MIB, reserve: 100 * MIB },
  });
  state.freeBytes = 160 * MIB;
  await space.take(51 * MIB);
});

test('far from the reserve the disk is asked once in a while only', async () => {
  const { state, space } = disk(10_000 * MIB);
  for (let i = 0; i < 100; i += 1) await space.take(MIB);
  expect(state.asked).toBe(1);
  state.now = 2001;
  await space.take(MIB);
  expect(state.asked).toBe(2);
});

test('near the reserve it is asked each time, whatever was thought before', async () => {
  const { state, space } = disk(1000 * MIB);
  await space.take(700 * MIB);
  state.freeBytes = 90 * MIB;
  expect(space.takeQuickly(1)).toBe(false);
  await expect(space.take(1)).rejects.toMatchObject({ code: 'STORE_RESERVE' });
});
