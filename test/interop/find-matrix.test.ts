import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findscu, storescu } from '../support/dcmtk.ts';
import { NodeProcess } from '../support/node-process.ts';
import { Orthanc } from '../support/orthanc.ts';
import { rounds, samples } from '../support/samples.ts';
import { WireRelay } from '../support/wire-bytes.ts';

// The same files in our node and in Orthanc must give the same matches. Orthanc keeps one study under two patients as two
// studies and merges all objects without a Patient ID, so matches are compared as sets of unique keys. Where Orthanc lets an
// absent value match a range, or `*^*` not match a name whose empty components are left out, PS3.4 C.2.2.2 says otherwise.

let node: NodeProcess;
let orthanc: Orthanc;
let keptBy: string[][];

beforeAll(async () => {
  node = await NodeProcess.start({ aes: [{ aet: 'SCU', port: 104 }] });
  orthanc = await Orthanc.start('ORTHANC', { scu: { aet: 'SCU', port: 104 } });
  const plain = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1']);
  const files = rounds(samples().filter((s) => plain.has(s.transferSyntaxUid)))[0]!;
  const kept: string[][] = [];
  for (const { port, calledAET } of [node.peer('SCU'), { port: orthanc.dicomPort, calledAET: 'ORTHANC' }]) {
    await using relay = await WireRelay.start({ port });
    await storescu(
      { port: relay.port, calledAET, callingAET: 'SCU' },
      files.map((file) => file.path),
    );
    kept.push(
      relay
        .storesFromClient()
        .filter((store) => store.status === 0)
        .map((store) => store.sopInstanceUid),
    );
  }
  keptBy = kept;
}, 120_000);
afterAll(async () => {
  await orthanc?.[Symbol.asyncDispose]();
  await node?.[Symbol.asyncDispose]();
});

const UNIQUE = {
  PATIENT: ['0010,0020', 'PatientID'],
  STUDY: ['0020,000d', 'StudyInstanceUID'],
  SERIES: ['0020,000e', 'SeriesInstanceUID'],
  IMAGE: ['0008,0018', 'SOPInstanceUID'],
} as const;
type Level = keyof typeof UNIQUE;

async function both(
  model: 'patient' | 'study',
  level: Level,
  keys: readonly string[],
): Promise<[ours: string[], theirs: string[]]> {
  const [tag, name] = UNIQUE[level];
  const all = [`QueryRetrieveLevel=${level}`, ...(keys.some((key) => key.startsWith(name)) ? [] : [name]), ...keys];
  const ask = async (peer: Parameters<typeof findscu>[0]) =>
    [...new Set((await findscu(peer, model, all)).matches.map((match) => match.get(tag) ?? ''))]
      .filter((value) => value !== '')
      .toSorted();
  return [await ask(node.peer('SCU')), await ask({ port: orthanc.dicomPort, calledAET: 'ORTHANC', callingAET: 'SCU' })];
}

const STUDY_QUERIES: string[][] = [
  [],
  ['PatientName=*'],
  ['PatientName=CompressedSamples*'],
  ['PatientName=compressedsamples^ct1'],
  ['PatientName=*^CT?'],
  ['PatientName=Doe*'],
  ['PatientID=1CT1'],
  ['PatientID=*CT*'],
  ['PatientID=98890234'],
  ['StudyDate=20040119'],
  ['StudyDate=20030101-20041231'],
  ['StudyDate=20100101-'],
  ['StudyTime=100000-235959'],
  ['AccessionNumber=2'],
  ['ModalitiesInStudy=CT'],
  ['ModalitiesInStudy=MR\\CT'],
  ['ModalitiesInStudy=ECG'],
  ['StudyDescription=*brain*'],
  ['StudyID=1CT1'],
  ['PatientSex=M'],
  ['PatientID=98890234', 'StudyDate=20010101-20030101'],
  ['StudyInstanceUID=1.3.6.1.4.1.5962.1.2.1.20040119072730.12322'],
  ['StudyInstanceUID=1.3.6.1.4.1.5962.1.2.1.20040119072730.12322\\1.3.6.1.4.1.5962.1.2.4.20040826185059.5457\\1.2.3'],
  ['PatientName=Nobody'],
];

