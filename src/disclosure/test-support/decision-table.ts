import type { PatientWill } from '../../index/disclosure/disclosure-types.ts';
import type { Question } from '../question.ts';
import {
  authorisation,
  CLINIC,
  COAST,
  consent,
  COUNTY,
  denial,
  DISTRICT,
  EVENT,
  informed,
  OTHER_DISTRICT,
  READER,
  relation,
  requester,
  resource,
  UUSIMAA_A,
  UUSIMAA_B,
} from './scenario.ts';

/** Under 159/2007, 784/2021 and 703/2023. */
export const DAYS = ['2021-10-01', '2022-12-01', '2024-01-02'] as const;
type Row = [what: string, over: Partial<Question>, ...answers: [string, string, string]];

/** Only what is given of the will, and a care relationship of the one who asks. */
export const will = (over: Partial<PatientWill>, controller: string = COAST): PatientWill => ({
  consents: [],
  denials: [],
  informings: [],
  authorisations: [],
  relations: [relation('2019-01-01', controller)],
  ...over,
});
export const agreed = {
  informings: [informed('2020-01-01')],
  consents: [consent('2020-01-02', { kind: 'suostumus' })],
};
export const updated = { ...agreed, consents: [...agreed.consents, consent('2024-01-01')] };
const denied = (over: Parameters<typeof denial>[1] = {}) => ({ ...agreed, denials: [denial('2020-02-01', over)] });
export const own = { requester: requester(DISTRICT) };
const clinic = (over = {}) => resource(CLINIC, { kind: 'private', ...over });
const occupational = (controller: string, kind: 'public' | 'private') =>
  resource(controller, { kind, registerCode: '4' });

