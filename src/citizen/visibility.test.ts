import { describe, expect, test } from 'vitest';
import type { DocumentRow } from '../index/documents/document-types.ts';
import { addDays, ageOn, finnishDay } from './calendar-day.ts';
import { visibilityOf } from './visibility.ts';
import type { ViewContext } from './visibility.ts';

const CHILD = '010316A9007';
const GUARDIAN = '010181-900C';
const CONTROLLER = '1.2.246.10.99999994.19.0';

function document(of: Partial<DocumentRow>): DocumentRow {
  return {
    id: 1,
    oid: '1.2.246.10.99999994.11.1',
    setId: '1.2.246.10.99999994.11.1',
    version: 1,
    kind: 'statement',
    patientId: CHILD,
    patientIdRoot: '1.2.246.21',
    controllerOid: CONTROLLER,
    registerCode: '2',
    registerSpecifier: '',
    serviceEventOid: '1.2.246.10.99999994.14.1',
    examinationCode: 'ZZ9EA',
    examinationScheme: '2.999',
    effectiveTime: '20260310120000+0200',
    effectiveAt: Date.parse('2026-03-10T12:00:00+02:00'),
    displayFrom: null,
    minorCapacity: null,
    header: '{}',
    sha256: '00',
    size: 1,
    source: 'import',
    sopInstanceUid: null,
    receivedAt: 0,
    state: 'current',
    stateAt: 0,
    stateReason: '',
    duplicates: 0,
    ...of,
  };
}

function context(of: Partial<ViewContext> & { birthDate?: string; deceasedOn?: string } = {}): ViewContext {
  const { birthDate = '20100301', deceasedOn = '', ...rest } = of;
  return {
    rules: {
      guardianUntilAge: 18,
      capacityFromAge: 10,
      capacityShown: [1, 2],
      delayDays: { request: 0, entry: 0, statement: 0 },
      fromJoining: true,
      shareDays: 30,
    },
    subject: { person: CHILD, birthDate, deceasedOn, nonDisclosure: false },
    guardianships: [custody({})],
    delays: [],
    joinedOn: () => '20181001',
    today: '20261125',
    dayOf: finnishDay,
    ...rest,
  };
}

function custody(of: { guardian?: string; validFrom?: string; validUntil?: string; health?: boolean }) {
  return {
    id: 1,
    child: CHILD,
    guardian: GUARDIAN,
    validFrom: '20100301',
    validUntil: '',
    health: true,
    recordedAt: 0,
    recordedBy: 'test',
    ...of,
  };
}

describe('guardians: age when it was made, capacity recorded then, custody today', () => {
  const young = { birthDate: '20200301' };
  test.each([
    ['under ten: shown', young, {}, 'shown'],
    ['under ten, code 3 recorded: shown, no capacity is asked for', young, { minorCapacity: 3 }, 'shown'],
    ['from ten on, not capable (1): shown', {}, { minorCapacity: 1 }, 'shown'],
    ['from ten on, capable and allows (2): shown', {}, { minorCapacity: 2 }, 'shown'],
    ['from ten on, capable and denies (3): hidden', {}, { minorCapacity: 3 }, 'CAPACITY_DENIES'],
    ['from ten on, capacity not known (4): hidden', {}, { minorCapacity: 4 }, 'CAPACITY_DENIES'],
    ['from ten on, made before capacity was recorded: never', {}, { minorCapacity: null }, 'CAPACITY_UNKNOWN'],
    ['the day before the tenth birthday: shown', { birthDate: '20160311' }, {}, 'shown'],
    ['the tenth birthday: capacity counts', { birthDate: '20160310' }, {}, 'CAPACITY_UNKNOWN'],
    ['of age today, though a child when it was made', { birthDate: '20081125' }, { minorCapacity: 2 }, 'OF_AGE'],
    ['no custody', { ...young, guardianships: [] }, {}, 'NO_GUARDIAN'],
    [
      'custody of another guardian',
      { ...young, guardianships: [custody({ guardian: '131052-308T' })] },
      {},
      'NO_GUARDIAN',
    ],
    [
      'custody that ended yesterday',
      { ...young, guardianships: [custody({ validUntil: '20261124' })] },
      {},
      'NO_GUARDIAN',
    ],
    ['custody on its last day', { ...young, guardianships: [custody({ validUntil: '20261125' })] }, {}, 'shown'],
    [
      'a division that leaves health care to the other',
      { ...young, guardianships: [custody({ health: false })] },
      {},
      'NO_GUARDIAN',
    ],
  ] as const)('%s', (_, around, of, expected) => {
    const result = visibilityOf(document(of), { id: GUARDIAN }, context(around));
    expect(result.shown ? 'shown' : result.reason).toBe(expected);
  });

  test('code 3 hides only the documents of its own service event, and nothing from the child', () => {
    const all = [document({ minorCapacity: 3 }), document({ minorCapacity: 2 })];
    expect(all.map((one) => visibilityOf(one, { id: GUARDIAN }, context()).shown)).toEqual([false, true]);
    expect(all.map((one) => visibilityOf(one, { id: CHILD }, context()).shown)).toEqual([true, true]);
  });
});

