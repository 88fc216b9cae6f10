import fc from 'fast-check';
import {
  CLINIC,
  COAST,
  COUNTY,
  DISTRICT,
  on,
  OTHER_DISTRICT,
  READER,
  UUSIMAA_A,
  UUSIMAA_B,
} from '../../src/disclosure/test-support/scenario.ts';
import type { NewWill } from '../../src/index/disclosure/disclosure-types.ts';
import type { OrganisationRow } from '../../src/index/registers/register-types.ts';

// Random organisations' studies, random wills, and random requests for them.

const CONTROLLERS = [DISTRICT, OTHER_DISTRICT, COUNTY, COAST, UUSIMAA_A, UUSIMAA_B, CLINIC, READER];
const PATIENTS = ['010181-900C', '010594Y9032', '020504A902E'];
const EVENTS = ['1.2.246.10.1.14.1', '1.2.246.10.1.14.2'];
const MOMENTS = [
  '2019-03-01',
  '2020-06-01',
  '2021-09-01',
  '2022-03-01',
  '2023-01-01',
  '2023-06-01',
  '2024-01-01',
  '2024-05-01',
].map(on);
const ASKED_AT = ['2021-10-01', '2022-12-01', '2023-02-01', '2024-01-02', '2024-06-01'].map(on);

function organisation(controllerOid: string, registerCode: string): OrganisationRow {
  const kind = controllerOid === CLINIC ? 'private' : controllerOid === READER ? 'statement-only' : 'public';
  return {
    key: `${controllerOid} ${registerCode}`,
    name: controllerOid,
    oid: `${controllerOid.replace('.19.0', '')}.${registerCode}`,
    kind,
    controllerOid,
    registerCode,
    registerSpecifier: '',
    egressAet: '',
    systemEntity: '',
    joinedOn: '',
    attributes: {},
  };
}

export const ORGANISATIONS: readonly OrganisationRow[] = [
  ...CONTROLLERS.map((controller) => organisation(controller, '2')),
  organisation(DISTRICT, '4'),
  organisation(CLINIC, '4'),
];

export interface World {
  readonly studies: readonly {
    readonly uid: string;
    readonly patientId: string;
    readonly date: string;
    readonly organisation: string | null;
    readonly linked:
      | { readonly controller: string; readonly registerCode: string; readonly serviceEvent: string }
      | undefined;
  }[];
  readonly wills: readonly NewWill[];
}

export interface Request {
  readonly organisation: string | null;
  readonly person: string;
  readonly purpose: string;
  readonly specialReason: string;
  readonly channel: 'KANTA' | 'DIRECT';
  readonly at: number;
  readonly operation: 'C-FIND' | 'C-GET';
  readonly level: 'PATIENT' | 'STUDY' | 'SERIES' | 'IMAGE';
  readonly patientId: string;
}

const patientId = fc.constantFrom(...PATIENTS);
const controller = fc.constantFrom(...CONTROLLERS);
const registerCode = fc.constantFrom('2', '2', '4');
const serviceEvent = fc.constantFrom('', ...EVENTS);
const organisationKey = fc.constantFrom(...ORGANISATIONS.map(({ key }) => key));

const common = fc
  .record({ patientId, from: fc.nat(MOMENTS.length - 1), until: fc.option(fc.nat(MOMENTS.length - 1)) })
  .map(({ patientId: patient, from, until }) => ({
    patientId: patient,
    validFrom: MOMENTS[from]!,
    validUntil: until === null || until <= from ? null : MOMENTS[until]!,
    sourceId: '',
    recordedAt: 0,
    recordedBy: 'test',
  }));
const expressed = fc.record({
  givenBy: fc.constantFrom('patient' as const, 'patient' as const, 'guardian' as const),
  via: fc.constantFrom('citizen' as const, 'provider' as const),
});

function rowsOf<Name extends NewWill['register']>(
  register: Name,
  facts: fc.Arbitrary<object>,
  maxLength: number,
  minLength: number = 0,
): fc.Arbitrary<NewWill[]> {
  const row = fc
    .tuple(common, facts)
    .map(([one, other]) => ({ register, row: { ...one, ...other } }) as unknown as NewWill);
  return fc.array(row, { minLength, maxLength });
}

