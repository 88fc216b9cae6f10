import { expect, test } from 'vitest';
import { FINDING_CODES } from '../../src/profile/finding-codes.ts';
import { writeChangedProfile } from '../support/changed-profile.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { LocalSim } from '../support/sim-archive.ts';
import { tempDir } from '../support/temp-dir.ts';
import { sendObjects, testObject } from '../support/test-objects.ts';

const STUDY = '2.25.700';
const HETU = '010190-998V';

interface Job {
  readonly version: number;
  readonly state: string;
  readonly lastCode: string;
}

test('what the archive has under the wrong patient is held until it was mended there, then goes as the right one’s', async () => {
  await using places = await tempDir();
  const profile = writeChangedProfile(places.file('profile.yaml'), ({ readiness }) => {
    const others = FINDING_CODES.filter((code) => code !== 'IDENTITY_CORRECTED');
    readiness.severities = Object.fromEntries(others.map((code) => [code, 'off']));
  });
  const port = await freePort();
  await using archive = await LocalSim.start([], { KUVA: { host: '127.0.0.1', port, tls: false } });
  await using node = await NodeProcess.start({
    profile,
    sections: {
      dicom: { host: '127.0.0.1', port },
      egress: {
        destination: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: archive.port, tls: false },
        quietTime: '0',
      },
    },
  });
  const kuva = async (...args: string[]): Promise<string> => {
    const { code, output, stdout } = await node.kuva(...args);
    if (code !== 0) throw new Error(output);
    return stdout;
  };
  const last = async (): Promise<string> => {
    const lines = (await kuva('queue', 'list', '--all', '--json')).trim().split('\n').filter(Boolean);
    const jobs = lines.map((line) => JSON.parse(line) as Job).toSorted((a, b) => a.version - b.version);
    const job = jobs.at(-1);
    return job === undefined
      ? 'none'
      : `${job.version} ${job.state} ${job.state === 'HELD' ? job.lastCode : ''}`.trim();
  };
  const patients = (): string[] =>
    [...archive.archive.objects.visible()].map(
      ({ attributes }) => `${attributes['Modality'] as string} ${attributes['PatientID'] as string}`,
    );
  const settled = { timeout: 30_000, interval: 200 };

  expect(await sendObjects(node.peer('CT1'), [testObject({ study: STUDY, sop: `${STUDY}.1.1` })])).toEqual([0]);
  await expect.poll(last, settled).toBe('1 ARCHIVED');
  const moved = await kuva(
    'identity',
    'move',
    STUDY,
    '--to',
    HETU,
    '--name',
    'Demo^Aino',
    '--reason',
    'wrong',
    '--json',
  );
  expect(JSON.parse(moved)).toMatchObject({ studies: [{ isSentAsOther: true }] });
  await expect.poll(last, settled).toBe('2 HELD IDENTITY_CORRECTED');
  expect(await kuva('held')).toContain(`kuva queue confirm ${STUDY}`);
  expect(patients()).toEqual(['CT PID-1', 'KO PID-1']);

  await kuva('queue', 'confirm', STUDY);
  await expect.poll(last, settled).toBe('2 ARCHIVED');
  expect(patients().toSorted()).toEqual([`CT ${HETU}`, 'KO PID-1', `KO ${HETU}`].toSorted());
  const proof = JSON.parse(await kuva('proof', STUDY, '--json')) as {
    instances: { forwards: { sentAs: { patientId: string } | null }[] }[];
  };
  expect(proof.instances[0]!.forwards.map(({ sentAs }) => sentAs?.patientId ?? null)).toEqual([null, HETU]);
}, 120_000);
