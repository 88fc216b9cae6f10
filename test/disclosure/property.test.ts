import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { dataSetOf, decodeDataSet, encodeDataSet, getString, text, uid } from '../../src/dicom/data-set.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import { DisclosureControl } from '../../src/disclosure/disclosure-control.ts';
import { mayKnow } from '../../src/disclosure/test-support/brute-force-model.ts';
import { POLICY } from '../../src/disclosure/test-support/scenario.ts';
import type { RequestSession } from '../../src/disclosure/request-session.ts';
import type { DisclosureEntry } from '../../src/disclosure/disclosure-log.ts';
import { IndexService } from '../../src/index/index-service.ts';
import { packUid } from '../../src/index/packed-uid.ts';
import { newInstance } from '../../src/index/test-support/new-instance.ts';
import { disclosureRegisters } from '../../src/services/create-disclosure.ts';
import { collectInstances } from '../../src/retrieve/collect-instances.ts';
import { createFind } from '../../src/services/c-find.ts';
import { tempDir } from '../support/temp-dir.ts';
import { modelOf } from './model-of.ts';
import { ORGANISATIONS, request, world } from './random-world.ts';
import type { Request, World } from './random-world.ts';

vi.setConfig({ testTimeout: 240_000 });

const TS = UID.ExplicitVRLittleEndian;

test('no answer tells of a study that the rules, thought of twice, withhold; and none that they permit is missing', async () => {
  let asked = 0;
  let shown = 0;
  let hidden = 0;
  await fc.assert(
    fc.asyncProperty(world, fc.array(request, { minLength: 30, maxLength: 30 }), async (random, requests) => {
      await using dir = await tempDir('kuva-property-');
      await using index = await openWorld(join(dir.path, 'kuva.sqlite'), random);
      for (const each of requests) {
        const permitted = new Set(
          random.studies.filter((study) => mayKnow(...modelOf(each, study, random))).map(({ uid: id }) => id),
        );
        const matching = random.studies
          .filter((study) => each.patientId === '' || study.patientId === each.patientId)
          .map(({ uid: id }) => id);
        const expected = matching.filter((id) => permitted.has(id)).toSorted();
        const answer = await answerOf(index, each);
        expect(answer, JSON.stringify(each)).toEqual({ ...expectedAnswer(each, expected, random), logged: expected });
        asked += 1;
        shown += expected.length;
        hidden += matching.length - expected.length;
      }
    }),
    { numRuns: 6, endOnFailure: true },
  );
  // The worlds are neither open nor closed.
  expect(Math.min(shown, hidden), `${asked} requests: ${shown} shown, ${hidden} withheld`).toBeGreaterThan(asked / 4);
});

async function openWorld(path: string, { studies, wills }: World): Promise<IndexService> {
  const index = await IndexService.open({ path, readers: 1 });
  // In one commit.
  await Promise.all([
    ...ORGANISATIONS.map((organisation) => index.write('organisationPut', organisation)),
    ...studies.map(({ uid: study, patientId, date, organisation }) => {
      const attributes = { PatientID: patientId, StudyDate: date, PatientBirthDate: '' };
      return index.addInstance(newInstance({ study, sop: `${study}.1.1`, organisation, attributes }));
    }),
    index.write('willPut', wills),
  ]);
  const db = new Sqlite(path);
  const link = db.prepare("INSERT INTO study_link VALUES (?, '', ?, ?, ?, '', 0)");
  for (const { uid: study, linked } of studies) {
    if (linked !== undefined) link.run(packUid(study), linked.serviceEvent, linked.controller, linked.registerCode);
  }
  db.close();
  return index;
}

/** What comes back of these studies: at the level of patients, who and how many; at the others, which. */
function expectedAnswer(each: Request, expected: readonly string[], { studies }: World) {
  if (each.operation !== 'C-FIND' || each.level !== 'PATIENT') return { told: expected };
  const patients = new Map<string, number>();
  for (const id of expected) {
    const { patientId } = studies.find(({ uid: known }) => known === id)!;
    patients.set(patientId, (patients.get(patientId) ?? 0) + 1);
  }
  return { told: [...patients].map(([patient, count]) => `${patient} ${count}`).toSorted() };
}