describe('C-FIND gives what Orthanc gives', () => {
  test('both keep the same instances', () => {
    expect(keptBy[0]!.length).toBeGreaterThan(80);
    expect(keptBy[0]).toEqual(keptBy[1]);
  });

  test.each(STUDY_QUERIES.map((keys) => [keys.join(' ') || 'everything', keys] as const))(
    'studies: %s',
    async (_name, keys) => {
      const [ours, theirs] = await both('study', 'STUDY', keys);
      expect(ours).toEqual(theirs);
    },
  );

  test('some of these queries match something and some do not match everything', async () => {
    const counts = await Promise.all(
      [[], ['PatientName=CompressedSamples*'], ['PatientName=Nobody']].map(
        async (keys) => (await both('study', 'STUDY', keys))[0].length,
      ),
    );
    expect(counts[0]!).toBeGreaterThan(counts[1]!);
    expect(counts[1]!).toBeGreaterThan(0);
    expect(counts[2]).toBe(0);
  });

  test.each([[['PatientID=*']], [['PatientSex=F']], [['PatientID=98890234']]])('patients: %s', async (keys) => {
    const [ours, theirs] = await both('patient', 'PATIENT', keys);
    expect(ours).toEqual(theirs);
  });

  test('series and images of every study', async () => {
    const [studies] = await both('study', 'STUDY', []);
    for (const uid of studies) {
      const [ours, theirs] = await both('study', 'SERIES', [`StudyInstanceUID=${uid}`]);
      expect([uid, ...ours]).toEqual([uid, ...theirs]);
      for (const series of ours) {
        const images = await both('study', 'IMAGE', [`StudyInstanceUID=${uid}`, `SeriesInstanceUID=${series}`]);
        expect([series, ...images[0]]).toEqual([series, ...images[1]]);
        expect(images[0].length).toBeGreaterThan(0);
      }
    }
  });

  test('counts and modalities of a study', async () => {
    const keys = [
      'QueryRetrieveLevel=STUDY',
      'PatientID=98890234',
      'StudyInstanceUID',
      'ModalitiesInStudy',
      'NumberOfStudyRelatedSeries',
      'NumberOfStudyRelatedInstances',
      'PatientName',
      'StudyDate',
      'StudyTime',
    ];
    const table = async (peer: Parameters<typeof findscu>[0]) =>
      (await findscu(peer, 'study', keys)).matches
        .map((match) =>
          ['0020,000d', '0008,0061', '0020,1206', '0020,1208', '0010,0010', '0008,0020', '0008,0030']
            .map((tag) => match.get(tag) ?? '')
            .join('|'),
        )
        .toSorted();
    const ours = await table(node.peer('SCU'));
    expect(ours.length).toBeGreaterThan(1);
    expect(ours).toEqual(await table({ port: orthanc.dicomPort, calledAET: 'ORTHANC', callingAET: 'SCU' }));
  });
});

describe('C-FIND beyond Orthanc', () => {
  test('every response says where and how the match can be retrieved', async () => {
    const { matches } = await findscu(node.peer('SCU'), 'study', ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID']);
    for (const match of matches) {
      expect([match.get('0008,0052'), match.get('0008,0054'), match.get('0008,0056')]).toEqual([
        'STUDY',
        'KUVA',
        'ONLINE',
      ]);
    }
    expect(matches.length).toBeGreaterThan(0);
  });

  test('only what was asked for comes back', async () => {
    const { matches } = await findscu(node.peer('SCU'), 'study', [
      'QueryRetrieveLevel=STUDY',
      'StudyInstanceUID',
      'PatientID=1CT1',
    ]);
    expect(matches.length).toBe(1);
    expect([...matches[0]!.keys()].filter((tag) => tag !== '0008,0005').toSorted()).toEqual([
      '0008,0052',
      '0008,0054',
      '0008,0056',
      '0010,0020',
      '0020,000d',
    ]);
  });

  test.each([
    ['no level', ['PatientID=1']],
    ['an unknown level', ['QueryRetrieveLevel=FRAME', 'StudyInstanceUID']],
    ['a patient level in the study root', ['QueryRetrieveLevel=PATIENT', 'PatientID']],
  ])('%s is refused with A900', async (_name, keys) => {
    const { result } = await findscu(node.peer('SCU'), 'study', keys, ['-d']);
    expect(result.output).toMatch(/0xa900/i);
  });
});
