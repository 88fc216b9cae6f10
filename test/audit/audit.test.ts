import { expect, test } from 'vitest';
import { writeInstances } from '../cli/kuva.ts';
import { makeCertificates } from '../dimse/certificates.ts';
import { NodeProcess } from '../support/node-process.ts';
import { Rsyslog } from '../support/rsyslog.ts';
import { runProcess } from '../support/run-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { auditSection } from './audited.ts';
import { schemaProblems } from './schema-problems.ts';

test('an rsyslog over TLS gets what happened at the node, also what happened while it was down', async () => {
  const certificates = makeCertificates();
  await using repository = await Rsyslog.create(certificates);
  await using files = await tempDir();
  await repository.start();
  const audit = auditSection(files.file('tls'), certificates, repository.port);
  await using node = await NodeProcess.start({ sections: { audit } });
  const bodies = (): string[] => repository.messages().map((line) => line.slice(line.indexOf('<?xml')));
  const having = (...parts: string[]): string[] =>
    bodies().filter((body) => parts.every((part) => body.includes(part)));

  await waitFor('the start to be told', () => having('Application Start').length > 0);
  writeInstances(files.file('dicom'), [
    { study: '1.2.3', sop: '1.2.3.1.1', patientId: '010181-900C' },
    { study: '1.2.3', sop: '1.2.3.1.2', patientId: '010181-900C' },
    { study: '1.2.4', sop: '1.2.4.1.1', patientId: '010181-900C' },
  ]);
  const { port } = { port: String(node.dicomPort) };
  const store = () =>
    runProcess('storescu', ['-aet', 'CT1', '-aec', 'KUVA', '127.0.0.1', port, '+sd', files.file('dicom')]);
  expect((await store()).code).toBe(0);
  await waitFor('the first transfer', () => having('DICOM Instances Transferred').length >= 2);
  const [first] = having('DICOM Instances Transferred', 'ParticipantObjectID="1.2.3"');
  expect(first).toMatch(/EventActionCode="C".*AETITLES=CT1.*NumberOfInstances="2".*ParticipantObjectID="010181-900C"/);

  await repository.kill();
  const asked = 25;
  for (let i = 0; i < asked; i += 1) {
    const found = await runProcess('findscu', [
      '-S',
      '-aet',
      `PACS${i}`,
      '-aec',
      'KUVA',
      '127.0.0.1',
      port,
      '-k',
      'QueryRetrieveLevel=STUDY',
      '-k',
      'PatientID=010181-900C',
      '-k',
      'StudyInstanceUID',
    ]);
    expect(found.code).toBe(0);
  }
  const stranger = await runProcess('echoscu', ['-aet', 'CT1', '-aec', 'OTHER', '127.0.0.1', port]);
  expect(stranger.code).not.toBe(0);
  // The node dies, too: what it had not got rid of is on its disk.
  await node.kill();
  await node.start();
  await repository.start();
  await waitFor('every query to be told', () =>
    Array.from({ length: asked }, (_, i) => `AETITLES=PACS${i}"`).every((aet) => having('110112', aet).length > 0),
  );
  expect(having('Security Alert', 'AETITLES=CT1').length).toBeGreaterThan(0);
  await node.stop();
  await waitFor('the stop to be told', () => having('Application Stop').length > 0);
  for (const line of repository.messages())
    expect(line).toMatch(
      /^<8[45]>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ kuva \d+ DICOM\+RFC3881 \[meta sequenceId="\d+"\] \ufeff<\?xml/,
    );
  expect(await schemaProblems(bodies())).toBe('');
});
