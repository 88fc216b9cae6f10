import { expect, onTestFinished, test } from 'vitest';
import { SimArchive } from '../../src/sim/sim-archive.ts';
import type { SimPeer } from '../../src/sim/sim-caller.ts';
import { findscu, storescu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { cda, ENTRY, REQUEST, writeFiles } from './documents.ts';
import { writeStudy } from './studies.ts';

const { id } = REQUEST.patient;
const OWN = ENTRY.studyUid ?? '';

async function archiveWith(files: readonly string[], peers: Map<string, SimPeer>): Promise<number> {
  const archive = new SimArchive({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    keeping: 'memory',
    script: { full: false, rules: [] },
    peers,
    tell: () => undefined,
    now: () => performance.now(),
  });
  onTestFinished(() => archive[Symbol.asyncDispose]());
  const port = await archive.listen();
  const sent = await storescu({ port, calledAET: 'ARCHIVE', callingAET: 'OTHER' }, files);
  expect(sent.code, sent.output).toBe(0);
  return port;
}

function rows(stdout: string): Record<string, unknown>[] {
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

test('a request raises the hint; comparable studies come from the archive as copies, and one picture has it all', async () => {
  await using dir = await tempDir('kuva-priors-');
  const other = { patientId: id, accession: 'X', date: '20251001' };
  const elsewhere = [
    writeStudy(dir.file('archive'), { ...other, study: '1.2.9.1', description: 'ZA2AD head CT elsewhere' }),
    writeStudy(dir.file('archive'), { ...other, study: '1.2.9.2', description: 'ZN1AD limb' }),
    writeStudy(dir.file('archive'), { ...other, study: '1.2.9.3', description: 'ZA1AG head MR', modality: 'MR' }),
    writeStudy(dir.file('archive'), {
      ...other,
      study: '1.2.9.4',
      description: 'ZA2AD other patient',
      patientId: '010594Y9032',
    }),
  ];
  const peers = new Map<string, SimPeer>();
  const port = await archiveWith(elsewhere, peers);
  await using node = await NodeProcess.start({
    // An archive that is not registered may report to us, and store nothing.
    aes: [{ aet: 'ARCHIVE', port }],
    sections: {
      egress: {
        supervise: false,
        destination: { name: 'national', aeTitle: 'ARCHIVE', host: '127.0.0.1', port, tls: false },
      },
      priors: { archive: 'national' },
      documents: { pollInterval: '100ms' },
    },
  });
  peers.set(node.aet, { host: '127.0.0.1', port: node.dicomPort, tls: false });
  const own = [
    writeStudy(dir.file('own'), {
      study: OWN,
      patientId: id,
      accession: REQUEST.accessionNumber ?? '',
      description: 'ZA1AD asked for',
    }),
    writeStudy(dir.file('own'), {
      study: '1.2.8.1',
      patientId: id,
      accession: 'Y',
      description: 'ZA9AD not long ago',
      date: '20251101',
    }),
    writeStudy(dir.file('own'), {
      study: '1.2.8.2',
      patientId: id,
      accession: 'Z',
      description: 'ZA9AD long ago',
      date: '20200101',
    }),
  ];
  await storescu(node.peer('CT1'), own);
  const imported = await node.kuva(
    'documents',
    'import',
    ...writeFiles(dir.file('cda'), { 'a.xml': cda(REQUEST), 'b.xml': cda(ENTRY) }),
  );
  expect(imported.code, imported.output).toBe(0);

  const hints = await node.kuva('priors', 'hints', '--json');
  expect(rows(hints.stdout)).toMatchObject([
    { requestOid: REQUEST.oid, studyInstanceUid: '1.2.8.1', codePrefix: 'ZA' },
  ]);

  const fetched = await node.kuva('priors', 'prefetch', REQUEST.oid, '--json');
  expect(fetched.code, fetched.output + node.output()).toBe(0);
  expect(rows(fetched.stdout)).toMatchObject([{ studyInstanceUid: '1.2.9.1', result: 'fetched', objects: 1 }]);

  const { stdout } = await node.kuva('patient', id, '--json');
  const [picture] = rows(stdout) as [
    {
      studies: {
        studyInstanceUid: string;
        copyUntil: number | null;
        numberOfInstances: number;
        documents: { kind: string }[];
      }[];
      unlinkedDocuments: unknown[];
    },
  ];
  expect(picture.unlinkedDocuments).toEqual([]);
  expect(
    picture.studies.find(({ studyInstanceUid }) => studyInstanceUid === OWN)?.documents.map(({ kind }) => kind),
  ).toEqual(['request', 'entry']);
  expect(
    picture.studies.flatMap(({ studyInstanceUid, copyUntil }) => (copyUntil === null ? [] : [studyInstanceUid])),
  ).toEqual(['1.2.9.1']);
  const found = await findscu(node.peer('WS'), 'study', [
    'QueryRetrieveLevel=STUDY',
    `PatientID=${id}`,
    'StudyInstanceUID',
    'NumberOfStudyRelatedInstances',
  ]);
  const seen = found.matches.map((match) => `${match.get('0020,000d')} ${match.get('0020,1208')}`);
  expect(seen.toSorted()).toEqual(
    picture.studies.map((study) => `${study.studyInstanceUid} ${study.numberOfInstances}`).toSorted(),
  );

  const metrics = await waitFor('the metric of studies without documents', async () => {
    const text = await (await fetch(`http://127.0.0.1:${node.httpPort}/metrics`)).text();
    return /kuva_reconcile_items\{kind="images-without-documents"\} 2\b/.test(text) ? text : undefined;
  });
  // Dated long before: the deadline runs from receipt.
  expect(metrics).toMatch(/kuva_reconcile_overdue\{kind="images-without-documents"\} 0/);
});
