import type { StudyFacts } from '../../index/readiness/study-facts-types.ts';
import type {
  CertificationRow,
  EnablementRow,
  OrganisationRow,
  ProductionState,
} from '../../index/registers/register-types.ts';
import type { RegisterFacts } from '../readiness-context.ts';

export const RADIOLOGY = '1.2.246.10.90000003.6.4';
export const ECG = '1.2.246.10.90000003.6.2';
const CONTROLLER = '1.2.246.10.90000011.19.0';
export const CT = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';

export type Facts = { -readonly [Key in keyof StudyFacts]: StudyFacts[Key] };

export const series = (
  modality: string,
  sopClassUid: string,
  transferSyntaxUid = EXPLICIT,
): StudyFacts['series'][number] => ({
  seriesInstanceUid: '1.2.3.1',
  modality,
  seriesNumber: 1,
  seriesDescription: '',
  bodyPartExamined: '',
  laterality: '',
  instances: 2,
  bytes: 10,
  formats: [{ sopClassUid, transferSyntaxUid, instances: 2 }],
});

/** A CT study of an organisation in production, as the archive wants it; the patient is of no one's. */
export const GOOD: Facts = {
  studyInstanceUid: '1.2.3',
  patient: {
    id: '131052-308T',
    issuer: '1.2.246.21',
    issuerQualifier: null,
    name: 'Testi^Åke',
    birthDate: '19521013',
    sex: 'F',
  },
  studyDate: '20260115',
  studyTime: '101112',
  timezoneOffset: 120,
  accessionNumber: 'A1',
  accessionIssuer: null,
  studyId: '',
  referringPhysician: '',
  studyDescription: 'ZA1AD Pää',
  procedureCodes: [{ value: 'ZA1AD', scheme: RADIOLOGY, version: '', meaning: 'Pää' }],
  institutionName: 'Sairaala',
  admissionId: '',
  serviceEpisodeId: '',
  organisation: 'north',
  senders: ['CT1'],
  series: [series('CT', CT)],
  instances: 2,
  bytes: 10,
  firstReceivedAt: 0,
  lastReceivedAt: 0,
  marks: [],
  conflicts: { count: 0, sopInstanceUids: [] },
  oddUids: { count: 0, uids: [] },
  isRebuilt: false,
  isSentAsOther: false,
  link: null,
  documents: { request: 1, entry: 1, statement: 0 },
};

export const ORGANISATION: OrganisationRow = {
  key: 'north',
  name: 'North',
  oid: '1.2.246.10.90000011',
  kind: 'public',
  controllerOid: CONTROLLER,
  registerCode: '2',
  registerSpecifier: '',
  egressAet: 'NORTHKUVA',
  systemEntity: '',
  joinedOn: '',
  attributes: {},
};

export const enablement = (contentType: string, state: ProductionState, from = '20250101'): EnablementRow => ({
  id: 1,
  controllerOid: CONTROLLER,
  contentType,
  state,
  from,
  note: '',
  recordedAt: 0,
});

export const CERTIFICATION: CertificationRow = {
  registerId: 'R-1',
  systemEntity: 'PACS and RIS',
  version: '7',
  class: 'A2',
  contentTypes: ['radiology', 'ecg'],
  specVersions: ['2.4.1'],
  jointTestDay: '20250101',
  validFrom: '20250201',
  validTo: '20280131',
};

export const code = (value: string, listOid: string, validFrom = '20100101', validTo = '') => ({
  code: value,
  listOid,
  validFrom,
  validTo,
  name: value,
});

export const REGISTERS: RegisterFacts = {
  organisation: ORGANISATION,
  enablements: [enablement('radiology', 'PRODUCTION'), enablement('ecg', 'PRODUCTION')],
  certifications: [CERTIFICATION],
  codes: [code('ZA1AD', RADIOLOGY), code('ZZ9EA', ECG)],
};
