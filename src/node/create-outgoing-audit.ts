import { ownAe } from '../audit/own-ae.ts';
import { TransferAudit } from '../audit/transfer-audit.ts';
import type { Config } from '../config/schema.ts';
import type { OutgoingRecord } from '../egress/send/outgoing-record.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Logger } from '../observability/loggers.ts';
import { createAuditTrail } from './create-audit-trail.ts';

/** What goes to the archives, in the audit trail (PS3.15 A.5.3.3, A.5.3.7): spooled here, brought away by the node. */
export interface OutgoingAudit extends OutgoingRecord {
  /** Resolves when everything is on the disk, or has been told to be lost. */
  close(): Promise<void>;
}

/** Undefined when no repository is configured. */
export function createOutgoingAudit(config: Config, index: IndexService, log: Logger): OutgoingAudit | undefined {
  if (config.audit.repository === null) return undefined;
  const trail = createAuditTrail(config, index, log, () => undefined);
  const archives = new Map(config.egress.destinations.map(({ name, aeTitle, host }) => [name, { aeTitle, host }]));
  return {
    begin: ({ callingAet, destination, studyInstanceUid }, objects) => {
      const { aeTitle, host } = archives.get(destination) ?? { aeTitle: destination, host: '' };
      const self = { ...ownAe(config), aet: callingAet };
      const transfers = new TransferAudit({
        self,
        emit: (...messages) => trail.emit(...messages),
        patientOf: async (study) => (await index.showStudy(study))?.patientId ?? '',
        now: Date.now,
      });
      const parties = {
        requester: self,
        destination: { aet: aeTitle, ...(host === '' ? {} : { address: host }) },
      };
      return transfers.begin(
        parties,
        objects.map(({ sopClassUid }) => ({ studyInstanceUid, sopClassUid })),
      );
    },
    close: () => trail.close(),
  };
}
