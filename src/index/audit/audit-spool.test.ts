import { expect, test } from 'vitest';
import { openIndex } from '../test-support/database-file.ts';

const at = (serial: number) => ({ at: serial, failed: false, message: `m${serial}` });
const some = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => at(from + i));

test('the backlog is told from its two ends, whatever was undone meanwhile', async () => {
  const index = await openIndex();
  expect(await index.read('auditBacklog')).toEqual({ messages: 0, oldestAt: null });
  await index.write('auditAppend', some(1, 3));
  // One that the database refuses takes those that came with it along.
  await expect(index.write('auditAppend', [at(4), { ...at(5), message: null as never }])).rejects.toThrow('NOTNULL');
  await index.write('auditAppend', some(4, 6));
  expect(await index.read('auditBacklog')).toEqual({ messages: 6, oldestAt: 1 });
  expect((await index.read('auditWaiting', 0, 100)).map(({ id, message }) => `${id} ${message}`)).toEqual(
    some(1, 6).map(({ message }, i) => `${i + 1} ${message}`),
  );
  expect(await index.write('auditDelivered', 4)).toBe(true);
  expect(await index.read('auditBacklog')).toEqual({ messages: 2, oldestAt: 5 });
  await index.write('auditDelivered', 6);
  await index.write('auditAppend', [at(7)]);
  // Ids are never used twice.
  expect(await index.read('auditWaiting', 0, 1)).toMatchObject([{ id: 7 }]);
});

test('what was delivered goes in portions, so that nobody who stores waits for all of it', async () => {
  const index = await openIndex();
  await index.write('auditAppend', some(1, 1200));
  expect(await index.write('auditDelivered', 1100)).toBe(false);
  expect((await index.read('auditBacklog')).messages).toBe(700);
  expect(await index.write('auditDelivered', 1100)).toBe(false);
  expect(await index.write('auditDelivered', 1100)).toBe(true);
  expect(await index.read('auditBacklog')).toEqual({ messages: 100, oldestAt: 1101 });
});
