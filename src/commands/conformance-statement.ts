import { AUDITED_EVENTS } from '../audit/audited-events-table.ts';
import type { Config } from '../config/schema.ts';
import { STORAGE_SOP_CLASSES } from '../dicom/sop-class-table.ts';
import { TRANSFER_SYNTAXES } from '../dicom/transfer-syntaxes.ts';
import { KUVA_IMPLEMENTATION_CLASS_UID, KUVA_IMPLEMENTATION_VERSION_NAME, UID } from '../dicom/uids.ts';
import { STATUS, statusName, statusText } from '../dimse/status-table.ts';
import { TLS_CIPHERS } from '../dimse/tls-options.ts';
import type { AeService } from '../index/index-types.ts';
import { answerExtended } from '../policy/extended-negotiation.ts';
import { SERVICE_SOP_CLASSES } from '../policy/sop-class-services.ts';
import { chooseTransferSyntax } from '../policy/transfer-syntax-choice.ts';

export interface ConformanceSopClass {
  readonly uid: string;
  readonly name: string;
  readonly service: AeService;
  readonly role: 'SCP';
  readonly transferSyntaxes: readonly string[];
  /** Service-class-application-information answered to a requestor that asks for everything; empty when none. */
  readonly extendedNegotiation: readonly number[];
}

/** PS3.2, as data. What is listed comes from the tables and functions that decide at negotiation. */
export type ConformanceStatement = ReturnType<typeof conformanceStatement>;

const SERVICE_NAMES: Readonly<Record<string, string>> = {
  [UID.Verification]: 'Verification',
  [UID.PatientRootFind]: 'Patient Root Query/Retrieve - FIND',
  [UID.StudyRootFind]: 'Study Root Query/Retrieve - FIND',
  [UID.PatientRootMove]: 'Patient Root Query/Retrieve - MOVE',
  [UID.StudyRootMove]: 'Study Root Query/Retrieve - MOVE',
  [UID.PatientRootGet]: 'Patient Root Query/Retrieve - GET',
  [UID.StudyRootGet]: 'Study Root Query/Retrieve - GET',
  [UID.StorageCommitmentPushModel]: 'Storage Commitment Push Model',
};

// PS3.4 B.2.3, C.4.1.1.4, C.4.2.1.5, C.4.3.1.4, J.3.2 and J.3.5: what each service answers, and when.
const STATUSES: Readonly<Record<AeService, readonly (readonly [code: number, when: string])[]>> = {
  echo: [[STATUS.Success, 'always']],
  store: [
    [STATUS.Success, 'file, directory and index row are on the disk'],
    [STATUS.OutOfResources, 'disk full or below the reserve, read-only, or the index cannot be written'],
    [STATUS.DataSetMismatch, 'SOP Class or Instance UID differs between command and data set'],
    [
      STATUS.CannotUnderstand,
      'the header cannot be read or lacks the UIDs to find the object again; its bytes are quarantined',
    ],
    [STATUS.ProcessingFailure, 'an error inside the node'],
  ],
  find: [
    [STATUS.Pending, 'a match'],
    [STATUS.PendingWarning, 'a match; a key that was asked for is not supported'],
    [STATUS.Success, 'no more matches'],
    [STATUS.Cancel, 'after C-CANCEL'],
    [
      STATUS.OutOfResources,
      'more matches than index.findLimit, the comment gives their count; the audit trail cannot be written',
    ],
    [STATUS.DataSetMismatch, 'the identifier cannot be answered; the offending element is named'],
    [STATUS.ProcessingFailure, 'an error inside the node'],
  ],
  move: [
    [STATUS.Pending, 'sub-operations go on'],
    [STATUS.Success, 'all sub-operations succeeded'],
    [STATUS.WarningSubOperations, 'some sub-operations failed; the failed SOP Instance UIDs are listed'],
    [STATUS.Cancel, 'after C-CANCEL'],
    [STATUS.UnableToCalculateMatches, 'more instances than the counters can tell'],
    [
      STATUS.UnableToPerformSubOperations,
      'no sub-operation succeeded, the destination cannot be reached, or the audit trail cannot be written',
    ],
    [STATUS.MoveDestinationUnknown, 'the destination is not in the AE register'],
    [STATUS.DataSetMismatch, 'the identifier cannot be answered'],
  ],
  get: [
    [STATUS.Pending, 'sub-operations go on'],
    [STATUS.Success, 'all sub-operations succeeded'],
    [STATUS.WarningSubOperations, 'some sub-operations failed; the failed SOP Instance UIDs are listed'],
    [STATUS.Cancel, 'after C-CANCEL'],
    [STATUS.UnableToCalculateMatches, 'more instances than the counters can tell'],
    [STATUS.UnableToPerformSubOperations, 'no sub-operation succeeded, or the audit trail cannot be written'],
    [STATUS.DataSetMismatch, 'the identifier cannot be answered'],
  ],
  commit: [
    [STATUS.Success, 'the request is kept and will be reported on, over restarts'],
    [STATUS.NoSuchActionType, 'Action Type ID other than 1'],
    [STATUS.InvalidArgumentValue, 'the action information cannot be read'],
  ],
};

