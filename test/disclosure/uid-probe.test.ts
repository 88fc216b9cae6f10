import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { COAST, DISTRICT } from '../../src/disclosure/test-support/scenario.ts';
import type { Instance } from '../cli/kuva.ts';
import { CommitmentScu } from '../support/commitment-scu.ts';
import { findscu, movescu } from '../support/dcmtk.ts';
import { getStudies } from '../support/retrieve-client.ts';
import { StoreScp } from '../support/storescp.ts';
import { waitFor } from '../support/wait-for.ts';
import { NationalNode } from './national-node.ts';

// Whoever may store can try whether a UID is known by sending an object under it. Two archives are asked the same: one that keeps a
// district's studies, which are withheld from the coast, and one that has never heard of them.

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const [THEIRS, ALSO_THEIRS, MINE] = ['2.25.301', '2.25.302', '2.25.303'];
const [ANNA, BEN] = ['010181-900C', '020281-902W'];
const NOWHERE = '2.25.399';

const ofDistrict: readonly Instance[] = [
  ...[1, 2, 3].map((n) => ({ study: THEIRS, sop: `${THEIRS}.1.${n}`, patientId: ANNA, description: 'theirs' })),
  ...[1, 2].map((n) => ({ study: ALSO_THEIRS, sop: `${ALSO_THEIRS}.1.${n}`, patientId: ANNA })),
];
const ofCoast: readonly Instance[] = [
  // A new object in their study, and two patients of whom one is another than theirs.
  { study: THEIRS, sop: `${THEIRS}.1.77`, patientId: BEN, description: 'mine', comment: 'new' },
  // Their SOP Instance UID with other bytes.
  { study: THEIRS, sop: `${THEIRS}.1.1`, patientId: BEN, description: 'mine', comment: 'other' },
  // Their object as it is.
  { study: ALSO_THEIRS, sop: `${ALSO_THEIRS}.1.1`, patientId: ANNA },
  // Their SOP Instance UID in a study of its own, between two objects of its own.
  { study: MINE, sop: `${MINE}.1.1`, patientId: BEN, description: 'first' },
  { study: MINE, sop: `${THEIRS}.1.2`, patientId: BEN, description: 'second' },
  { study: MINE, sop: `${MINE}.1.3`, patientId: BEN, description: 'third' },
];

let inbox: StoreScp;
let keeping: NationalNode;
let fresh: NationalNode;

beforeAll(async () => {
  inbox = await StoreScp.start();
  [keeping, fresh] = await Promise.all([start(), start()]);
  await keeping.store('DISTRICT', ofDistrict);
  for (const archive of [keeping, fresh]) {
    for (const patient of [ANNA, BEN])
      await archive.record({ register: 'relation', patient, controller: COAST, from: '2024-01-01' });
    for (const instance of ofCoast) await archive.store('COAST', [instance]);
  }
});
afterAll(async () => {
  await keeping?.[Symbol.asyncDispose]();
  await fresh?.[Symbol.asyncDispose]();
  await inbox?.[Symbol.asyncDispose]();
});

function start(): Promise<NationalNode> {
  return NationalNode.start([
    { aet: 'DISTRICT', controller: DISTRICT, kind: 'public', port: 1 },
    { aet: 'COAST', controller: COAST, kind: 'public', port: inbox.port },
  ]);
}

const COUNTS = ['NumberOfPatientRelatedStudies', 'NumberOfPatientRelatedSeries', 'NumberOfPatientRelatedInstances'];
const OF_STUDY = [
  'StudyInstanceUID',
  'PatientID',
  'PatientName',
  'StudyDate',
  'StudyDescription',
  'ModalitiesInStudy',
  'SOPClassesInStudy',
  'NumberOfStudyRelatedSeries',
  'NumberOfStudyRelatedInstances',
  ...COUNTS,
];

/** All pending responses, in any order, and the final status as it is printed. */
async function found(archive: NationalNode, aet: string, level: string, keys: readonly string[]): Promise<unknown> {
  const model = level === 'PATIENT' ? 'patient' : 'study';
  const { matches, result } = await findscu(archive.node.peer(aet), model, [`QueryRetrieveLevel=${level}`, ...keys]);
  return { matches: matches.map((match) => JSON.stringify([...match])).toSorted(), code: result.code };
}

const QUESTIONS: readonly (readonly [level: string, ...keys: string[]])[] = [
  ...[THEIRS, ALSO_THEIRS, MINE, NOWHERE].flatMap((study): [string, ...string[]][] => [
    ['STUDY', ...OF_STUDY.slice(1), `StudyInstanceUID=${study}`],
    ['SERIES', `StudyInstanceUID=${study}`, 'SeriesInstanceUID', 'Modality', 'NumberOfSeriesRelatedInstances'],
    ['IMAGE', `StudyInstanceUID=${study}`, `SeriesInstanceUID=${study}.1`, 'SOPInstanceUID', 'SOPClassUID'],
  ]),
  ['IMAGE', `StudyInstanceUID=${MINE}`, `SeriesInstanceUID=${MINE}.1`, `SOPInstanceUID=${THEIRS}.1.2`],
  ['STUDY', ...OF_STUDY, `PatientID=${ANNA}`],
  ['STUDY', ...OF_STUDY, `PatientID=${BEN}`],
  ['STUDY', ...OF_STUDY, 'StudyDate=20260101-20260131'],
  ['STUDY', ...OF_STUDY, 'StudyDescription=mine'],
  ['STUDY', ...OF_STUDY, 'StudyDescription=theirs'],
  ['PATIENT', `PatientID=${ANNA}`, 'PatientName', ...COUNTS],
  ['PATIENT', 'PatientID', 'PatientName', ...COUNTS],
];

