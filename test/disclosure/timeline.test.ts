import { expect, test } from 'vitest';
import { DisclosureControl } from '../../src/disclosure/disclosure-control.ts';
import { COAST, COUNTY, DISTRICT, on, PATIENT, POLICY } from '../../src/disclosure/test-support/scenario.ts';
import { readWillRecord } from '../../src/disclosure/will-record.ts';
import { openIndex } from '../../src/index/test-support/database-file.ts';
import { newInstance } from '../../src/index/test-support/new-instance.ts';
import { disclosureRegisters } from '../../src/services/create-disclosure.ts';

// A patient's years from 2020 to 2026 as they were recorded, and the same question asked on days between: the registers keep every
// state, so that the answer is that of the day, by the law of the day.
const YEARS = [
  { register: 'relation', patient: PATIENT, controller: COAST, from: '2020-01-01' },
  { register: 'relation', patient: PATIENT, controller: COUNTY, from: '2023-01-01' },
  { register: 'informing', patient: PATIENT, version: '1.0', from: '2020-02-01' },
  { register: 'consent', patient: PATIENT, kind: 'suostumus', from: '2020-02-01' },
  {
    register: 'denial',
    patient: PATIENT,
    scope: 'provider',
    controller: DISTRICT,
    registerCode: '2',
    from: '2022-06-01',
  },
  { register: 'consent', patient: PATIENT, from: '2024-06-01' },
];
const DAYS: [day: string, coastKanta: string, coastDirect: string, county: string][] = [
  ['2019-12-31', 'NO_CONSENT', 'NO_CONSENT', 'NO_CONSENT'],
  ['2021-10-01', 'CONSENT 159/2007', 'CONSENT_NOT_FOR_DIRECT', 'NO_CARE_RELATIONSHIP'],
  ['2022-01-01', 'CONSENT 784/2021', 'CONSENT_NOT_FOR_DIRECT', 'NO_CARE_RELATIONSHIP'],
  ['2022-12-01', 'DENIED', 'DENIED', 'DENIED'],
  // The district has become part of the county: its denial does not block what is the county's own.
  ['2023-02-01', 'DENIED', 'DENIED', 'OWN_REGISTER 784/2021'],
  ['2024-01-02', 'DENIED', 'DENIED', 'OWN_REGISTER 703/2023'],
  // The denial was cancelled on 1.3.2024; the consent covers sharing outside the archive since its update.
  ['2024-05-01', 'CONSENT 703/2023', 'CONSENT_NOT_FOR_DIRECT', 'OWN_REGISTER 703/2023'],
  ['2024-07-01', 'CONSENT 703/2023', 'CONSENT 703/2023', 'OWN_REGISTER 703/2023'],
  // Withdrawn on 1.1.2026.
  ['2026-02-01', 'NO_CONSENT', 'NO_CONSENT', 'OWN_REGISTER 703/2023'],
];

test('years of wills, replayed, give the answer of each day', async () => {
  const index = await openIndex();
  for (const [key, controllerOid] of [
    ['district', DISTRICT],
    ['coast', COAST],
    ['county', COUNTY],
  ] as const) {
    await index.write('organisationPut', {
      key,
      name: key,
      oid: controllerOid.replace('.19.0', ''),
      kind: 'public',
      controllerOid,
      registerCode: '2',
      registerSpecifier: '',
      egressAet: '',
      systemEntity: '',
      joinedOn: '',
      attributes: {},
    });
  }
  await index.addInstance(
    newInstance({ study: '1.2.3', sop: '1.2.3.1.1', organisation: 'district', attributes: { PatientID: PATIENT } }),
  );
  const recorded = await index.write(
    'willPut',
    YEARS.map((record) => readWillRecord(record, POLICY, { recordedAt: 0, recordedBy: 'test' })),
  );
  const ends = (day: string) => ({ validUntil: on(day), endedAt: on(day), endedBy: 'test' });
  await index.write('willEnd', 'denial', recorded[4]!.id, ends('2024-03-01'));
  await index.write('willEndAll', 'consent', PATIENT, ends('2026-01-01'));

  const ask = async (day: string, organisation: string, channel: 'KANTA' | 'DIRECT'): Promise<string> => {
    const answers: string[] = [];
    const control = new DisclosureControl({
      decides: true,
      registers: disclosureRegisters(index, null),
      policy: POLICY,
      channel,
      log: {
        record: async (entries) => {
          for (const entry of entries) {
            if (entry.event !== 'STUDY') continue;
            const { basis, law, reasonCode } = entry.decision;
            answers.push(basis === null ? reasonCode : `${basis} ${law}`);
          }
        },
      },
      now: () => on(day),
      requestId: () => '',
      warn: () => undefined,
    });
    const peer = { aet: 'SCU', calledAET: 'KUVA', address: '', tlsSubject: '', associationId: '', organisation };
    const who = { ...peer, user: null, claim: '', trusted: true };
    const session = control.begin({ operation: 'C-FIND', peer: who, claim: '', destination: '', criteria: '' });
    await session.reveal([...(await session.permitted(['1.2.3']))], { items: 1 });
    return answers.join();
  };
  for (const [day, ...expected] of DAYS) {
    const answers = [
      await ask(day, 'coast', 'KANTA'),
      await ask(day, 'coast', 'DIRECT'),
      await ask(day, 'county', 'KANTA'),
    ];
    expect([day, ...answers]).toEqual([day, ...expected]);
  }
});
