import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleCda } from '../../documents/sample/sample-cda.ts';
import type { DocumentKind } from '../../profile/documents-section.ts';
import type { Profile } from '../../profile/profile.ts';
import type { DemoStudy } from './demo-objects.ts';

export interface DemoOrganisation {
  readonly key: string;
  readonly name: string;
  readonly businessId: string;
  readonly oid: string;
  readonly controller: string;
  readonly egressAet: string;
}

// Business ids that are well-formed and given to nobody.
export const NORTH: DemoOrganisation = {
  key: 'north',
  name: 'Pohjoinen hyvinvointialue (keksitty)',
  businessId: '9000001-1',
  oid: '1.2.246.10.90000011',
  controller: '1.2.246.10.90000011.19.0',
  egressAet: 'NORTHKUVT1',
};

export const SOUTH: DemoOrganisation = {
  key: 'south',
  name: 'Södra välfärdsområdet (påhittat)',
  businessId: '9000003-8',
  oid: '1.2.246.10.90000038',
  controller: '1.2.246.10.90000038.19.0',
  egressAet: 'SOUTHKUVT1',
};

// A personal identity code of the 900 series is nobody's.
const PATIENT = { id: '010181-900C', name: 'Testinen^Aino Fiktiivinen', birthDate: '19810101', sex: 'F' };

/** The CT and the ECG of the play, of one patient. */
export function demoStudies(profile: Profile, day: string): { readonly ct: DemoStudy; readonly ecg: DemoStudy } {
  const of = (number: number, examination: DemoStudy['examination']): DemoStudy => ({
    studyUid: `2.999.246.${day}.${number}`,
    accessionNumber: `DEMO${day.slice(2)}${number}`,
    patient: PATIENT,
    issuer: profile.identity.hetuIssuer,
    examination,
    institution: NORTH.name,
    day,
  });
  return {
    ct: of(1, { code: 'ZG1AD', list: '1.2.246.10.90000003.6.4', name: 'Fictitious chest, CT' }),
    ecg: of(2, { code: 'ZZ9EA', list: '1.2.246.10.90000003.6.2', name: 'Fictitious resting ECG' }),
  };
}

/** Writes one care document of a study; gives its OID. */
export function writeDocument(folder: string, study: DemoStudy, kind: DocumentKind, profile: Profile): string {
  mkdirSync(folder, { recursive: true });
  const serial = `${study.studyUid.split('.').slice(-2).join('.')}.${['request', 'entry', 'statement'].indexOf(kind) + 1}`;
  const oid = `${NORTH.oid}.11.${serial}.1`;
  const { patient, examination } = study;
  const [family = '', given = ''] = patient.name.split('^');
  const text = sampleCda(
    {
      kind,
      language: 'fi',
      oid,
      setId: `${NORTH.oid}.11.${serial}`,
      version: 1,
      patient: { id: patient.id, family, given, birthDate: patient.birthDate, sex: 'F' },
      controllerOid: NORTH.controller,
      controllerName: NORTH.name,
      registerCode: '2',
      serviceEventOid: `${NORTH.oid}.14.${study.studyUid.split('.').slice(-2).join('.')}`,
      studyUid: study.studyUid,
      accessionNumber: study.accessionNumber,
      examination: { code: examination.code, codeSystem: examination.list, displayName: examination.name },
      time: `${study.day}101500+0200`,
    },
    profile,
  );
  writeFileSync(join(folder, `${kind}.xml`), text);
  return oid;
}
