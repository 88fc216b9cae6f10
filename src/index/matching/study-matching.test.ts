import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataSetOf, sequence, text } from '../../dicom/data-set.ts';
import type { DataSet, Element } from '../../dicom/data-set.ts';
import { vrOf } from '../../dicom/dictionary.ts';
import type { HeaderItem } from '../../dicom/header-reader.ts';
import { offsetText } from '../date-time.ts';
import { IndexService } from '../index-service.ts';
import { matchesStudy } from '../test-support/brute-force-matcher.ts';
import type { PlainKeys, PlainStudy } from '../test-support/brute-force-matcher.ts';
import { newInstance } from '../test-support/new-instance.ts';
import { parseFindIdentifier } from './identifier-parser.ts';
import { requiredTag } from './key-table.ts';

const UTF8 = 'ISO_IR 192';
const WORDS = [
  'Virtanen',
  'virtänen',
  'Ångström',
  'ANGSTROM',
  'Žižkov',
  'Čađđa',
  'Ŋuolas',
  'Guŧur',
  'Øster',
  'Ærø',
  'Weiß',
  'A',
  '',
];
const GIVEN = ['Åke', 'ake', 'Anna Maria', 'É', ''];
const DATES = ['', '19991231', '20260101', '20260102', '20260131', '20260201', '20261122'];
const TIMES = [
  '',
  '00',
  '0000',
  '000000',
  '10',
  '1011',
  '101112',
  '101112.5',
  '101112.500001',
  '235959',
  '235959.999999',
];
const CODES = ['AA1AE', 'AA1AD', 'JN3BE'];
const TEXTS = ['', 'THX', 'thx', 'THX PA', 'Käsi 100%', 'a_b', 'a\u{1F600}b', 'aXb', '*literal'];
const MODALITIES = ['CT', 'MR', 'ECG', 'SR'];

const name = fc
  .tuple(
    fc.constantFrom(...WORDS),
    fc.constantFrom(...GIVEN),
    fc.constantFrom('', '=山田^太郎', '==やまだ^たろう', '=山田^太郎=ガギ'),
  )
  .map(([family, given, groups]) => `${given === '' ? family : `${family}^${given}`}${groups}`);
const study = fc.record({
  PatientName: name,
  PatientBirthDate: fc.constantFrom(...DATES),
  StudyDate: fc.constantFrom(...DATES),
  StudyTime: fc.constantFrom(...TIMES),
  AccessionNumber: fc.constantFrom('', 'A1', 'A10', 'a1', 'B%2'),
  StudyDescription: fc.constantFrom(...TEXTS),
  ReferringPhysicianName: name,
  ModalitiesInStudy: fc.subarray(MODALITIES, { minLength: 1 }),
  ProcedureCodes: fc.array(
    fc.record({ CodeValue: fc.constantFrom(...CODES), CodingSchemeDesignator: fc.constantFrom('L1', 'L2') }),
    { maxLength: 3 },
  ),
  timezoneMinutes: fc.constantFrom(undefined, 0, 120, -330),
  PatientID: fc.constantFrom('010190-123A', '010190Y123A', 'x'),
  IssuerOfPatientID: fc.constantFrom('', '1.2.246.21'),
});

const wild = (values: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...values), fc.nat(6), fc.constantFrom('*', '?', '*?', '^*', '**'))
    .chain(([value, at, sign]) => {
      const points = Array.from(value);
      return fc.constantFrom(
        [...points.slice(0, at), sign].join(''),
        [...points.slice(0, at), sign, ...points.slice(at + 1)].join(''),
        `${sign}${points.slice(at).join('')}`,
      );
    });
const value = (values: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...values), wild(values), fc.constantFrom('', '*'));
const range = (values: readonly string[]): fc.Arbitrary<string> => {
  const given = values.filter((each) => each !== '');
  const end = fc.constantFrom(...given);
  return fc.oneof(
    end,
    fc.tuple(end, end).map((ends) => ends.join('-')),
    end.map((from) => `${from}-`),
    end.map((to) => `-${to}`),
    fc.constant(''),
  );
};
const names = WORDS.flatMap((family) => GIVEN.map((given) => (given === '' ? family : `${family}^${given}`))).filter(
  (each) => each !== '',
);
const nameKey = fc.oneof(
  value(names),
  fc.constantFrom(
    '山田*',
    '*=山田^太郎',
    'virtanen*=山*',
    '==やまだ*',
    '=山田^太郎=',
    'か*',
    'ガ*',
    'virtanen',
    'Virtanen^*^*',
  ),
);
const keys: fc.Arbitrary<PlainKeys> = fc
  .record(
    {
      PatientName: nameKey,
      ReferringPhysicianName: nameKey,
      PatientID: value(['010190-123A', '010190Y123A', 'x']),
      IssuerOfPatientID: value(['1.2.246.21']),
      PatientBirthDate: range(DATES),
      StudyDate: range(DATES),
      StudyTime: range(TIMES),
      AccessionNumber: value(['A1', 'A10', 'a1', 'B%2', 'B%']),
      StudyDescription: value(TEXTS.filter((each) => each !== '' && each !== '*literal')),
      ModalitiesInStudy: fc.oneof(value(MODALITIES), fc.constant('CT\\ECG')),
      ProcedureCodeSequence: fc.record({ CodeValue: value(CODES), CodingSchemeDesignator: value(['L1', 'L2']) }),
    },
    { requiredKeys: [] },
  )
  // Three keys at most, or nothing would ever match.
  .chain((record) => fc.subarray(Object.entries(record), { minLength: 1, maxLength: 3 }))
  .map((entries) => Object.fromEntries(entries) as PlainKeys);