const consents = rowsOf(
  'consent',
  fc.tuple(expressed, fc.constantFrom('suostumus', 'luovutuslupa')).map(([by, kind]) => ({ ...by, kind })),
  4,
);
const denials = rowsOf(
  'denial',
  fc
    .tuple(
      expressed,
      fc.record({
        scope: fc.constantFrom('all', 'service-event', 'provider', 'private-occupational', 'group'),
        serviceEvent: fc.constantFrom(...EVENTS),
        controller,
        registerCode,
        groupName: fc.constant('uusimaa'),
        emergencyAllowed: fc.boolean(),
      }),
    )
    .map(([by, facts]) => ({ ...by, ...facts })),
  3,
);
const informings = rowsOf('informing', fc.record({ informingVersion: fc.constantFrom('1.0', '1.1', '2.0') }), 6, 2);
const authorisations = rowsOf(
  'authorisation',
  fc
    .record({
      wholeRegister: fc.boolean(),
      producer: controller,
      searchController: controller,
      searchRegister: registerCode,
      allDocuments: fc.boolean(),
      materialFrom: fc.constantFrom('', '20200101', '20220101'),
      materialUntil: fc.constantFrom('', '20211231'),
      serviceEvents: fc.subarray(EVENTS),
    })
    .map(({ wholeRegister, ...facts }) => ({
      ...facts,
      ...(wholeRegister ? { patientId: '' } : {}),
      organiser: facts.searchController,
      organiserUnit: '',
      searchSpecifier: '',
      storageController: facts.searchController,
      storageRegister: facts.searchRegister,
      storageSpecifier: '',
    })),
  6,
);
// Without a care relationship nothing is open but emergencies: with few of them hardly anything else would be tried.
const relations = rowsOf('relation', fc.record({ controller }), 24, 12);

export const world: fc.Arbitrary<World> = fc.record({
  studies: fc
    .array(
      fc.record({
        patientId,
        date: fc.constantFrom('', '20191231', '20200101', '20220615', '20240201'),
        organisation: fc.option(organisationKey, { freq: 12 }),
        linked: fc.option(fc.record({ controller, registerCode, serviceEvent }), { nil: undefined, freq: 2 }),
      }),
      { minLength: 8, maxLength: 16 },
    )
    .map((studies) => studies.map((study, at) => ({ uid: `2.25.${at + 1}`, ...study }))),
  wills: fc.tuple(consents, denials, informings, authorisations, relations).map((each) => withUpdates(each.flat())),
});

/** As the register keeps consents: each of a patient ends when the next one begins. */
function withUpdates(wills: readonly NewWill[]): NewWill[] {
  const begins = (patient: string, after: number): number =>
    Math.min(
      ...wills
        .filter(({ register, row }) => register === 'consent' && row.patientId === patient && row.validFrom > after)
        .map(({ row }) => row.validFrom),
    );
  return wills.map((will) => {
    if (will.register !== 'consent') return will;
    const end = Math.min(
      will.row.validUntil ?? Number.POSITIVE_INFINITY,
      begins(will.row.patientId, will.row.validFrom),
    );
    return { ...will, row: { ...will.row, validUntil: Number.isFinite(end) ? end : null } };
  });
}

export const request: fc.Arbitrary<Request> = fc.record({
  organisation: fc.option(organisationKey, { freq: 20 }),
  person: fc.constantFrom('', 'dr'),
  purpose: fc.constantFrom('CARE', 'CARE', 'CARE', 'CARE', 'EMERGENCY', 'OUTSOURCED', 'OTHER_LAW', 'CURIOSITY'),
  specialReason: fc.constantFrom('', '', 'SP1'),
  channel: fc.constantFrom('KANTA' as const, 'KANTA' as const, 'DIRECT' as const),
  at: fc.constantFrom(...ASKED_AT),
  operation: fc.constantFrom('C-FIND' as const, 'C-FIND' as const, 'C-GET' as const),
  level: fc.constantFrom('PATIENT' as const, 'STUDY' as const, 'SERIES' as const, 'IMAGE' as const),
  patientId: fc.constantFrom('', ...PATIENTS),
});
