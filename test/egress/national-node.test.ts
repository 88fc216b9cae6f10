import { expect, test } from 'vitest';
import { egressTitle, modality, startHospital } from '../soak/egress-world.ts';
import { attributes, CT_CODE, ORGANISATIONS, soakStudies } from '../soak/soak-studies.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import { rejectionNote, sendObjects } from '../support/test-objects.ts';
import { waitFor } from '../support/wait-for.ts';

interface Rejections {
  readonly code: string;
  readonly hidden: number;
  readonly missing: number;
  readonly organisation: string | null;
}

async function rejections(node: NodeProcess): Promise<Rejections[]> {
  const { stdout } = await node.kuva('rejections', 'list', '--json');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Rejections);
}

test('an organisation node archives at a national node; a rejection note follows its objects there and hides them', async () => {
  await using dir = await tempDir('kuva-national-');
  await using national = await NodeProcess.start({
    aes: ORGANISATIONS.map((key, i) => ({ aet: egressTitle(key), port: 10_000 + i, options: ['--organisation', key] })),
    sections: { node: { aeTitle: 'ARCHIVE', role: 'national' } },
  });
  // The register of organisations is empty: said of every forwarder, with the remedy.
  await waitFor('the warning', () => national.output().includes('kuva org set north'));
  await using hospital = await startHospital(dir, await freePort(), national.dicomPort);
  const [study] = soakStudies(1);
  const peer = hospital.peer(modality('north'));
  expect(await sendObjects(peer, study!.objects)).toEqual([0, 0, 0]);
  const states = async () => (await hospital.kuva('queue', 'show', study!.studyInstanceUid)).stdout;
  await waitFor('the study to be archived', async () => /ARCHIVED/.test(await states()), 120_000);

  const note = rejectionNote('2.25.98', '113037', study!.objects.slice(0, 1), attributes(0, CT_CODE, null, 1));
  expect(await sendObjects(peer, [note])).toEqual([0]);
  expect(await rejections(hospital)).toMatchObject([{ code: '113037', hidden: 1 }]);
  await waitFor('the note to arrive', async () => (await rejections(national)).length > 0, 120_000);
  expect(await rejections(national)).toMatchObject([{ code: '113037', hidden: 1, missing: 0, organisation: 'north' }]);
  // The archive takes the rejected object from nobody again, and lets no other organisation reject.
  const forwarder = { ...national.peer(egressTitle('north')), calledAET: 'ARCHIVE' };
  expect(await sendObjects(forwarder, study!.objects)).toEqual([0xa771, 0, 0]);
}, 300_000);
