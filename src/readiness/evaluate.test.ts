import { describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import type { StudyFacts } from '../index/readiness/study-facts-types.ts';
import type { ProductionState } from '../index/registers/register-types.ts';
import { FINDING_CODES } from '../profile/finding-codes.ts';
import { loadProfile } from '../profile/load-profile.ts';
import type { Profile } from '../profile/profile.ts';
import { evaluate, isHeld } from './evaluate.ts';
import type { Finding } from './finding.ts';
import { readinessContext } from './readiness-context.ts';
import type { RegisterFacts } from './readiness-context.ts';
import {
  CERTIFICATION,
  CT,
  ECG,
  GOOD,
  ORGANISATION,
  RADIOLOGY,
  REGISTERS,
  code,
  enablement,
  series,
} from './test-support/good-study.ts';
import type { Facts } from './test-support/good-study.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const ECG_12_LEAD = '1.2.840.10008.5.1.4.1.1.9.1.1';
const PDF = '1.2.840.10008.5.1.4.1.1.104.1';
const VL_PHOTO = '1.2.840.10008.5.1.4.1.1.77.1.4';
const TODAY = '20260301';

interface Wishes {
  readonly facts?: Partial<Facts>;
  readonly patient?: Partial<StudyFacts['patient']>;
  readonly registers?: Partial<RegisterFacts>;
  readonly profile?: Partial<Profile>;
  readonly day?: string;
}

function findings({ facts, patient, registers, profile, day = TODAY }: Wishes): Finding[] {
  const study: StudyFacts = { ...GOOD, ...facts, patient: { ...GOOD.patient, ...patient } };
  return evaluate(study, readinessContext(study, { ...REGISTERS, ...registers }, { ...PROFILE, ...profile }, day));
}

const codes = (wishes: Wishes): string[] => findings(wishes).map((finding) => finding.code);

const ECG_FACTS: Partial<Facts> = {
  studyDescription: 'ZZ9EA Lepo-EKG',
  procedureCodes: [{ value: 'ZZ9EA', scheme: ECG, version: '', meaning: '' }],
  series: [series('ECG', ECG_12_LEAD)],
};
const TEST_PATIENT = { id: '010594Y9032', birthDate: '19940501', sex: 'M' };
const inState = (state: ProductionState) => ({ enablements: [enablement('radiology', state)] });

test('a study as it should be has no finding; neither has an ECG, nor an exercise ECG that is a report', () => {
  expect(findings({})).toEqual([]);
  expect(findings({ facts: ECG_FACTS })).toEqual([]);
  expect(findings({ facts: { ...ECG_FACTS, series: [series('DOC', PDF)] } })).toEqual([]);
});

const CASES: readonly (readonly [title: string, wishes: Wishes, expected: readonly string[]])[] = [
  ['check character', { patient: { id: '131052-308S' } }, ['PID_INVALID']],
  ['no such day', { patient: { id: '310252-308T' } }, ['PID_INVALID']],
  ['no Patient ID', { patient: { id: '' } }, ['PID_INVALID']],
  ['padding and lower case', { patient: { id: '131052-308t ' } }, []],
  ['temporary id', { patient: { id: '131052-9ABC', issuer: '1.2.246.10.90000011.22.2026' } }, ['PID_TEMPORARY']],
  ['temporary id in no form', { patient: { id: 'TMP', issuer: '1.2.246.10.90000011.22.2026' } }, ['PID_INVALID']],
  ['900 series in production', { patient: TEST_PATIENT }, ['PID_TEST_SERIES']],
  ['900 series in test', { patient: TEST_PATIENT, registers: inState('TEST') }, []],
  ['a person in commissioning', { registers: inState('COMMISSIONING') }, ['PID_NOT_TEST_SERIES']],
  ['no issuer', { patient: { issuer: '' } }, ['ISSUER_MISSING']],
  ['foreign issuer', { patient: { issuer: 'HOSPITAL' } }, ['ISSUER_MISSING']],
  ['issuer by another name', { patient: { issuer: 'HETU' } }, []],
  ['birth date', { patient: { birthDate: '19521014' } }, ['BIRTH_DATE_MISMATCH']],
  ['sex', { patient: { sex: 'M' } }, ['SEX_MISMATCH']],
  ['study UID', { facts: { studyInstanceUid: '1.2.03' } }, ['UID_SYNTAX']],
  ['SOP UID', { facts: { oddUids: { count: 2, uids: ['1.2.3.01', '1.2.3.02'] } } }, ['UID_SYNTAX']],
  ['unknown to the database', { facts: { isRebuilt: true } }, ['REBUILT_INDEX']],
  ['sent under another patient', { facts: { isSentAsOther: true } }, ['IDENTITY_CORRECTED']],
  ['unknown code', { registers: { codes: [] } }, ['CODE_UNKNOWN']],
  [
    'no code',
    { facts: { studyDescription: 'Pään kuvaus', procedureCodes: [] } },
    ['CODE_UNKNOWN', 'ATTRIBUTE_MISSING'],
  ],
  ['ended before', { registers: { codes: [code('ZA1AD', RADIOLOGY, '20100101', '20260114')] } }, ['CODE_EXPIRED']],
  ['ends that day', { registers: { codes: [code('ZA1AD', RADIOLOGY, '20100101', '20260115')] } }, []],
  ['not yet valid', { registers: { codes: [code('ZA1AD', RADIOLOGY, '20260116')] } }, ['CODE_EXPIRED']],
  ['a list that the profile does not name', { registers: { codes: [code('ZA1AD', '1.2.3')] } }, ['CODE_UNKNOWN']],
  [
    'other code in the sequence',
    { facts: { procedureCodes: [{ value: 'ZA1AG', scheme: RADIOLOGY, version: '', meaning: '' }] } },
    ['CODE_MISMATCH'],
  ],
  [
    'local code in the sequence',
    { facts: { procedureCodes: [{ value: 'X', scheme: '99LOCAL', version: '', meaning: '' }] } },
    [],
  ],
  [
    'ECG with a code of radiology',
    { facts: { ...ECG_FACTS, studyDescription: 'ZA1AD', procedureCodes: [] } },
    ['CODE_MISMATCH', 'MODALITY_MISMATCH', 'ATTRIBUTE_MISSING'],
  ],
  ['MR under a code of CT', { facts: { series: [series('MR', '1.2.840.10008.5.1.4.1.1.4')] } }, ['MODALITY_MISMATCH']],
  [
    'no name, sex, date',
    { patient: { name: '', sex: '' }, facts: { accessionNumber: '' } },
    ['ATTRIBUTE_MISSING', 'ATTRIBUTE_MISSING', 'ATTRIBUTE_MISSING'],
  ],
  ['mixed modality', { facts: { marks: ['MODALITY_MISMATCH'] } }, ['MIXED_MODALITY']],
  ['patients', { facts: { marks: ['PATIENT_MISMATCH'] } }, ['PATIENT_MISMATCH']],
  [
    'no documents',
    { facts: { documents: { request: 0, entry: 0, statement: 1 } } },
    ['REQUEST_MISSING', 'ENTRY_MISSING'],
  ],
  ['no entry', { facts: { documents: { request: 1, entry: 0, statement: 1 } } }, ['ENTRY_MISSING']],
  [
    'ECG without request',
    { facts: { ...ECG_FACTS, documents: { request: 0, entry: 1, statement: 0 } } },
    ['REQUEST_MISSING'],
  ],
  ['other mark', { facts: { marks: ['SERIES_IN_SEVERAL_STUDIES'] } }, ['MARKED']],
  ['conflict', { facts: { conflicts: { count: 1, sopInstanceUids: ['1.2.3.1.1'] } } }, ['CONFLICTING_BYTES']],
  ['SOP class', { facts: { series: [series('CT', '1.2.3.4')] } }, ['SOP_CLASS_UNSUPPORTED']],
  ['big endian', { facts: { series: [series('CT', CT, '1.2.840.10008.1.2.2')] } }, ['TRANSFER_SYNTAX_UNSUPPORTED']],
  [
    'visible light',
    { facts: { series: [series('XC', VL_PHOTO)] } },
    ['CODE_MISMATCH', 'MODALITY_MISMATCH', 'CONTENT_NOT_ENABLED', 'ORG_NOT_PRODUCTION'],
  ],
  ['unknown content', { facts: { series: [series('ZZ', CT)] } }, ['MODALITY_MISMATCH', 'CONTENT_NOT_ENABLED']],
  [
    'no organisation',
    { facts: { organisation: null }, registers: { organisation: undefined, enablements: [] } },
    ['ORG_UNKNOWN'],
  ],
  ['not in the register', { registers: { organisation: undefined, enablements: [] } }, ['ORG_UNKNOWN']],
  ['no AE title', { registers: { organisation: { ...ORGANISATION, egressAet: '' } } }, ['ORG_UNKNOWN']],
  ['planned', { registers: inState('PLANNED') }, ['ORG_NOT_PRODUCTION']],
  ['suspended', { registers: inState('SUSPENDED') }, ['ORG_NOT_PRODUCTION']],
  [
    'production from tomorrow',
    { registers: { enablements: [enablement('radiology', 'PRODUCTION', '20260302')] } },
    ['ORG_NOT_PRODUCTION'],
  ],
  ['no certification', { registers: { certifications: [] } }, ['NOT_CERTIFIED']],
  ['of another system', { registers: { organisation: { ...ORGANISATION, systemEntity: 'Other' } } }, ['NOT_CERTIFIED']],
  [
    'ECG without certification',
    { facts: ECG_FACTS, registers: { certifications: [{ ...CERTIFICATION, contentTypes: ['radiology'] }] } },
    ['NOT_CERTIFIED'],
  ],
  ['radiology beside it', { registers: { certifications: [{ ...CERTIFICATION, contentTypes: ['radiology'] }] } }, []],
  ['ends today', { day: '20280131' }, []],
  ['ended yesterday', { day: '20280201' }, ['CERT_EXPIRED']],
  ['begins tomorrow', { day: '20250131' }, ['CERT_EXPIRED']],
  [
    'ECG alone, tested too early',
    {
      facts: ECG_FACTS,
      registers: { certifications: [{ ...CERTIFICATION, contentTypes: ['ecg'], jointTestDay: '20210831' }] },
    },
    ['NOT_CERTIFIED'],
  ],
];

test.each(CASES)('%s', (_title, wishes, expected) => {
  expect(codes(wishes)).toEqual(expected);
});

test('every machine code is found by some rule', () => {
  const found = new Set(CASES.flatMap(([, wishes]) => codes(wishes)));
  expect(FINDING_CODES.filter((code) => !found.has(code))).toEqual([]);
});

describe('findings', () => {
  test('are all shown at once, errors before warnings', () => {
    const found = findings({
      patient: { id: '131052-308S', issuer: '' },
      facts: { timezoneOffset: null },
      registers: { certifications: [], codes: [] },
    });
    expect(found.map(({ code, severity }) => `${code} ${severity}`)).toEqual([
      'PID_INVALID error',
      'ISSUER_MISSING error',
      'CODE_UNKNOWN error',
      'NOT_CERTIFIED error',
      'ATTRIBUTE_MISSING warning',
    ]);
    expect([isHeld(found), isHeld(found.slice(4)), isHeld([])]).toEqual([true, false, false]);
  });

  test('are as grave as the profile says', () => {
    const severities = { CODE_UNKNOWN: 'warning', NOT_CERTIFIED: 'off' } as const;
    const profile = { readiness: { ...PROFILE.readiness, severities } };
    expect(findings({ registers: { codes: [], certifications: [] }, profile })).toMatchObject([
      { code: 'CODE_UNKNOWN', severity: 'warning' },
    ]);
  });

  test('say what to do and what would change them, and nothing of the patient', () => {
    for (const [title, wishes] of CASES) {
      for (const finding of findings(wishes)) {
        expect(finding, title).toMatchObject({
          cause: /\S/,
          remedy: /\S/,
          subject: /^(study|code|cert|org|controller|profile)/,
        });
        const patient = { ...GOOD.patient, ...wishes.patient };
        for (const secret of [patient.id, patient.birthDate, 'Åke'].filter((text) => text !== ''))
          expect(JSON.stringify(finding), title).not.toContain(secret);
      }
    }
    expect(findings({ registers: { codes: [] } })[0]?.subject).toBe('code:ZA1AD');
    expect(findings({ facts: { studyDescription: 'Åke 131052-308T' } })[0]?.cause).not.toContain('Åke');
    expect(findings({ registers: { certifications: [] } })[0]?.subject).toBe('cert:radiology');
  });

  test('a study belongs to the controller that the document register names', () => {
    const link = {
      accessionNumber: '',
      serviceEventOid: '',
      controllerOid: '1.2.246.10.90000020.19.0',
      registerCode: '',
      registerSpecifier: '',
    };
    const [found] = findings({ facts: { link }, registers: { enablements: [] } });
    expect(found).toMatchObject({ code: 'ORG_NOT_PRODUCTION', subject: 'controller:1.2.246.10.90000020.19.0' });
  });

  test('a content type flows when its flag is set', () => {
    const types = PROFILE.content.types.map((type) => ({ ...type, enabled: true }));
    const profile = { content: { ...PROFILE.content, types } };
    const facts = { series: [series('XC', VL_PHOTO)], studyDescription: '', procedureCodes: [] };
    const registers = {
      enablements: [enablement('visible-light', 'PRODUCTION')],
      certifications: [{ ...CERTIFICATION, contentTypes: ['visible-light'] }],
    };
    expect(findings({ profile, facts, registers }).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(codes({ facts, registers })).toContain('CONTENT_NOT_ENABLED');
  });
});
