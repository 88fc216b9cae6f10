/** A message on its way to the audit record repository; `at` in ms since 1970. */
export interface NewAuditMessage {
  readonly at: number;
  readonly failed: boolean;
  readonly message: string;
}

export interface SpooledMessage extends NewAuditMessage {
  readonly id: number;
}

/** How many messages wait for the repository, and of when the oldest is (ms since 1970); null when none waits. */
export interface AuditBacklog {
  readonly messages: number;
  readonly oldestAt: number | null;
}

/** Of an object that is added: what the audit trail counts in the same transaction. */
export interface AuditedInstance {
  /** Of the reception: unique to the process, and to what of it brings objects. */
  readonly key: string;
  /** JSON, whose meaning is the audit trail's. */
  readonly facts: string;
  readonly studyInstanceUid: string;
  readonly patientId: string;
  /** Of a rejection note that is new: which of two messages a study gets depends on whether all of it is hidden then. */
  readonly rejected?: readonly {
    readonly studyInstanceUid: string;
    readonly whole: NewAuditMessage;
    readonly part: NewAuditMessage;
  }[];
}

export interface ReceivedPart {
  readonly studyInstanceUid: string;
  readonly patientId: string;
  readonly sopClassUid: string;
  readonly kind: 'new' | 'duplicate' | 'conflict';
  readonly instances: number;
}

/** What came in one reception and is not yet told. */
export interface AuditReception {
  readonly key: string;
  readonly facts: string;
  readonly parts: readonly ReceivedPart[];
}
