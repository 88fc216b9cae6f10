import { describe, expect, test } from 'vitest';
import { COAST, DISTRICT, EVENT, on, PATIENT, POLICY, READER } from './test-support/scenario.ts';
import { readWillRecord, WillRecordError } from './will-record.ts';

const RECORDING = { recordedAt: on('2024-05-05'), recordedBy: 'test' };
const read = (record: object) => readWillRecord(record, POLICY, RECORDING);

function complaint(record: unknown): string {
  try {
    readWillRecord(record, POLICY, RECORDING);
  } catch (error) {
    expect(error).toBeInstanceOf(WillRecordError);
    return (error as Error).message;
  }
  throw new Error('the record was accepted');
}

describe('a record', () => {
  test('begins now and ends with its last day, by the clock of the law', () => {
    expect(
      read({ register: 'relation', patient: ' 010181-900c ', controller: COAST, until: '2024-10-27' }).row,
    ).toEqual({
      ...RECORDING,
      patientId: PATIENT,
      validFrom: RECORDING.recordedAt,
      validUntil: Date.UTC(2024, 9, 27, 22),
      sourceId: '',
      controller: COAST,
    });
    const moment = read({ register: 'informing', patient: PATIENT, version: '2.0', from: '2024-01-01T12:00:00+02:00' });
    expect(moment.row.validFrom).toBe(Date.UTC(2024, 0, 1, 10));
  });

  test('of an authorisation stores where it searches, and is limited by what it names', () => {
    const given = { register: 'authorisation', organiser: DISTRICT, producer: READER, searchRegister: '2' };
    expect(read(given).row).toMatchObject({
      patientId: '',
      storageController: DISTRICT,
      storageRegister: '2',
      allDocuments: true,
    });
    expect(read({ ...given, materialFrom: '2020-01-31' }).row).toMatchObject({
      allDocuments: false,
      materialFrom: '20200131',
    });
  });

  test('of a guardian is taken until the day before the child comes of age', () => {
    const given = { register: 'consent', patient: '050506A902W', by: 'guardian' };
    expect(read({ ...given, from: '2024-05-04' }).row).toMatchObject({ givenBy: 'guardian' });
    expect(read({ ...given, by: 'patient', from: '2024-05-05' }).row).toMatchObject({ givenBy: 'patient' });
  });

  test('may be about a patient without a personal identity code only where care needs it', () => {
    expect(read({ register: 'relation', patient: 'temp-1', controller: COAST }).row.patientId).toBe('TEMP-1');
    expect(complaint({ register: 'consent', patient: 'temp-1' })).toBe('patient: write a valid personal identity code');
    expect(complaint({ register: 'relation', patient: '010190-999K', controller: COAST })).toContain(
      'must be a valid one',
    );
  });
});

test.each([
  [{ register: 'will' }, 'register is "will": write consent, denial, informing, authorisation or relation'],
  [
    { register: 'denial', patient: PATIENT, scope: 'provider', controller: DISTRICT },
    'registerCode is missing: scope provider needs it',
  ],
  [
    { register: 'denial', patient: PATIENT, scope: 'all', serviceEvent: EVENT },
    'serviceEvent: scope all has none, leave it out',
  ],
  [{ register: 'denial', patient: PATIENT, scope: 'group', group: 'x' }, 'group x: write one of uusimaa'],
  [
    { register: 'denial', patient: PATIENT, scope: 'all', by: 'guardian', via: 'citizen' },
    "by guardian, via citizen: a guardian gives no denial in the citizen's service",
  ],
  [
    { register: 'consent', patient: PATIENT, from: '2024-02-30' },
    'from is "2024-02-30": write a day as 2024-01-31, or a moment with its offset as 2024-01-31T12:00:00+02:00',
  ],
  [
    { register: 'consent', patient: PATIENT, from: '2024-02-02', until: '2024-02-01' },
    'until: write a day or moment after from',
  ],
  [
    { register: 'consent', patient: PATIENT, kind: 'yes', colour: 1 },
    'kind is "yes": write one of suostumus, luovutuslupa; unknown key colour',
  ],
  [{ register: 'relation', patient: PATIENT, controller: 'X' }, 'controller is "X": write an OID: numbers and dots'],
  [
    { register: 'denial', patient: PATIENT, scope: 'all', id: 'd1' },
    'from is missing: a record with an id says since when, so that it is the same when it comes again',
  ],
  [
    { register: 'consent', patient: '050506A902W', by: 'guardian', from: '2024-05-05' },
    'by guardian: the patient is 18 or older and consents himself',
  ],
  ['text', 'the record is "text": write consent, denial, informing, authorisation or relation'],
])('%j is refused and its keys named', (record, message) => {
  expect(complaint(record)).toBe(message);
});
