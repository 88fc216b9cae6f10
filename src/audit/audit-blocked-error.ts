import { KuvaError } from '../core/errors.ts';

/** What would show data to others is refused while it cannot be written down: nothing leaves that the audit trail does not know of. */
export class AuditBlockedError extends KuvaError {
  override readonly name: string = 'AuditBlockedError';

  constructor() {
    super('AUDIT_BLOCKED', 'the audit trail cannot be written: make room on the disk of the database');
  }
}
