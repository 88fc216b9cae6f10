import type { StudyFacts } from '../../index/readiness/study-facts-types.ts';
import type { RequirableAttribute } from '../../profile/requirable-attributes.ts';
import { SUBJECT } from '../finding.ts';
import { CORRECT_AT_SOURCE } from '../rule.ts';
import type { Rule } from '../rule.ts';

const HAS_VALUE: Readonly<Record<RequirableAttribute, (facts: StudyFacts) => boolean>> = {
  PatientName: ({ patient }) => patient.name !== '',
  PatientBirthDate: ({ patient }) => patient.birthDate !== '',
  PatientSex: ({ patient }) => patient.sex !== '',
  StudyDate: ({ studyDate }) => studyDate !== '',
  StudyTime: ({ studyTime }) => studyTime !== '',
  TimezoneOffsetFromUTC: ({ timezoneOffset }) => timezoneOffset !== null,
  AccessionNumber: ({ accessionNumber }) => accessionNumber !== '',
  IssuerOfAccessionNumberSequence: ({ accessionIssuer }) => accessionIssuer !== null,
  StudyID: ({ studyId }) => studyId !== '',
  StudyDescription: ({ studyDescription }) => studyDescription !== '',
  ProcedureCodeSequence: ({ procedureCodes }) => procedureCodes.length > 0,
  ReferringPhysicianName: ({ referringPhysician }) => referringPhysician !== '',
  InstitutionName: ({ institutionName }) => institutionName !== '',
  AdmissionID: ({ admissionId }) => admissionId !== '',
  ServiceEpisodeID: ({ serviceEpisodeId }) => serviceEpisodeId !== '',
  Modality: ({ series }) => series.every(({ modality }) => modality !== ''),
};

/** Every attribute that the profile requires has a value. */
export const attributesRule: Rule = (facts, { profile }) =>
  profile.readiness.attributes
    .filter(({ attribute }) => !HAS_VALUE[attribute](facts))
    .map(({ attribute, severity }) => ({
      code: 'ATTRIBUTE_MISSING',
      severity,
      cause: `${attribute} has no value`,
      remedy: CORRECT_AT_SOURCE,
      subject: SUBJECT.study(facts.studyInstanceUid),
    }));