async function answerOf(index: IndexService, each: Request): Promise<{ told: string[]; logged: string[] }> {
  const entries: DisclosureEntry[] = [];
  const control = new DisclosureControl({
    decides: true,
    registers: disclosureRegisters(index, null),
    policy: POLICY,
    channel: each.channel,
    log: { record: async (more) => void entries.push(...more) },
    now: () => each.at,
    requestId: () => '1',
    warn: () => undefined,
  });
  const peer = {
    aet: 'SCU',
    calledAET: 'KUVA',
    address: '127.0.0.1',
    tlsSubject: '',
    associationId: '1',
    organisation: each.organisation,
    user: null,
    claim: `user=${each.person};purpose=${each.purpose};reason=${each.specialReason}`,
    trusted: true,
  };
  const begin = async () =>
    control.begin({
      operation: each.operation,
      peer,
      claim: '',
      destination: '',
      criteria: '',
    });
  const told = each.operation === 'C-FIND' ? await found(index, begin, each) : await collected(index, begin, each);
  const logged = entries.flatMap((entry) =>
    entry.event === 'STUDY' && entry.decision.outcome === 'permit' ? [entry.itemId] : [],
  );
  expect(entries.at(-1)?.event).toBe('REQUEST');
  return { told: [...new Set(told)].toSorted(), logged: logged.toSorted() };
}

type Begin = () => Promise<RequestSession>;

async function found(index: IndexService, begin: Begin, each: Request): Promise<string[]> {
  const find = createFind({
    index,
    gate: { claimTag: undefined, begin },
    limit: 0,
    retrieveAet: 'KUVA',
    answered: () => undefined,
    now: () => 0,
  });
  const counted = each.level === 'PATIENT';
  const identifier = encodeDataSet(
    dataSetOf(
      text(TAG.QueryRetrieveLevel, 'CS', each.level, ''),
      text(TAG.PatientID, 'LO', each.patientId, ''),
      ...(counted ? [text(TAG.NumberOfPatientRelatedStudies, 'IS', '', '')] : [uid(TAG.StudyInstanceUID, '')]),
    ),
    TS,
  );
  const pc = {
    id: 1,
    abstractSyntax: UID.PatientRootFind,
    transferSyntax: TS,
    role: { scu: false, scp: true },
    extended: Buffer.from([1]),
  };
  const { signal } = new AbortController();
  const assoc = { principal: undefined, id: 1, signal } as unknown as Parameters<typeof find>[0];
  const command = { command: 'C-FIND-RQ', MessageID: 1, Priority: 0, AffectedSOPClassUID: pc.abstractSyntax } as const;
  const told: string[] = [];
  const responses = find(assoc, pc, command, identifier, signal)[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await responses.next();
    if (done === true) {
      expect(value!.status.code).toBe(0);
      return told;
    }
    const ds = decodeDataSet(value.identifier!, TS);
    const of = (tag: number) => getString(ds, tag, '') ?? '';
    told.push(counted ? `${of(TAG.PatientID)} ${of(TAG.NumberOfPatientRelatedStudies)}` : of(TAG.StudyInstanceUID));
  }
}

async function collected(index: IndexService, begin: Begin, each: Request): Promise<string[]> {
  const gate = await begin();
  const selection =
    each.patientId === ''
      ? { level: 'IMAGE' as const, sopUids: Array.from({ length: 20 }, (_, at) => `2.25.${at + 1}.1.1`) }
      : { level: 'PATIENT' as const, patientId: each.patientId };
  const instances = await collectInstances(index, gate, selection, new AbortController().signal);
  const uids = instances.map(({ studyInstanceUid }) => studyInstanceUid);
  await gate.reveal(uids, { items: uids.length });
  return uids;
}