describe('an archive that keeps what is withheld answers as one that has never heard of it', () => {
  test.each(QUESTIONS)('C-FIND %s %s %s %s %s', async (level, ...keys) => {
    const answers = [await found(keeping, 'COAST', level, keys), await found(fresh, 'COAST', level, keys)];
    expect(answers[0]).toEqual(answers[1]);
  });

  test('what was sent is found: the answers are not alike for being empty', async () => {
    const { matches } = (await found(keeping, 'COAST', 'STUDY', [`PatientID=${BEN}`])) as { matches: string[] };
    expect(matches).toHaveLength(2);
  });

  test.each([[[THEIRS]], [[ALSO_THEIRS]], [[MINE]], [[NOWHERE]], [[THEIRS, MINE, NOWHERE]]])(
    'C-GET of %s brings the bytes that were sent',
    async (studies) => {
      const got = async (archive: NationalNode) => {
        const wanted = [{ sopClassUid: UID.CTImageStorage, transferSyntaxUid: UID.ExplicitVRLittleEndian }];
        const { received, responses } = await getStudies(archive.node.peer('COAST'), studies, wanted);
        const last = responses.at(-1)!;
        return {
          received: received.map((one) => `${one.sopInstanceUid} ${one.dataSet.toString('base64')}`).toSorted(),
          last: { ...last, status: last.status.code },
        };
      };
      const answers = [await got(keeping), await got(fresh)];
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]!.received.length > 0).toBe(studies[0] !== NOWHERE);
    },
  );

  test('C-MOVE counts the same, at every level', async () => {
    const asked = [
      ['QueryRetrieveLevel=STUDY', `StudyInstanceUID=${THEIRS}`],
      ['QueryRetrieveLevel=SERIES', `StudyInstanceUID=${MINE}`, `SeriesInstanceUID=${MINE}.1`],
      [
        'QueryRetrieveLevel=IMAGE',
        `StudyInstanceUID=${MINE}`,
        `SeriesInstanceUID=${MINE}.1`,
        `SOPInstanceUID=${THEIRS}.1.2`,
      ],
      [
        'QueryRetrieveLevel=IMAGE',
        `StudyInstanceUID=${THEIRS}`,
        `SeriesInstanceUID=${THEIRS}.1`,
        `SOPInstanceUID=${THEIRS}.1.3`,
      ],
    ];
    for (const keys of asked) {
      const [one, other] = [
        await movescu(keeping.node.peer('COAST'), 'study', 'COAST', keys),
        await movescu(fresh.node.peer('COAST'), 'study', 'COAST', keys),
      ];
      expect([one.status, one.counters], keys.join(' ')).toEqual([other.status, other.counters]);
    }
  });

  test('Storage Commitment is given for what was sent, and for nothing else', async () => {
    await using scu = new CommitmentScu();
    const uids = [...new Set([...ofCoast, ...ofDistrict].map(({ sop }) => sop)), `${NOWHERE}.1`];
    const ask = async (archive: NationalNode, transaction: string) => {
      const references = uids.map((sopInstanceUid) => ({ sopClassUid: UID.CTImageStorage, sopInstanceUid }));
      await scu.request(archive.node.peer('COAST'), transaction, references, 'stay');
      const { committed, failed } = await scu.report(transaction);
      return { committed: committed.toSorted(), failed };
    };
    const answers = [await ask(keeping, '2.25.801'), await ask(fresh, '2.25.802')];
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]!.committed).toEqual([...new Set(ofCoast.map(({ sop }) => sop))].toSorted());
  });
});

test('the district sees its studies as before, and the coast’s answers are in the log as its own', async () => {
  await keeping.record({ register: 'relation', patient: ANNA, controller: DISTRICT, from: '2024-01-01' });
  const { matches } = await findscu(keeping.node.peer('DISTRICT'), 'study', [
    'QueryRetrieveLevel=STUDY',
    `StudyInstanceUID=${THEIRS}`,
    'PatientID',
    'StudyDescription',
  ]);
  expect(matches.map((match) => [match.get('0010,0020'), match.get('0008,1030')])).toEqual([[ANNA, 'theirs']]);
  const lines = async (...args: string[]) =>
    (await keeping.node.kuva('log', 'list', '--json', ...args)).stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const shown = await waitFor('the log', async () => {
    const all = (await lines()).filter((entry) => entry['itemId'] === THEIRS && entry['organisation'] === 'COAST');
    return all.length > 0 ? all : undefined;
  });
  expect(shown.some((entry) => entry['person'] === BEN && entry['outcome'] === 'permitted')).toBe(true);
  expect(shown.filter((entry) => entry['person'] === ANNA && entry['outcome'] === 'permitted')).toEqual([]);
});

test('it is so after a start, and after the index has been built anew', async () => {
  const asked = ['STUDY', [...OF_STUDY, `PatientID=${BEN}`]] as const;
  const before = await found(keeping, 'COAST', ...asked);
  await keeping.node.stop();
  expect((await keeping.node.kuva('reindex')).code).toBe(0);
  await keeping.node.start();
  expect(await found(keeping, 'COAST', ...asked)).toEqual(before);
  const same = [`StudyInstanceUID=${ALSO_THEIRS}`, ...OF_STUDY.slice(1)];
  expect(await found(keeping, 'COAST', 'STUDY', same)).toEqual(await found(fresh, 'COAST', 'STUDY', same));
});
