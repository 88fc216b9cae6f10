import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { AUDITED_EVENTS } from '../../src/audit/audited-events-table.ts';
import { UID } from '../../src/dicom/uids.ts';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { requestAssociation } from '../../src/dimse/requestor.ts';
import { hashPasscode } from '../../src/policy/user-identity.ts';
import { cda, ENTRY, REQUEST, writeFiles } from '../documents/documents.ts';
import { writeStudy } from '../documents/studies.ts';
import { archiveInDatabase } from '../support/archived-study.ts';
import { echoscu, findscu, movescu, storescu } from '../support/dcmtk.ts';
import { freePort } from '../support/free-port.ts';
import { NodeProcess } from '../support/node-process.ts';
import { succeeded } from '../support/run-process.ts';
import { getStudies } from '../support/retrieve-client.ts';
import { LocalSim } from '../support/sim-archive.ts';
import { StoreScp } from '../support/storescp.ts';
import { waitFor } from '../support/wait-for.ts';
import { rejectionNote, sendObjects, testObject } from '../support/test-objects.ts';
import type { TestObject } from '../support/test-objects.ts';
import { schemaProblems } from './schema-problems.ts';
import { counted, SeenTrail } from './seen-trail.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CT = { sopClassUid: UID.CTImageStorage, transferSyntaxUid: UID.ExplicitVRLittleEndian };
const images = (study: string): TestObject[] =>
  [1, 2, 3].map((i) => testObject({ study, sop: `${study}.1.${i}`, series: `${study}.1` }));
const ALERT = '"Security Alert"';
const { id: PATIENT } = REQUEST.patient;

let trail: SeenTrail;
let archive: LocalSim;
let scp: StoreScp;
let node: NodeProcess;

beforeAll(async () => {
  trail = await SeenTrail.start();
  scp = await StoreScp.start();
  const port = await freePort();
  archive = await LocalSim.start([], { KUVA: { host: '127.0.0.1', port, tls: false } });
  mkdirSync(trail.files.file('drop'));
  node = await NodeProcess.start({
    aes: [
      { aet: 'SCP', port: scp.port },
      { aet: 'ARCHIVE', port: archive.port },
    ],
    sections: {
      audit: trail.audit,
      dicom: { host: '127.0.0.1', port },
      access: {
        userIdentity: {
          policy: 'verify',
          allowPasscodeWithoutTls: true,
          users: [{ name: 'maija', passcodeHash: await hashPasscode('right') }],
        },
      },
      egress: {
        destination: { name: 'national', aeTitle: 'ARCHIVE', host: '127.0.0.1', port: archive.port, tls: false },
        supervise: false,
      },
      priors: { archive: 'national' },
      documents: { dropFolder: trail.files.file('drop'), pollInterval: '100ms', settle: '100ms' },
    },
  });
  await sendObjects(node.peer('CT1'), images('2.25.1'));
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await archive?.[Symbol.asyncDispose]();
  await scp?.[Symbol.asyncDispose]();
  await trail?.[Symbol.asyncDispose]();
});

