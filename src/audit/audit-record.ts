import type { AuditAe } from './audit-actors.ts';
import type { AuditMessage } from './audit-message.ts';

/**
 * Writes down what is about to happen: on the disk when it resolves. Makes nothing where nobody audits.
 * @throws AuditBlockedError, IndexError: then it may not happen
 */
export type AuditRecord = (make: (self: AuditAe) => readonly AuditMessage[]) => Promise<void>;

/** Nobody audits. */
export const NOT_RECORDED: AuditRecord = () => Promise.resolve();
