import { expect, test } from 'vitest';
import type { IndexService } from '../index-service.ts';
import { allOf, openIndex } from '../test-support/database-file.ts';
import { newInstance } from '../test-support/new-instance.ts';
import type { LaterOccurrence } from './rejection-types.ts';

// Rejection notes at an archive of several organisations, none of which can reject, or restore, what another has archived.

const STUDY = '1.2.3';
const IMAGE = '1.2.3.1.1';

function image(organisation: string, receivedAt: number, bytes = 'first') {
  return newInstance({ study: STUDY, sop: IMAGE, organisation, receivedAt, bytes });
}

function note(organisation: string, receivedAt: number, code: string, later: LaterOccurrence) {
  const sop = `1.2.9.${receivedAt}`;
  const references = [{ studyInstanceUid: STUDY, sopInstanceUid: IMAGE }];
  return {
    ...newInstance({ study: `${sop}.0`, sop, organisation, receivedAt }),
    rejects: { code, later, ownObjectsOnly: true, references },
  };
}

async function isShown(index: IndexService): Promise<boolean> {
  const selection = { level: 'IMAGE', sopUids: [IMAGE], visibleOnly: true } as const;
  return (await allOf(index.selectInstances(selection))).length > 0;
}

test('what expired is shown again when its own organisation sends it again', async () => {
  const index = await openIndex();
  await index.addInstance(image('district', 1));
  await index.addInstance(note('district', 2, '113039', 'restore'));
  expect(await isShown(index)).toBe(false);
  await index.addInstance(image('coast', 3));
  expect(await isShown(index), 'sent by another').toBe(false);
  await index.addInstance(image('district', 4));
  expect(await isShown(index)).toBe(true);
});

test('another organisation does not bring back what was rejected, by a note of its own about the same object', async () => {
  const index = await openIndex();
  await index.addInstance(image('district', 1));
  await index.addInstance(note('district', 2, '113037', 'refuse'));
  await index.addInstance(note('coast', 3, '113039', 'restore'));
  await index.addInstance(image('coast', 4, 'second'));
  expect(await isShown(index)).toBe(false);
  await expect(index.addInstance(image('district', 5))).rejects.toMatchObject({ code: 'INDEX_INSTANCE_REJECTED' });
  expect(await index.read('rejectionList', 10, null)).toMatchObject([
    { code: '113039', organisation: 'coast', reverted: 1 },
    { code: '113037', organisation: 'district', reverted: 0, hidden: 1 },
  ]);
});