export function conformanceStatement(config: Config, version: string) {
  const everySyntax = [...TRANSFER_SYNTAXES.keys()];
  const sopClass = (uid: string, name: string, service: AeService): ConformanceSopClass => ({
    uid,
    name,
    service,
    role: 'SCP',
    // Asked of the function that negotiates, one syntax at a time.
    transferSyntaxes: everySyntax.filter((syntax) => chooseTransferSyntax(service, uid, [syntax]) === syntax),
    extendedNegotiation: [
      ...(answerExtended([{ sopClassUID: uid, information: Buffer.alloc(6, 1) }], config.dicom)[0]?.information ?? []),
    ],
  });
  const extra = config.dicom.extraSopClasses.map((uid): [string, string] => [uid, 'private, by configuration']);
  const storage = [...STORAGE_SOP_CLASSES].flatMap(([uid, { name, patient }]): [string, string][] =>
    patient ? [[uid, name]] : [],
  );
  return {
    product: 'kuva',
    version,
    aeTitle: config.node.aeTitle,
    implementationClassUID: KUVA_IMPLEMENTATION_CLASS_UID,
    implementationVersionName: KUVA_IMPLEMENTATION_VERSION_NAME,
    applicationContext: UID.ApplicationContext,
    association: {
      maxPduLength: config.dicom.maxPduLength,
      ...config.dicom.limits,
      timeoutsMs: config.dicom.timeouts,
      asynchronousOperationsWindow: '1/1',
      userIdentity: config.access.userIdentity.policy,
      tls: {
        configured: config.dicom.tls !== null,
        minimumVersion: 'TLS 1.2 (PS3.15 B.12)',
        ciphers: TLS_CIPHERS.split(':'),
      },
    },
    acceptsUnknownStorageClasses: config.dicom.acceptUnknownSopClasses,
    sopClasses: [
      ...[...SERVICE_SOP_CLASSES].map(([uid, service]) => sopClass(uid, SERVICE_NAMES[uid] ?? uid, service)),
      ...[...storage, ...extra].map(([uid, name]) => sopClass(uid, name, 'store')),
    ],
    scu: {
      storage:
        'every storage SOP class that is kept, as C-MOVE and C-GET sub-operations, in its stored transfer syntax',
      commitment:
        'N-EVENT-REPORT on the association of the request while it lasts, else on one that the node requests as SCP',
    },
    statuses: Object.entries(STATUSES).map(([service, codes]) => ({
      service: service as AeService,
      codes: codes.map(([code, when]) => ({
        code: statusText(code),
        name: statusName(code),
        when,
      })),
    })),
    // PS3.15 A.5, A.6: what a statement must tell.
    audit: {
      configured: config.audit.repository !== null,
      format: 'PS3.15 A.5; a user is loginName@host or the AE title, a process by its AE title',
      transport: `SYSLOG-TLS (PS3.15 A.6), facility 10, severity 5 for what succeeded and 4 for what did not, MSGID ${config.audit.messageId}, at most 32768 octets`,
      structuredData:
        'meta sequenceId (RFC 5424 7.3.1), one number a message over restarts: the same again is the same message sent twice',
      buffering:
        'in the database until the repository has answered the end of the connection that carried it (RFC 5425 4.4)',
      events: AUDITED_EVENTS.map(({ event, when }) => ({ code: event.code, name: event.text, when })),
    },
    characterSets: {
      matching: 'every character set of PS3.3 C.12.1.1.2 is decoded; names match without regard to case and accents',
      responses: 'the character set of the request when it can represent the answer, else ISO_IR 192',
    },
  };
}
