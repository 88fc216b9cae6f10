import type { CodedValue } from './audit-message.ts';

function dcm(code: string, text: string): CodedValue {
  return { code, system: 'DCM', text };
}

/** Event IDs (PS3.16 CID 400). */
export const EVENT = {
  applicationActivity: dcm('110100', 'Application Activity'),
  auditLogUsed: dcm('110101', 'Audit Log Used'),
  beginTransferring: dcm('110102', 'Begin Transferring DICOM Instances'),
  instancesAccessed: dcm('110103', 'DICOM Instances Accessed'),
  instancesTransferred: dcm('110104', 'DICOM Instances Transferred'),
  studyDeleted: dcm('110105', 'DICOM Study Deleted'),
  dataExport: dcm('110106', 'Export'),
  dataImport: dcm('110107', 'Import'),
  query: dcm('110112', 'Query'),
  securityAlert: dcm('110113', 'Security Alert'),
  userAuthentication: dcm('110114', 'User Authentication'),
} as const;

/** Event type codes (PS3.16 CID 401 and CID 403). */
export const EVENT_TYPE = {
  applicationStart: dcm('110120', 'Application Start'),
  applicationStop: dcm('110121', 'Application Stop'),
  login: dcm('110122', 'Login'),
  nodeAuthentication: dcm('110126', 'Node Authentication'),
  emergencyOverrideStarted: dcm('110127', 'Emergency Override Started'),
  securityConfiguration: dcm('110129', 'Security Configuration'),
  auditRecordingStopped: dcm('110133', 'Audit Recording Stopped'),
  auditRecordingStarted: dcm('110134', 'Audit Recording Started'),
} as const;

/** Roles of participants (PS3.16 CID 402). */
export const ROLE = {
  application: dcm('110150', 'Application'),
  applicationLauncher: dcm('110151', 'Application Launcher'),
  destination: dcm('110152', 'Destination Role ID'),
  source: dcm('110153', 'Source Role ID'),
  destinationMedia: dcm('110154', 'Destination Media'),
  sourceMedia: dcm('110155', 'Source Media'),
} as const;

/** Media (PS3.16 CID 405): a folder or file of this machine is told by its URI. */
export const MEDIA_TYPE = { uri: dcm('110037', 'URI') } as const;

/** What the id of an object is (PS3.16 CID 404, PS3.15 A.5.1.2.4). */
export const ID_TYPE = {
  studyInstanceUid: dcm('110180', 'Study Instance UID'),
  sopClassUid: dcm('110181', 'SOP Class UID'),
  nodeId: dcm('110182', 'Node ID'),
  patientNumber: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
  searchCriteria: { code: '10', system: 'RFC-3881', text: 'Search Criteria' },
  reportNumber: { code: '9', system: 'RFC-3881', text: 'Report Number' },
  uri: { code: '12', system: 'RFC-3881', text: 'URI' },
} as const;
