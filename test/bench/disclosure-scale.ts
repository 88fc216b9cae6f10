// What disclosure control costs a patient search over an association at size: every patient has a consent and a care relationship, 30,000 have denials.
// node test/bench/disclosure-scale.ts [--studies 1000000] [--path /tmp/kuva-disclosure-scale/kuva.sqlite] [--queries 3000]
import { parseArgs } from 'node:util';
import { DEFAULT_PROFILE, shippedFile } from '../../src/config/shipped-files.ts';
import { dataSetOf, encodeDataSet, text } from '../../src/dicom/data-set.ts';
import { UID } from '../../src/dicom/uids.ts';
import { Acceptor } from '../../src/dimse/acceptor.ts';
import type { Association } from '../../src/dimse/association.ts';
import type { AssociationEvents } from '../../src/dimse/association-events.ts';
import { DEFAULT_ASSOCIATION_LIMITS, DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { DisclosureControl } from '../../src/disclosure/disclosure-control.ts';
import { openWriter } from '../../src/index/database.ts';
import { IndexService } from '../../src/index/index-service.ts';
import { requiredTag } from '../../src/index/matching/key-table.ts';
import { disclosureRegisters } from '../../src/services/create-disclosure.ts';
import { loadProfile } from '../../src/profile/load-profile.ts';
import { PERMIT_ALL } from '../../src/retrieve/disclosure-gate.ts';
import type { DisclosureGate } from '../../src/retrieve/disclosure-gate.ts';
import { createFind } from '../../src/services/c-find.ts';
import { associate } from '../support/own-sender.ts';
import { fillScaleIndex } from './scale-index.ts';
import { scaleStudy } from './scale-study.ts';

const { values } = parseArgs({
  options: {
    studies: { type: 'string', default: '1000000' },
    path: { type: 'string', default: '/tmp/kuva-disclosure-scale/kuva.sqlite' },
    queries: { type: 'string', default: '3000' },
  },
});
const studies = Number(values.studies);
const queries = Number(values.queries);
const DENIERS = 30_000;
const closing: (() => Promise<void>)[] = [];
const TS = UID.ExplicitVRLittleEndian;
const RETURNED = [
  'PatientName',
  'IssuerOfPatientID',
  'PatientBirthDate',
  'StudyInstanceUID',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'StudyDescription',
  'ModalitiesInStudy',
  'ReferringPhysicianName',
  'NumberOfStudyRelatedSeries',
  'NumberOfStudyRelatedInstances',
];

fillScaleIndex(values.path, studies);
const deniers = fillRegisters(values.path);
await measure(values.path);

/** Straight into the tables: the registers' own operations are measured by nobody here. Gives ids of patients with denials. */
function fillRegisters(path: string): string[] {
  const db = openWriter(path);
  const recorded = 'valid_from, valid_until, version, source_id, recorded_at, recorded_by, ended_at, ended_by';
  const values = `1704070000000, NULL, 1, '', 0, 'bench', NULL, ''`;
  if (db.prepare('SELECT 1 FROM consent LIMIT 1').get() === undefined) {
    const organisations = db.prepare('SELECT DISTINCT organisation FROM bucket').pluck().all() as string[];
    organisations.forEach((key, at) => {
      const oid = `1.2.246.10.9990010${at}`;
      db.prepare("INSERT INTO organisation VALUES (?, ?, ?, 'public', ?, '2', '', '', '', '', '{}')").run(
        key,
        key,
        oid,
        `${oid}.19.0`,
      );
    });
    const patients = 'SELECT DISTINCT patient_id FROM patient';
    db.exec(`
      INSERT INTO consent (patient_id, ${recorded}, kind, given_by, via)
        SELECT patient_id, ${values}, 'luovutuslupa', 'patient', 'citizen' FROM (${patients});
      INSERT INTO informing (patient_id, ${recorded}, informing_version) SELECT patient_id, ${values}, '2.0' FROM (${patients});
      INSERT INTO relation (patient_id, ${recorded}, controller)
        SELECT patient_id, ${values}, (SELECT min(controller_oid) FROM organisation) FROM (${patients});
      INSERT INTO denial (patient_id, ${recorded}, scope, service_event, controller, register_code, group_name, emergency_allowed, given_by, via)
        SELECT patient_id, ${values}, 'provider', '', (SELECT max(controller_oid) FROM organisation), '2', '', 0, 'patient', 'citizen'
        FROM patient WHERE id % (SELECT max(1, max(id) / ${DENIERS}) FROM patient) = 0 LIMIT ${DENIERS};
      ANALYZE;`);
    db.pragma('wal_checkpoint(TRUNCATE)');
  }
  const ids = db.prepare('SELECT patient_id FROM denial').pluck().all() as string[];
  console.log(
    `${(db.prepare('SELECT count(*) FROM study').pluck().get() as number) ?? 0} studies, ${ids.length} patients with denials`,
  );
  db.close();
  return ids;
}

async function measure(path: string): Promise<void> {
  const index = await IndexService.open({ path, readers: 2 });
  const asker = String((await index.read('organisationList'))[0]?.key);
  const control = new DisclosureControl({
    decides: true,
    registers: disclosureRegisters(index, null),
    policy: loadProfile(shippedFile(DEFAULT_PROFILE)).disclosure,
    channel: 'KANTA',
    log: { record: async () => undefined },
    now: Date.now,
    requestId: () => '',
    warn: () => undefined,
  });
  const peer = { aet: 'BENCH', calledAET: 'KUVA', address: '127.0.0.1', tlsSubject: '', associationId: '1' };
  const who = { ...peer, organisation: asker, user: null, claim: '', trusted: true };
  const gated: DisclosureGate = {
    claimTag: undefined,
    begin: async ({ operation, criteria }) =>
      control.begin({ operation, peer: who, claim: '', destination: '', criteria }),
  };
  const anyone = () => scaleStudy(studies, Math.floor(Math.random() * studies)).patientId;
  const denier = () => deniers[Math.floor(Math.random() * deniers.length)] ?? '';
  const associations = [await serve(index, PERMIT_ALL), await serve(index, gated)];
  await run(associations, anyone, 300);
  const [open, permitted] = await run(associations, anyone, queries);
  const [openDenier, partly] = await run(associations, denier, queries);
  report('patients without denials, open', open);
  report('patients without denials, gated', permitted, open);
  report('patients with denials, open', openDenier);
  report('patients with denials, gated', partly, openDenier);
  for (const assoc of associations) await assoc.release();
  for (const close of closing) await close();
  await index.close();
}

interface Measured {
  readonly ms: number[];
  matches: number;
}

/** Each patient is asked for through every gate, one after the other, so that all meet the same moments of the machine. */
async function run(associations: readonly Association[], pick: () => string, count: number): Promise<Measured[]> {
  const measured: Measured[] = associations.map(() => ({ ms: [], matches: 0 }));
  for (let n = 0; n < count; n += 1) {
    const patientId = pick();
    for (const at of n % 2 === 0 ? [0, 1] : [1, 0]) {
      const started = performance.now();
      const matches = await ask(associations[at]!, patientId);
      measured[at]!.ms.push(performance.now() - started);
      measured[at]!.matches += matches;
    }
  }
  return measured;
}

/** A C-FIND provider on loopback behind this gate, and an association to it. */
async function serve(index: IndexService, gate: DisclosureGate): Promise<Association> {
  const find = createFind({ index, gate, limit: 10_000, retrieveAet: 'KUVA', answered: () => undefined, now: () => 0 });
  const acceptor = new Acceptor({
    host: '127.0.0.1',
    port: 0,
    maxPduLength: 131_072,
    limits: DEFAULT_ASSOCIATION_LIMITS,
    timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
    policy: {
      decide: async (request) => ({
        accept: true,
        contexts: request.contexts.map(({ id }) => ({ id, result: 0, transferSyntax: TS })),
        roles: [],
        extended: [],
        principal: undefined,
      }),
    },
    handlers: { find },
    events: new Proxy({}, { get: () => () => undefined }) as AssociationEvents,
  });
  const { port } = await acceptor.listen();
  closing.push(() => acceptor.close(0));
  return associate({ port, callingAET: 'BENCH', calledAET: 'KUVA' }, [
    { abstractSyntax: UID.StudyRootFind, transferSyntaxes: [TS] },
  ]);
}

async function ask(assoc: Association, patientId: string): Promise<number> {
  const identifier = encodeDataSet(
    dataSetOf(
      text(requiredTag('QueryRetrieveLevel'), 'CS', 'STUDY', ''),
      text(requiredTag('PatientID'), 'LO', patientId, ''),
      ...RETURNED.map((keyword) => text(requiredTag(keyword), 'LO', '', '')),
    ),
    TS,
  );
  let matches = -1;
  const { signal } = new AbortController();
  for await (const _ of assoc.find({ pc: assoc.contextFor(UID.StudyRootFind)!, priority: 0, identifier, signal }))
    matches += 1;
  return matches;
}

function report(what: string, measured: Measured | undefined, open?: Measured): void {
  const at = ({ ms }: Measured, part: number): number =>
    ms.toSorted((a, b) => a - b)[Math.floor(ms.length * part)] ?? 0;
  if (measured === undefined) return;
  const factor = open === undefined ? '' : `, ${(at(measured, 0.5) / at(open, 0.5)).toFixed(2)} times`;
  console.log(
    `${what}: p50 ${at(measured, 0.5).toFixed(3)} ms, p95 ${at(measured, 0.95).toFixed(3)} ms, ${measured.matches} matches${factor}`,
  );
}