describe('what peers do', () => {
  test('C-STORE: what was new, and apart from it what was there', async () => {
    const study = ['"DICOM Instances Transferred"', 'ParticipantObjectID="2.25.1"'];
    const [stored] = await trail.told(...study, 'AETITLES=CT1');
    expect(stored).toMatch(/EventActionCode="C".*AETITLES=CT1" UserIsRequestor="true".*ParticipantObjectID="PID-1"/);
    expect(counted([stored])).toBe(3);
    await sendObjects(node.peer('AGAIN'), images('2.25.1').slice(0, 2));
    const [again] = await trail.told(...study, 'AETITLES=AGAIN');
    expect([/EventActionCode="(.)"/.exec(again)?.[1], counted([again])]).toEqual(['R', 2]);
  });

  test('C-FIND, with its identifier', async () => {
    await findscu(node.peer('SEEKER'), 'study', ['QueryRetrieveLevel=STUDY', 'PatientID=PID-1']);
    const [asked] = await trail.told('"Query"', 'AETITLES=SEEKER');
    const [, query = ''] = /<ParticipantObjectQuery>(.*?)</.exec(asked) ?? [];
    expect(Buffer.from(query, 'base64').toString('latin1')).toContain('PID-1');
  });

  test('C-MOVE and C-GET: that they begin, for whom, and how they end', async () => {
    await movescu(node.peer('PACS'), 'study', 'SCP', ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID=2.25.1']);
    for (const event of ['"Begin Transferring DICOM Instances"', '"DICOM Instances Transferred"']) {
      const [moved] = await trail.told(event, 'AETITLES=SCP', 'AETITLES=PACS" UserIsRequestor="true"');
      expect(counted([moved])).toBe(3);
    }
    await getStudies(node.peer('VIEWER'), ['2.25.1'], [CT]);
    const [got] = await trail.told('"DICOM Instances Transferred"', 'AETITLES=VIEWER" UserIsRequestor="true"');
    expect(got).toContain('EventActionCode="R"');
  });

  test('an association that was rejected, and a peer that speaks something else', async () => {
    await echoscu({ ...node.peer('STRANGER'), calledAET: 'ELSEWHERE' });
    const [rejected] = await trail.told(ALERT, 'AETITLES=STRANGER');
    expect(rejected).toMatch(/EventOutcomeIndicator="8".*csd-code="110126"/);
    await fetch(`http://127.0.0.1:${node.dicomPort}/`).catch(() => undefined);
    await trail.told(ALERT, 'the peer does not speak DICOM: http');
  });

  test('a user that was let in, and one that was not', async () => {
    const login = (user: string, passcode: string) =>
      requestAssociation({
        host: '127.0.0.1',
        port: node.dicomPort,
        callingAET: 'LOGIN',
        calledAET: node.aet,
        tls: undefined,
        contexts: [{ abstractSyntax: UID.Verification, transferSyntaxes: [UID.ImplicitVRLittleEndian] }],
        maxPduLength: 16_384,
        timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
        handlers: {},
        userIdentity: {
          type: 2,
          positiveResponseRequested: true,
          primary: Buffer.from(user),
          secondary: Buffer.from(passcode),
        },
      });
    const assoc = await login('maija', 'right');
    await assoc.release();
    await expect(login('maija', 'wrong')).rejects.toThrow('reject');
    const [letIn] = await trail.told('"User Authentication"', 'EventOutcomeIndicator="0"');
    const [refused] = await trail.told('"User Authentication"', 'EventOutcomeIndicator="8"');
    for (const message of [letIn, refused])
      expect(message).toMatch(/UserID="maija" AlternativeUserID="AETITLES=LOGIN"/);
    // Passcodes are in no message.
    expect(trail.having('wrong"')).toEqual([]);
  });

  test('a rejection note: of a part of a study, and then of all of it', async () => {
    const objects = images('2.25.2');
    await sendObjects(node.peer('QC'), objects);
    await sendObjects(node.peer('QC'), [rejectionNote('2.25.2.9.1', '113001', objects.slice(0, 1))]);
    const [part] = await trail.told('"DICOM Instances Accessed"', 'ParticipantObjectID="2.25.2"');
    expect(part).toContain('1 objects named by rejection note 2.25.2.9.1 (113001)');
    expect(trail.having('"DICOM Study Deleted"', 'ParticipantObjectID="2.25.2"')).toEqual([]);
    await sendObjects(node.peer('QC'), [rejectionNote('2.25.2.9.2', '113001', objects)]);
    const [all] = await trail.told('"DICOM Study Deleted"', 'ParticipantObjectID="2.25.2"');
    expect(all).toMatch(/EventActionCode="D".*AETITLES=QC" UserIsRequestor="true".*ParticipantObjectID="PID-1"/);
  });
});

describe('what the node does with archives', () => {
  test('an eviction, by whom, and the recall of what was given up', async () => {
    await sendObjects(node.peer('CT1'), images('2.25.3'));
    await sendObjects(archive.peer('KUVA'), images('2.25.3'));
    await node.stop();
    archiveInDatabase(node.storageRoot, '2.25.3', 400);
    await node.start();
    await succeeded(node.kuva('evict', '--study', '2.25.3', '--yes'));
    const [gone] = await trail.told('"DICOM Study Deleted"', 'ParticipantObjectID="2.25.3"');
    expect(gone).toMatch(
      /<ActiveParticipant UserID="[^"@]+@[^"]+" UserIsRequestor="true"\/>.*can be recalled|can be recalled.*<ActiveParticipant UserID="[^"@]+@[^"]+" UserIsRequestor="true"\/>/,
    );
    expect(counted([gone])).toBe(3);
    await getStudies(node.peer('RECALLER'), ['2.25.3'], [CT]);
    const asked = 'AETITLES=KUVA" UserIsRequestor="true"';
    for (const event of ['"Begin Transferring DICOM Instances"', '"DICOM Instances Transferred"']) {
      const [recalled] = await trail.told(event, 'AETITLES=ARCHIVE', asked, 'ParticipantObjectID="2.25.3"');
      expect(recalled).toMatch(/AETITLES=ARCHIVE" UserIsRequestor="false"[^>]*><RoleIDCode csd-code="110153"/);
      expect(counted([recalled])).toBe(3);
    }
    expect(trail.having('"DICOM Instances Transferred"', asked, 'EventActionCode="C"', '"2.25.3"')).toHaveLength(1);
  });

  test('a recall by hand is told, too, by the command', async () => {
    const came = () =>
      trail.having('"DICOM Instances Transferred"', 'AETITLES=ARCHIVE', 'ParticipantObjectID="2.25.3"');
    const before = came().length;
    await succeeded(node.kuva('evict', '--study', '2.25.3', '--older-than', '0s', '--yes'));
    await succeeded(node.kuva('recall', '2.25.3'));
    await waitFor('the message', () => came().length > before);
    expect(came()).toHaveLength(before + 1);
  });

  test('earlier studies: the question, that they are asked for, and that they came', async () => {
    const prior = writeStudy(trail.files.file('archive'), {
      study: '2.25.9',
      patientId: PATIENT,
      accession: 'X',
      date: '20251001',
      description: 'ZA2AD head CT elsewhere',
    });
    await storescu(archive.peer('OTHER'), [prior]);
    const files = writeFiles(trail.files.file('request'), { 'a.xml': cda(REQUEST) });
    await succeeded(node.kuva('documents', 'import', ...files));
    await succeeded(node.kuva('priors', 'prefetch', REQUEST.oid));
    const [asked] = await trail.told('"Query"', 'AETITLES=ARCHIVE', 'csd-code="110181"');
    expect(asked).toMatch(/AETITLES=KUVA" UserIsRequestor="true"[^>]*><RoleIDCode csd-code="110153"/);
    await trail.told('"Begin Transferring DICOM Instances"', 'ParticipantObjectID="2.25.9"', PATIENT);
    const [came] = await trail.told('"DICOM Instances Transferred"', 'ParticipantObjectID="2.25.9"');
    expect(came).toMatch(/EventActionCode="C".*AETITLES=ARCHIVE/);
  });
});

describe('what people at this machine do', () => {
  test('an export of a study', async () => {
    const folder = trail.files.file('exported');
    await succeeded(node.kuva('export', '2.25.1', folder));
    const [exported] = await trail.told('"Export"', 'ParticipantObjectID="2.25.1"');
    expect(exported).toContain(`UserID="file://${folder}" UserIsRequestor="false"><RoleIDCode csd-code="110154"`);
    expect(counted([exported])).toBe(3);
  });

  test('care documents that come in files and leave in one', async () => {
    const [file = ''] = writeFiles(trail.files.file('cda'), { 'entry.xml': cda(ENTRY) });
    await succeeded(node.kuva('documents', 'import', file));
    const report = `ParticipantObjectID="${ENTRY.oid}"`;
    const [imported] = await trail.told('"Import"', report, ENTRY.patient.id);
    expect(imported).toContain(`UserID="file://${file}"`);
    const other = { oid: `${ENTRY.oid}.77` };
    const [dropped = ''] = writeFiles(trail.files.file('later'), { 'later.xml': cda(ENTRY, other) });
    copyFileSync(dropped, join(trail.files.file('drop'), 'later.xml'));
    // It is the same version of the same set: not taken, and told.
    const [refused] = await trail.told('"Import"', `ParticipantObjectID="${other.oid}"`);
    expect(refused).toContain('EventOutcomeIndicator="8"');
    await succeeded(node.kuva('documents', 'export', ENTRY.oid, '--to', trail.files.file('out.xml')));
    const [exported] = await trail.told('"Export"', report);
    expect(exported).toContain(`UserID="file://${trail.files.file('out.xml')}"`);
  });

  test('a search at the command line, a change of the AE register, and a look into the log', async () => {
    await succeeded(node.kuva('studies', 'list'));
    const [searched] = await trail.told('"Query"', 'ParticipantObjectID="studies list"');
    expect(searched).toMatch(/UserID="[^"@]+@[^"]+" UserIsRequestor="true"/);
    await succeeded(node.kuva('ae', 'add', 'NEW_CT', '--host', '127.0.0.1'));
    await succeeded(node.kuva('ae', 'remove', 'NEW_CT'));
    for (const what of ['registered', 'removed'])
      await trail.told(
        ALERT,
        '"Security Configuration"',
        'NEW_CT',
        Buffer.from(`AE NEW_CT was ${what} in the AE register`).toString('base64'),
      );
    await succeeded(node.kuva('log', 'list'));
    await trail.told('"Audit Log Used"', 'kuva:KUVA/log/use');
  });
});

test('a TLS client without a certificate is an alert, and so is one that speaks in clear', async () => {
  const file = (name: string): string => trail.files.file(join('tls', name));
  await using guarded = await NodeProcess.start({
    sections: {
      audit: trail.audit,
      dicom: { tls: { cert: file('cert.pem'), key: file('key.pem'), ca: file('ca.pem') } },
    },
  });
  await echoscu(guarded.peer('NOBODY'), ['+tla', '-ic']);
  await trail.told(ALERT, '"Node Authentication"', 'the TLS handshake failed: the peer showed no certificate');
  await echoscu(guarded.peer('NOBODY'));
  const [clear] = await trail.told(ALERT, 'the peer does not speak DICOM: clear');
  expect(clear).toContain('NetworkAccessPointID="127.0.0.1"');
});

test('every event of the conformance statement was seen, and every message was valid', async () => {
  await node.stop();
  await trail.told('"Application Stop"');
  const messages = trail.having();
  expect(await schemaProblems(messages)).toBe('');
  const seen = new Set(messages.map((message) => /<EventID csd-code="(\d+)"/.exec(message)?.[1]));
  expect([...seen].toSorted()).toEqual(AUDITED_EVENTS.map(({ event }) => event.code));
});
