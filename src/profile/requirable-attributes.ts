/** Attributes of a study that a profile can require: those that the index knows for every study. */
export const REQUIRABLE_ATTRIBUTES = [
  'PatientName',
  'PatientBirthDate',
  'PatientSex',
  'StudyDate',
  'StudyTime',
  'TimezoneOffsetFromUTC',
  'AccessionNumber',
  'IssuerOfAccessionNumberSequence',
  'StudyID',
  'StudyDescription',
  'ProcedureCodeSequence',
  'ReferringPhysicianName',
  'InstitutionName',
  'AdmissionID',
  'ServiceEpisodeID',
  'Modality',
] as const;

export type RequirableAttribute = (typeof REQUIRABLE_ATTRIBUTES)[number];