let directory: string;
let index: IndexService;
let studies: PlainStudy[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kuva-matching-'));
  index = await IndexService.open({ path: join(directory, 'kuva.sqlite'), readers: 1 });
  studies = fc
    .sample(study, { numRuns: 300, seed: 20261122 })
    .map((each, at) => ({ ...each, uid: `1.2.${at + 1}`, PatientID: `${each.PatientID}${at}` }));
  await Promise.all(
    studies.flatMap((each) => each.ModalitiesInStudy.map((modality) => index.addInstance(instanceOf(each, modality)))),
  );
});

afterAll(async () => {
  await index.close();
  rmSync(directory, { recursive: true });
});

function instanceOf(plain: PlainStudy, modality: string): ReturnType<typeof newInstance> {
  const { uid, ModalitiesInStudy, ProcedureCodes, timezoneMinutes, ...attributes } = plain;
  const at = ModalitiesInStudy.indexOf(modality);
  const item: HeaderItem = {
    ...attributes,
    Modality: modality,
    ProcedureCodeSequence: ProcedureCodes.map((code) => ({ ...code })),
  };
  if (timezoneMinutes !== undefined) item['TimezoneOffsetFromUTC'] = offsetText(timezoneMinutes);
  return newInstance({ study: uid, series: `${uid}.${at}`, sop: `${uid}.${at}.1`, attributes: item });
}

function identifier(wanted: PlainKeys, zone: number | undefined): DataSet {
  return dataSetOf(
    element('QueryRetrieveLevel', 'STUDY'),
    element('StudyInstanceUID', ''),
    ...(zone === undefined ? [] : [element('TimezoneOffsetFromUTC', offsetText(zone))]),
    ...Object.entries(wanted).map(([keyword, each]) =>
      typeof each === 'string'
        ? element(keyword, each)
        : sequence(requiredTag(keyword), [
            dataSetOf(...Object.entries(each).map(([item, code]) => element(item, code))),
          ]),
    ),
  );
}

function element(keyword: string, content: string): Element {
  const tag = requiredTag(keyword);
  return text(tag, (vrOf(tag) ?? 'LO') as 'LO', content, UTF8);
}

function textIn(value: string | readonly unknown[] | undefined): string {
  return typeof value === 'string' ? value : '';
}

async function found(wanted: PlainKeys, options: { combined: boolean; zone: number | undefined }): Promise<string[]> {
  const query = parseFindIdentifier(identifier(wanted, options.zone), UTF8, {
    root: 'STUDY',
    relational: false,
    combinedDateTime: options.combined,
    fuzzy: false,
    timezone: options.zone !== undefined,
  });
  expect(query.unsupportedKeys).toEqual([]);
  const uids: string[] = [];
  for await (const rows of index.find(query))
    for (const row of rows) uids.push(textIn(row[requiredTag('StudyInstanceUID')]));
  return uids.toSorted();
}

test('SQL finds what a walk over all studies finds', async () => {
  let hits = 0;
  const options = fc.record({ combined: fc.boolean(), zone: fc.constantFrom(undefined, undefined, 0, 180) });
  await fc.assert(
    fc.asyncProperty(keys, options, async (wanted, how) => {
      // Between timezones times are compared to the millisecond.
      fc.pre(how.zone === undefined || !/\.\d{4}/.test(JSON.stringify(wanted)));
      const expected = studies
        .filter((each) => matchesStudy(each, wanted, how))
        .map((each) => each.uid)
        .toSorted();
      hits += expected.length > 0 && expected.length < studies.length ? 1 : 0;
      expect(await found(wanted, how)).toEqual(expected);
    }),
    { numRuns: 800 },
  );
  // Keys that never or always match would prove nothing.
  expect(hits).toBeGreaterThan(150);
});
