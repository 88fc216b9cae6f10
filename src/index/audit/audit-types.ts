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
