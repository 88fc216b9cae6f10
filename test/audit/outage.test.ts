import { join } from 'node:path';
import { expect, test } from 'vitest';
import { query } from '../../src/audit/events/query-event.ts';
import { spooledForm } from '../../src/audit/audit-trail.ts';
import { dataSetOf, encodeDataSet, text, uid } from '../../src/dicom/data-set.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import { IndexService } from '../../src/index/index-service.ts';
import { makeCertificates } from '../dimse/certificates.ts';
import { NodeProcess } from '../support/node-process.ts';
import { associate } from '../support/own-sender.ts';
import { Rsyslog } from '../support/rsyslog.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { arrived, auditSection, distinct } from './audited.ts';

/** What an hour brings at 20 messages a second. */
const HOUR = 72_000;
const ASKERS = 4;
const ASKED_BEFORE_KILL = 400;

const identifierOf = (patient: string): Buffer =>
  encodeDataSet(
    dataSetOf(
      text(TAG.QueryRetrieveLevel, 'CS', 'STUDY', ''),
      text(TAG.PatientID, 'LO', patient, ''),
      uid(TAG.StudyInstanceUID, ''),
    ),
    UID.ExplicitVRLittleEndian,
  );

/** Asks for one patient after the other until the node is gone or has been asked so often; those whose question was answered. */
async function ask(node: NodeProcess, run: string, times: number, onAnswer: (answered: number) => void) {
  const answered: string[] = [];
  const asker = async (name: string): Promise<void> => {
    const assoc = await associate(node.peer(name), [
      { abstractSyntax: UID.StudyRootFind, transferSyntaxes: [UID.ExplicitVRLittleEndian] },
    ]);
    const pc = assoc.contextFor(UID.StudyRootFind);
    if (pc === undefined) throw new Error('context refused');
    for (let i = 0; i < times / ASKERS; i += 1) {
      const patient = `${run}-${name}-${i}`;
      for await (const { status } of assoc.find({ pc, priority: 0, identifier: identifierOf(patient) }))
        if (status.code === 0) answered.push(patient);
      onAnswer(answered.length);
    }
    await assoc.release();
  };
  await Promise.allSettled(Array.from({ length: ASKERS }, (_, i) => asker(`ASKER${i}`)));
  return answered;
}

/** What other processes spool beside the node, such as commands and the one that forwards. */
async function spool(storageRoot: string, run: string, messages: number): Promise<void> {
  await using index = await IndexService.open({ path: join(storageRoot, 'kuva.sqlite'), readers: 1 });
  const facts = { sopClassUid: '1.2.3', transferSyntaxUid: UID.ExplicitVRLittleEndian, outcome: 0 } as const;
  const [source, destination] = [{ aet: 'OTHER' }, { aet: 'KUVA' }];
  for (let from = 0; from < messages; from += 500) {
    const batch = Array.from({ length: Math.min(500, messages - from) }, (_, i) => {
      const at = Date.now();
      const identifier = identifierOf(`${run}-${from + i}`);
      return spooledForm(query({ ...facts, at, source, destination, identifier }), { id: 'KUVA', enterpriseSite: '' });
    });
    await index.write('auditAppend', batch);
  }
}

test('an hour without the repository, the node killed in it: every message arrives, in order, and what comes twice says so', async () => {
  const certificates = makeCertificates();
  await using repository = await Rsyslog.create(certificates);
  await using files = await tempDir();
  const audit = auditSection(files.file('tls'), certificates, repository.port);
  await using node = await NodeProcess.start({ sections: { audit } });
  const [killed] = await Promise.all([
    ask(node, 'first', 100_000, (answered) => {
      if (answered === ASKED_BEFORE_KILL) void node.kill();
    }),
    spool(node.storageRoot, 'beside', 20_000),
  ]);
  expect(killed.length).toBeGreaterThanOrEqual(ASKED_BEFORE_KILL);
  await spool(node.storageRoot, 'without', 20_000);
  await node.start();
  const asked = await ask(node, 'second', 1000, () => {});
  expect(asked).toHaveLength(1000);
  const waiting = async () => {
    const body = await (await fetch(`http://127.0.0.1:${node.httpPort}/metrics`)).text();
    return Number(/^kuva_audit_messages_waiting (\d+)$/m.exec(body)?.[1]);
  };
  await spool(node.storageRoot, 'rest', HOUR - (await waiting()));
  expect(await waiting()).toBeGreaterThanOrEqual(HOUR);

  await repository.start();
  await waitFor('the spool to be empty', async () => (await waiting()) === 0, 120_000);
  const { messages, faults } = distinct(arrived(repository));
  expect(faults).toEqual([]);
  expect(messages.length).toBeGreaterThanOrEqual(HOUR);
  const identifiers = new Set(
    messages.flatMap(({ message }) => /<ParticipantObjectQuery>(.*?)</.exec(message)?.[1] ?? []),
  );
  const expected = [
    ...killed,
    ...asked,
    ...['beside', 'without'].flatMap((run) => Array.from({ length: 20_000 }, (_, i) => `${run}-${i}`)),
  ];
  expect(expected.filter((patient) => !identifiers.has(identifierOf(patient).toString('base64')))).toEqual([]);
}, 300_000);

test('a repository that dies again and again while it takes what has waited loses nothing of it', async () => {
  const certificates = makeCertificates();
  await using repository = await Rsyslog.create(certificates);
  await using files = await tempDir();
  const audit = auditSection(files.file('tls'), certificates, repository.port);
  await using node = await NodeProcess.start({ sections: { audit } });
  await spool(node.storageRoot, 'waiting', 12_000);
  for (const some of [1, 4000, 9000]) {
    await repository.start();
    await waitFor(`${some} messages`, () => repository.messages().length >= some, 60_000);
    await repository.kill();
  }
  await repository.start();
  await waitFor(
    'the last one',
    () => repository.messages().some((line) => line.includes(identifierOf('waiting-11999').toString('base64'))),
    60_000,
  );
  await node.stop();
  const { messages, faults } = distinct(arrived(repository));
  expect(faults).toEqual([]);
  expect(messages.filter(({ message }) => message.includes('AETITLES=OTHER'))).toHaveLength(12_000);
}, 180_000);
