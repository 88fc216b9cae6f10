import { EVENT } from './audit-codes-table.ts';
import type { CodedValue } from './audit-message.ts';

/** What is told to the audit record repository, and when (PS3.15 A.5.3, PS3.2 table N.11-2). */
export const AUDITED_EVENTS: readonly { readonly event: CodedValue; readonly when: string }[] = [
  { event: EVENT.applicationActivity, when: 'the node starts; it stops, or can no longer keep its promise' },
  {
    event: EVENT.auditLogUsed,
    when: 'somebody reads or reports from the use log or the disclosure log; a head of one is signed, which goes along',
  },
  {
    event: EVENT.beginTransferring,
    when: 'before the first object leaves by C-MOVE, C-GET or to an archive, and before objects are asked of an archive',
  },
  {
    event: EVENT.instancesAccessed,
    when: 'an ECG is drawn at this machine; a rejection note or an expired copy takes a part of a study out; a study is given another patient (action U, both patients)',
  },
  {
    event: EVENT.instancesTransferred,
    when: 'an association ends over which objects came (one message for new ones, for those that were there, and for other bytes under known UIDs); the first object that is refused, and how many were; a C-MOVE, C-GET or transfer to an archive ends',
  },
  {
    event: EVENT.studyDeleted,
    when: 'a rejection note has hidden all of a study; its files are freed (kuva evict); a copy from an archive has expired',
  },
  {
    event: EVENT.dataExport,
    when: 'before a study, its custody or a care document is written to a file (kuva export, documents export, proof --export, backup, citizen download and open)',
  },
  {
    event: EVENT.dataImport,
    when: 'an import from files ends; a care document comes in a file; files are refused',
  },
  {
    event: EVENT.query,
    when: 'before a C-FIND is answered, and when it fails; before an archive is asked for earlier studies; before a command at this machine shows studies or documents',
  },
  {
    event: EVENT.securityAlert,
    when: 'an association is rejected, a TLS handshake fails, a peer does not speak DICOM; the AE register is changed; a peer asks in an emergency; audit messages cannot be written down, and can again',
  },
  { event: EVENT.userAuthentication, when: 'a user identity is accepted, or is not' },
];