/** Each row: what is asked, and the answer on each of the days. A basis permits, a reason code refuses. */
export const DECISIONS: Record<string, Row[]> = {
  'own register': [
    ['nothing recorded', own, 'OWN_REGISTER', 'OWN_REGISTER', 'OWN_REGISTER'],
    ['all denied', { ...own, will: will(denied(), DISTRICT) }, 'OWN_REGISTER', 'OWN_REGISTER', 'OWN_REGISTER'],
    ['on a direct way', { ...own, channel: 'DIRECT' }, 'OWN_REGISTER', 'OWN_REGISTER', 'OWN_REGISTER'],
    [
      'without a care relationship',
      { ...own, will: will({}, COAST) },
      'NO_CARE_RELATIONSHIP',
      'NO_CARE_RELATIONSHIP',
      'NO_CARE_RELATIONSHIP',
    ],
    [
      'a special reason instead',
      { ...own, will: will({}, COAST), specialReason: 'SP1' },
      'OWN_REGISTER',
      'OWN_REGISTER',
      'OWN_REGISTER',
    ],
    [
      'a special reason of nobody',
      { requester: requester(DISTRICT, { person: '' }), will: will({}, COAST), specialReason: 'SP1' },
      'NO_PERSON',
      'NO_PERSON',
      'NO_PERSON',
    ],
    [
      'health care asks the occupational register of the same controller',
      { ...own, resource: occupational(DISTRICT, 'public') },
      'NO_CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
    ['a purpose that nobody knows', { ...own, purpose: null }, 'UNKNOWN_PURPOSE', 'UNKNOWN_PURPOSE', 'UNKNOWN_PURPOSE'],
    [
      'a study of no controller',
      { ...own, resource: resource('', { organisation: 'another' }) },
      'UNKNOWN_CONTROLLER',
      'UNKNOWN_CONTROLLER',
      'UNKNOWN_CONTROLLER',
    ],
  ],
  'informing and consent': [
    ['neither', {}, 'NO_CONSENT', 'NO_CONSENT', 'NO_CONSENT'],
    [
      'informed only',
      { will: will({ informings: [informed('2020-01-01', '2.0')] }) },
      'NO_CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
    [
      'consent without informing',
      { will: will({ consents: agreed.consents }) },
      'NOT_INFORMED',
      'NOT_INFORMED',
      'NOT_INFORMED',
    ],
    ['suostumus of 2020', { will: will(agreed) }, 'CONSENT', 'CONSENT', 'CONSENT'],
    [
      'withdrawn in 2022',
      { will: will({ ...agreed, consents: [consent('2020-01-02', { until: '2022-06-01' })] }) },
      'CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
    [
      'given in 2022',
      { will: will({ ...agreed, consents: [consent('2022-06-01')] }) },
      'NO_CONSENT',
      'CONSENT',
      'CONSENT',
    ],
    [
      'no care relationship',
      { will: { ...will(agreed), relations: [] } },
      'NO_CARE_RELATIONSHIP',
      'NO_CARE_RELATIONSHIP',
      'NO_CARE_RELATIONSHIP',
    ],
    [
      'a relation that ended',
      { will: { ...will(agreed), relations: [relation('2020-01-01', COAST, '2022-01-01')] } },
      'CONSENT',
      'NO_CARE_RELATIONSHIP',
      'NO_CARE_RELATIONSHIP',
    ],
    [
      'direct, old consent',
      { channel: 'DIRECT', will: will(agreed) },
      'CONSENT_NOT_FOR_DIRECT',
      'CONSENT_NOT_FOR_DIRECT',
      'CONSENT_NOT_FOR_DIRECT',
    ],
    [
      'direct, consent updated on 1.1.2024',
      { channel: 'DIRECT', will: will(updated) },
      'CONSENT_NOT_FOR_DIRECT',
      'CONSENT_NOT_FOR_DIRECT',
      'CONSENT',
    ],
    ['a private clinic', { resource: clinic(), will: will(agreed) }, 'CONSENT', 'CONSENT', 'CONSENT'],
  ],
  'denial scopes': [
    ['all', { will: will(denied()) }, 'DENIED', 'DENIED', 'DENIED'],
    ['all, the private too', { resource: clinic(), will: will(denied()) }, 'DENIED', 'DENIED', 'DENIED'],
    ['cancelled in 2022', { will: will(denied({ until: '2022-06-01' })) }, 'DENIED', 'CONSENT', 'CONSENT'],
    ['set in 2023', { will: will({ ...agreed, denials: [denial('2023-02-01')] }) }, 'CONSENT', 'CONSENT', 'DENIED'],
    [
      'this service event',
      { will: will(denied({ scope: 'service-event', serviceEvent: EVENT })) },
      'DENIED',
      'DENIED',
      'DENIED',
    ],
    [
      'another service event',
      { will: will(denied({ scope: 'service-event', serviceEvent: '1.2.3' })) },
      'CONSENT',
      'CONSENT',
      'CONSENT',
    ],
    [
      'a service event, the study in none',
      {
        resource: resource(DISTRICT, { serviceEvent: '' }),
        will: will(denied({ scope: 'service-event', serviceEvent: '1.2.3' })),
      },
      'DENIED',
      'DENIED',
      'DENIED',
    ],
    [
      'the public provider, health care',
      { will: will(denied({ scope: 'provider', controller: DISTRICT, registerCode: '2' })) },
      'DENIED',
      'DENIED',
      'DENIED',
    ],
    [
      'its occupational register only',
      { will: will(denied({ scope: 'provider', controller: DISTRICT, registerCode: '4' })) },
      'CONSENT',
      'CONSENT',
      'CONSENT',
    ],
    [
      'its occupational register, asked for that',
      {
        resource: occupational(DISTRICT, 'public'),
        will: will(denied({ scope: 'provider', controller: DISTRICT, registerCode: '4' })),
      },
      'DENIED',
      'DENIED',
      'DENIED',
    ],
    [
      'another provider',
      { will: will(denied({ scope: 'provider', controller: UUSIMAA_A, registerCode: '2' })) },
      'CONSENT',
      'CONSENT',
      'CONSENT',
    ],
    [
      'a private provider is no scope',
      { resource: clinic(), will: will(denied({ scope: 'provider', controller: CLINIC, registerCode: '2' })) },
      'CONSENT',
      'CONSENT',
      'CONSENT',
    ],
    [
      'private occupational, since 2024',
      { resource: occupational(CLINIC, 'private'), will: will(denied({ scope: 'private-occupational' })) },
      'CONSENT',
      'CONSENT',
      'DENIED',
    ],
    [
      'private occupational does not reach the public',
      { resource: occupational(DISTRICT, 'public'), will: will(denied({ scope: 'private-occupational' })) },
      'CONSENT',
      'CONSENT',
      'CONSENT',
    ],
    [
      'a service event of a private clinic',
      { resource: clinic(), will: will(denied({ scope: 'service-event', serviceEvent: EVENT })) },
      'DENIED',
      'DENIED',
      'DENIED',
    ],
    [
      'public health care in Uusimaa',
      { resource: resource(UUSIMAA_A), will: will(denied({ scope: 'group', groupName: 'uusimaa' })) },
      'CONSENT',
      'DENIED',
      'DENIED',
    ],
    [
      'a group that the policy no longer knows',
      { will: will(denied({ scope: 'group', groupName: 'gone' })) },
      'CONSENT',
      'DENIED',
      'DENIED',
    ],
    [
      'a kind of controller that nobody knows',
      {
        resource: resource(DISTRICT, { kind: 'unknown' }),
        will: will(denied({ scope: 'provider', controller: DISTRICT, registerCode: '2' })),
      },
      'DENIED',
      'DENIED',
      'DENIED',
    ],
  ],
  'merged counties': [
    [
      'the successor asks for the district, its denial of 2020',
      {
        requester: requester(COUNTY),
        will: will(denied({ scope: 'provider', controller: DISTRICT, registerCode: '2' }), COUNTY),
      },
      'DENIED',
      'DENIED',
      'OWN_REGISTER',
    ],
    [
      'one merged district asks for another',
      { requester: requester(OTHER_DISTRICT), will: will(denied(), OTHER_DISTRICT) },
      'DENIED',
      'DENIED',
      'OWN_REGISTER',
    ],
    [
      'an outsider asks for what the county added',
      {
        resource: resource(COUNTY),
        will: will(denied({ scope: 'provider', controller: DISTRICT, registerCode: '2' })),
      },
      'CONSENT',
      'CONSENT',
      'DENIED',
    ],
    [
      'an outsider asks for the other district',
      {
        resource: resource(OTHER_DISTRICT),
        will: will(denied({ scope: 'provider', controller: DISTRICT, registerCode: '2' })),
      },
      'CONSENT',
      'CONSENT',
      'CONSENT',
    ],
    [
      'the county denied covers its district',
      {
        will: will({
          ...agreed,
          denials: [denial('2023-02-01', { scope: 'provider', controller: COUNTY, registerCode: '2' })],
        }),
      },
      'CONSENT',
      'CONSENT',
      'DENIED',
    ],
  ],
  'public health care in Uusimaa': [
    [
      'informed with 1.1, no consent',
      {
        requester: requester(UUSIMAA_B),
        resource: resource(UUSIMAA_A),
        will: will({ informings: [informed('2020-01-01', '1.1')] }, UUSIMAA_B),
      },
      'NO_CONSENT',
      'NO_CONSENT',
      'GROUP',
    ],
    [
      'informed with 1.0',
      {
        requester: requester(UUSIMAA_B),
        resource: resource(UUSIMAA_A),
        will: will({ informings: [informed('2020-01-01', '1.0')] }, UUSIMAA_B),
      },
      'NO_CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
    [
      'its own denial',
      {
        requester: requester(UUSIMAA_B),
        resource: resource(UUSIMAA_A),
        will: will(
          {
            informings: [informed('2020-01-01', '2.0')],
            denials: [denial('2020-02-01', { scope: 'group', groupName: 'uusimaa' })],
          },
          UUSIMAA_B,
        ),
      },
      'NO_CONSENT',
      'DENIED',
      'DENIED',
    ],
    [
      'one from outside',
      { resource: resource(UUSIMAA_A), will: will({ informings: [informed('2020-01-01', '2.0')] }) },
      'NO_CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
  ],
  'outsourced service': [
    [
      'patient-specific, all denied, no care relationship recorded',
      {
        requester: requester(READER),
        will: will({ ...denied(), authorisations: [authorisation('2021-01-01')] }, COAST),
      },
      'OUTSOURCED',
      'OUTSOURCED',
      'OUTSOURCED',
    ],
    [
      'valid to the end of 2022',
      {
        requester: requester(READER),
        will: will({ ...denied(), authorisations: [authorisation('2021-01-01', { until: '2023-01-01' })] }, READER),
      },
      'OUTSOURCED',
      'OUTSOURCED',
      'DENIED',
    ],
    [
      'for a whole register, with a care relationship',
      {
        requester: requester(READER),
        channel: 'DIRECT',
        will: will({ ...denied(), authorisations: [authorisation('2021-01-01', { patientId: '' })] }, READER),
      },
      'OUTSOURCED',
      'OUTSOURCED',
      'OUTSOURCED',
    ],
    [
      'for a whole register, without',
      {
        requester: requester(READER),
        will: will({ authorisations: [authorisation('2021-01-01', { patientId: '' })] }, COAST),
      },
      'NO_CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
    [
      'another register',
      {
        requester: requester(READER),
        will: will({ authorisations: [authorisation('2021-01-01', { searchRegister: '4' })] }, READER),
      },
      'NO_CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
    [
      'other material',
      {
        requester: requester(READER),
        will: will(
          { authorisations: [authorisation('2021-01-01', { allDocuments: false, materialFrom: '20200616' })] },
          READER,
        ),
      },
      'NO_CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
    [
      'this service event',
      {
        requester: requester(READER),
        will: will(
          { authorisations: [authorisation('2021-01-01', { allDocuments: false, serviceEvents: [EVENT] })] },
          READER,
        ),
      },
      'OUTSOURCED',
      'OUTSOURCED',
      'OUTSOURCED',
    ],
    [
      'of another producer',
      { will: will({ authorisations: [authorisation('2021-01-01')] }) },
      'NO_CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
  ],
  'emergency and other law': [
    [
      'no will, no relation',
      { purpose: 'EMERGENCY', will: { ...will({}), relations: [] } },
      'EMERGENCY',
      'EMERGENCY',
      'EMERGENCY',
    ],
    ['directly', { purpose: 'EMERGENCY', channel: 'DIRECT' }, 'EMERGENCY', 'EMERGENCY', 'EMERGENCY'],
    ['all denied', { purpose: 'EMERGENCY', will: will(denied()) }, 'DENIED', 'DENIED', 'DENIED'],
    [
      'denied, emergencies allowed',
      { purpose: 'EMERGENCY', will: will(denied({ emergencyAllowed: true })) },
      'EMERGENCY',
      'EMERGENCY',
      'EMERGENCY',
    ],
    [
      'two denials, one without',
      {
        purpose: 'EMERGENCY',
        will: will({ denials: [denial('2020-01-01', { emergencyAllowed: true }), denial('2022-01-01')] }),
      },
      'EMERGENCY',
      'DENIED',
      'DENIED',
    ],
    ['care, emergencies allowed', { will: will(denied({ emergencyAllowed: true })) }, 'DENIED', 'DENIED', 'DENIED'],
    [
      'of nobody',
      { purpose: 'EMERGENCY', requester: requester(COAST, { person: '' }) },
      'NO_PERSON',
      'NO_PERSON',
      'NO_PERSON',
    ],
    [
      'by an organisation that nobody knows',
      { purpose: 'EMERGENCY', requester: requester('', { organisation: null, oids: [] }) },
      'UNKNOWN_REQUESTER',
      'UNKNOWN_REQUESTER',
      'UNKNOWN_REQUESTER',
    ],
    [
      'another law, by an organisation that nobody knows',
      { purpose: 'OTHER_LAW', specialReason: '12 §', requester: requester('', { oids: [] }) },
      'UNKNOWN_REQUESTER',
      'UNKNOWN_REQUESTER',
      'UNKNOWN_REQUESTER',
    ],
    [
      'another law, said which',
      { purpose: 'OTHER_LAW', specialReason: '12 §', will: will(denied()) },
      'OTHER_LAW',
      'OTHER_LAW',
      'OTHER_LAW',
    ],
    ['another law, not said', { purpose: 'OTHER_LAW' }, 'NO_BASIS', 'NO_BASIS', 'NO_BASIS'],
  ],
  minors: [
    [
      "a guardian's consent",
      { birthDate: '20100101', will: will({ ...agreed, consents: [consent('2021-01-01', { givenBy: 'guardian' })] }) },
      'CONSENT',
      'CONSENT',
      'CONSENT',
    ],
    [
      "a guardian's consent for an adult",
      { will: will({ ...agreed, consents: [consent('2021-01-01', { givenBy: 'guardian' })] }) },
      'NO_CONSENT',
      'NO_CONSENT',
      'NO_CONSENT',
    ],
    [
      "a guardian's denial in the citizen's service",
      { birthDate: '20100101', will: will(denied({ givenBy: 'guardian' })) },
      'CONSENT',
      'CONSENT',
      'CONSENT',
    ],
    [
      "a guardian's denial at a provider's",
      { birthDate: '20100101', will: will(denied({ givenBy: 'guardian', via: 'provider' })) },
      'DENIED',
      'DENIED',
      'DENIED',
    ],
  ],
};
