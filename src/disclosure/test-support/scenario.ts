import { DEFAULT_PROFILE, shippedFile } from '../../config/shipped-files.ts';
import type {
  Authorisation,
  CareRelation,
  Consent,
  Denial,
  Informing,
  Recorded,
} from '../../index/disclosure/disclosure-types.ts';
import { loadProfile } from '../../profile/load-profile.ts';
import { startOfDay } from '../policy-day.ts';
import type { DisclosurePolicy, Question, Requester, Resource } from '../question.ts';

// Fictitious organisations of the shipped profile: two districts that became one county, two in Uusimaa, others.
export const DISTRICT = '1.2.246.10.99900011.19.0';
export const OTHER_DISTRICT = '1.2.246.10.99900012.19.0';
export const COUNTY = '1.2.246.10.99900030.19.0';
export const UUSIMAA_A = '1.2.246.10.99900041.19.0';
export const UUSIMAA_B = '1.2.246.10.99900042.19.0';
export const COAST = '1.2.246.10.99900050.19.0';
export const CLINIC = '1.2.246.10.99900060.19.0';
export const READER = '1.2.246.10.99900070.19.0';
export const PATIENT = '010181-900C';
export const EVENT = '1.2.246.10.99900011.14.1';

export const POLICY: DisclosurePolicy = loadProfile(shippedFile(DEFAULT_PROFILE)).disclosure;

/** The beginning of a day YYYY-MM-DD in Finland. */
export function on(day: string): number {
  return startOfDay(POLICY.timezone, day.replaceAll('-', ''));
}

function recorded(from: string, until: string | null): Recorded {
  return {
    id: 1,
    patientId: PATIENT,
    validFrom: on(from),
    validUntil: until === null ? null : on(until),
    version: 1,
    sourceId: '',
    recordedAt: on(from),
    recordedBy: 'test',
    endedAt: null,
    endedBy: '',
  };
}

export function consent(from: string, over: Partial<Consent> & { until?: string } = {}): Consent {
  const { until, ...more } = over;
  return { ...recorded(from, until ?? null), kind: 'luovutuslupa', givenBy: 'patient', via: 'citizen', ...more };
}

export function denial(from: string, over: Partial<Denial> & { until?: string } = {}): Denial {
  const { until, ...more } = over;
  return {
    ...recorded(from, until ?? null),
    scope: 'all',
    serviceEvent: '',
    controller: '',
    registerCode: '',
    groupName: '',
    emergencyAllowed: false,
    givenBy: 'patient',
    via: 'citizen',
    ...more,
  };
}

export function informed(from: string, informingVersion: string = '1.0', until: string | null = null): Informing {
  return { ...recorded(from, until), informingVersion };
}

export function relation(from: string, controller: string, until: string | null = null): CareRelation {
  return { ...recorded(from, until), controller };
}

export function authorisation(from: string, over: Partial<Authorisation> & { until?: string } = {}): Authorisation {
  const { until, ...more } = over;
  return {
    ...recorded(from, until ?? null),
    organiser: DISTRICT,
    organiserUnit: '',
    producer: READER,
    searchController: DISTRICT,
    searchRegister: '2',
    searchSpecifier: '',
    storageController: DISTRICT,
    storageRegister: '2',
    storageSpecifier: '',
    allDocuments: true,
    materialFrom: '',
    materialUntil: '',
    serviceEvents: [],
    ...more,
  };
}

export function requester(controller: string, over: Partial<Requester> = {}): Requester {
  return {
    organisation: `key of ${controller}`,
    controller,
    registerCode: '2',
    specifier: '',
    oids: [controller],
    person: 'dr',
    role: '',
    ...over,
  };
}

export function resource(controller: string, over: Partial<Resource> = {}): Resource {
  return {
    organisation: `key of ${controller}`,
    controller,
    registerCode: '2',
    specifier: '',
    kind: 'public',
    serviceEvent: EVENT,
    created: '20200615',
    ...over,
  };
}

/** A public district's study, asked for by another public controller with a care relationship; no will recorded. */
export function question(at: string, over: Partial<Question> = {}): Question {
  return {
    at: on(at),
    requester: requester(COAST),
    resource: resource(DISTRICT),
    birthDate: '19810101',
    purpose: 'CARE',
    specialReason: '',
    channel: 'KANTA',
    ...over,
    will: {
      consents: [],
      denials: [],
      informings: [],
      authorisations: [],
      relations: [relation('2019-01-01', over.requester?.controller ?? COAST)],
      ...over.will,
    },
  };
}
