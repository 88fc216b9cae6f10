import { expect, test } from 'vitest';
import { SimArchive } from '../../src/sim/sim-archive.ts';
import type { SimEvent } from '../../src/sim/sim-events.ts';
import { readRule } from '../../src/sim/sim-script.ts';
import { storescu } from '../support/dcmtk.ts';
import { DERIVED_STUDY, deriveStudy } from '../support/derive-sample.ts';
import { freePort } from '../support/free-port.ts';
import { lenientProfile } from '../support/lenient-profile.ts';
import { NodeProcess } from '../support/node-process.ts';
import { succeeded } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

test('from a modality to the archive: the node receives reports for the process that forwards, and the proof holds', async () => {
  await using dir = await tempDir();
  const port = await freePort();
  await using node = await NodeProcess.start({
    profile: lenientProfile(dir.file('profile.yaml')),
    sections: {
      egress: {
        destination: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port, tls: false, callingAeTitle: 'DISTRICT' },
        quietTime: '0s',
        commitment: { sameAssociationWait: '0s' },
        breaker: { openFor: '200ms', maxOpenFor: '200ms' },
        retry: '100x200ms',
      },
    },
  });
  const heard: SimEvent[] = [];
  await using archive = new SimArchive({
    host: '127.0.0.1',
    port,
    tls: undefined,
    keeping: 'memory',
    script: { full: false, rules: [readRule('commitment via=new')] },
    // The title that asked is none that the node answers to otherwise.
    peers: new Map([['DISTRICT', { host: '127.0.0.1', port: node.dicomPort, tls: false }]]),
    tell: (event) => heard.push(event),
    now: () => performance.now(),
  });
  await succeeded(storescu(node.peer('CT1'), await deriveStudy(dir, 'test_files/CT_small.dcm', 3, ['0008,0050=ACC7'])));
  // Meanwhile the archive is not there yet.
  await archive.listen();

  const proof = async () => JSON.parse((await node.kuva('proof', 'ACC7', '--json')).stdout);
  const custody = await waitFor(
    'the study to be archived',
    async () => {
      const found = await proof();
      return found.jobs.every(({ state }: { state: string }) => state === 'ARCHIVED') && found.jobs.length > 0
        ? found
        : undefined;
    },
    60_000,
  );
  expect(custody).toMatchObject({ studyInstanceUid: DERIVED_STUDY, jobs: [{ callingAet: 'DISTRICT' }] });
  expect(custody.commitments.map(({ answeredOn }: { answeredOn: string }) => answeredOn)).toEqual(['new', 'new']);
  for (const { sopInstanceUid, sha256, receivedFrom } of custody.instances) {
    expect(receivedFrom).toBe('CT1');
    expect(archive.objects.get(sopInstanceUid)?.sha256).toBe(sha256);
  }

  const exported = await succeeded(node.kuva('proof', 'ACC7', '--export', dir.file('proof'), '--json'));
  const { head } = JSON.parse(exported.stdout);
  const verified = await node.kuva('proof', 'verify', dir.file('proof'), '--head', head);
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('3 commitments')]);
  expect((await node.kuva('proof', 'verify', dir.file('proof'), '--head', `x${head}`)).code).toBe(1);
  expect(await node.kuva('proof', 'ACC8')).toMatchObject({ code: 1, stdout: '' });
}, 180_000);

test('kuva queue flush asks an archive that was away at once, however long it was to be spared', async () => {
  await using dir = await tempDir();
  const port = await freePort();
  await using node = await NodeProcess.start({
    profile: lenientProfile(dir.file('profile.yaml')),
    sections: {
      egress: {
        destination: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port, tls: false, callingAeTitle: 'DISTRICT' },
        quietTime: '0s',
        breaker: { threshold: 1, openFor: '6h', maxOpenFor: '6h' },
        retry: '3x6h',
      },
    },
  });
  await succeeded(storescu(node.peer('CT1'), await deriveStudy(dir, 'test_files/CT_small.dcm', 1, ['0008,0050=ACC8'])));
  const breaker = async (): Promise<string> =>
    JSON.parse((await node.kuva('queue', 'forecast', '--json')).stdout).breaker.state;
  await waitFor('the breaker to be open', async () => ((await breaker()) === 'open' ? true : undefined), 60_000);
  await using archive = new SimArchive({
    host: '127.0.0.1',
    port,
    tls: undefined,
    keeping: 'memory',
    script: { full: false, rules: [] },
    peers: new Map(),
    tell: () => undefined,
    now: () => performance.now(),
  });
  await archive.listen();
  expect([await breaker(), archive.objects.size]).toEqual(['open', 0]);
  await succeeded(node.kuva('queue', 'flush'));
  await waitFor('the object to arrive', async () => (archive.objects.size === 1 ? true : undefined), 60_000);
}, 180_000);
