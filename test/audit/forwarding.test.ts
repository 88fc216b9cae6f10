import { expect, test } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { lenientProfile } from '../support/lenient-profile.ts';
import { NodeProcess } from '../support/node-process.ts';
import { LocalSim } from '../support/sim-archive.ts';
import { sendObjects, testObject } from '../support/test-objects.ts';
import { waitFor } from '../support/wait-for.ts';
import { counted, SeenTrail } from './seen-trail.ts';

test('what is forwarded to an archive: objects and manifest, from the process that forwards', async () => {
  const study = '2.25.7';
  const objects = [1, 2, 3].map((i) => testObject({ study, sop: `${study}.1.${i}` }));
  await using trail = await SeenTrail.start();
  await using national = await LocalSim.start();
  await using forwarding = await NodeProcess.start({
    profile: lenientProfile(trail.files.file('lenient.yaml')),
    sections: {
      audit: trail.audit,
      node: { aeTitle: 'FORWARDER' },
      egress: {
        destination: { name: 'national', aeTitle: 'ARCHIVE', host: '127.0.0.1', port: national.port, tls: false },
        quietTime: '1s',
      },
    },
  });
  await sendObjects({ ...forwarding.peer('CT1'), calledAET: 'FORWARDER' }, objects);
  const sent = ['AETITLES=FORWARDER" UserIsRequestor="true"', 'AETITLES=ARCHIVE', 'ParticipantObjectID="2.25.7"'];
  const [begun] = await trail.told('"Begin Transferring DICOM Instances"', ...sent);
  const [ended] = await trail.told('"DICOM Instances Transferred"', 'EventOutcomeIndicator="0"', ...sent);
  expect([counted([begun]), counted([ended])]).toEqual([3, 3]);
  await waitFor(
    'the manifest',
    () => trail.having('"DICOM Instances Transferred"', UID.KeyObjectSelectionDocumentStorage, ...sent).length > 0,
    60_000,
  );
}, 120_000);
