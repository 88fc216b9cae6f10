import { isIP } from 'node:net';
import { AuditTrail } from '../audit/audit-trail.ts';
import { TransferAudit } from '../audit/transfer-audit.ts';
import type { Config } from '../config/schema.ts';
import type { OutgoingRecord } from '../egress/send/send-study.ts';
import type { IndexService } from '../index/index-service.ts';
import type { Logger } from '../observability/loggers.ts';

/** What goes to the archives, in the audit trail (PS3.15 A.5.3.3, A.5.3.7): spooled here, brought away by the node. */
export interface OutgoingAudit extends OutgoingRecord {
  /** Resolves when everything is on the disk. */
  flushed(): Promise<void>;
}

/** Undefined when no repository is configured. */
export function createOutgoingAudit(
  { audit, node, egress }: Config,
  index: IndexService,
  log: Logger,
): OutgoingAudit | undefined {
  if (audit.repository === null) return undefined;
  const trail = new AuditTrail({
    source: { id: node.aeTitle, enterpriseSite: audit.enterpriseSite },
    append: (messages) => index.write('auditAppend', messages),
    wake: () => undefined,
    failed: (messages, error) => log.error('audit messages lost: they could not be spooled', { messages, error }),
  });
  const archives = new Map(egress.destinations.map(({ name, aeTitle, host }) => [name, { aeTitle, host }]));
  return {
    begin: ({ callingAet, destination, studyInstanceUid }, instances) => {
      const { aeTitle, host } = archives.get(destination) ?? { aeTitle: destination, host: '' };
      const self = { aet: callingAet };
      const transfers = new TransferAudit({
        self,
        emit: (...messages) => trail.emit(...messages),
        patientOf: async (study) => (await index.showStudy(study))?.patientId ?? '',
        now: Date.now,
      });
      const parties = {
        requester: self,
        destination: { aet: aeTitle, ...(isIP(host) === 0 ? {} : { address: host }) },
      };
      return transfers.begin(
        parties,
        instances.map(({ sopClassUid }) => ({ studyInstanceUid, sopClassUid })),
      );
    },
    flushed: () => trail.flushed(),
  };
}