test.each([
  [[], 'shown'],
  [['application/pdf', 'text/plain'], 'shown'],
  [['application/pdf', 'image/jpeg'], 'HAS_IMAGE'],
  [['application/dicom'], 'HAS_IMAGE'],
  [[''], 'HAS_IMAGE'],
])('a document in which %j is embedded: %s', (embedded, expected) => {
  const result = visibilityOf(document({ header: JSON.stringify({ embedded }) }), { id: CHILD }, context());
  expect(result.shown ? 'shown' : result.reason).toBe(expected);
});

describe('delay', () => {
  const self = { id: CHILD };
  const thirty = [{ controllerOid: CONTROLLER, kind: 'statement', days: 30 } as const];

  test('an organisation’s delay hides until its day, and not a day longer', () => {
    const on = (today: string) => visibilityOf(document({}), self, context({ delays: thirty, today }));
    expect(on('20260408')).toEqual({ shown: false, reason: 'DELAYED', from: '20260409' });
    expect(on('20260409')).toEqual({ shown: true });
    expect(visibilityOf(document({ kind: 'entry' }), self, context({ delays: thirty, today: '20260310' })).shown).toBe(
      true,
    );
  });

  test('the day in the document counts before the organisation’s, whether sooner or later', () => {
    const at = (displayFrom: string, today: string) =>
      visibilityOf(document({ displayFrom }), self, context({ delays: thirty, today })).shown;
    expect([at('20260315', '20260315'), at('20261201', '20261130'), at('20261201', '20261201')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('the day begins at midnight in Finland', () => {
    expect([finnishDay(Date.parse('2026-11-25T21:59:59Z')), finnishDay(Date.parse('2026-11-25T22:00:00Z'))]).toEqual([
      '20261125',
      '20261126',
    ]);
    expect([finnishDay(Date.parse('2026-07-01T20:59:59Z')), finnishDay(Date.parse('2026-07-01T21:00:00Z'))]).toEqual([
      '20260701',
      '20260702',
    ]);
  });
});

test.each([
  ['replaced', { state: 'replaced' }, {}, 'NOT_CURRENT'],
  ['invalidated', { state: 'invalidated' }, {}, 'NOT_CURRENT'],
  ['the person has died', {}, { deceasedOn: '20261125' }, 'DECEASED'],
  ['made before the organisation joined', {}, { joinedOn: (): string => '20260311' }, 'BEFORE_JOINING'],
  ['of an organisation that has not joined', {}, { joinedOn: (): undefined => undefined }, 'NOT_JOINED'],
] as const)('hidden from everybody: %s', (_, of, around, reason) => {
  for (const id of [CHILD, GUARDIAN])
    expect(visibilityOf(document({ minorCapacity: 2, ...of }), { id }, context(around))).toEqual({
      shown: false,
      reason,
    });
});

test('ages and days', () => {
  expect([ageOn('20040229', '20220228'), ageOn('20040229', '20220301')]).toEqual([17, 18]);
  expect(addDays('20261231', 60)).toBe('20270301');
});
