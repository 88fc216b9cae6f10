import { pathToFileURL } from 'node:url';
import { localUser } from '../audit/audit-actors.ts';
import type { AuditMessage } from '../audit/audit-message.ts';
import { NOT_RECORDED } from '../audit/audit-record.ts';
import type { AuditRecord } from '../audit/audit-record.ts';
import { spooledForm } from '../audit/audit-trail.ts';
import { dataExport, documentGroups, studyGroups } from '../audit/events/media-events.ts';
import { auditLogUsed } from '../audit/events/security-events.ts';
import { instancesAccessed } from '../audit/events/transfer-events.ts';
import { ownAe } from '../audit/own-ae.ts';
import { StudyTally } from '../audit/study-tally.ts';
import type { Config } from '../config/schema.ts';
import type { AccessLogName } from '../index/access-log/access-log-types.ts';
import type { NewAuditMessage } from '../index/audit/audit-types.ts';
import type { IndexService } from '../index/index-service.ts';

/** What a change is to write into the spool in its own transaction; nothing when no repository is configured. */
export function spooledMessages({ audit, node }: Config, ...messages: readonly AuditMessage[]): NewAuditMessage[] {
  if (audit.repository === null) return [];
  const source = { id: node.aeTitle, enterpriseSite: audit.enterpriseSite };
  return messages.map((message) => spooledForm(message, source));
}

/** Spools what is done at this machine, on the disk when this resolves; the node brings it to the repository. Nothing without one. */
export async function noteAudit(
  index: Pick<IndexService, 'write'>,
  config: Config,
  ...messages: readonly AuditMessage[]
): Promise<void> {
  const spooled = spooledMessages(config, ...messages);
  if (spooled.length > 0) await index.write('auditAppend', spooled);
}

/** The same for parts that know nothing of the configuration. */
export function auditRecord(index: Pick<IndexService, 'write'>, config: Config): AuditRecord {
  if (config.audit.repository === null) return NOT_RECORDED;
  return (make) => noteAudit(index, config, ...make(ownAe(config)));
}

/** Somebody has read these logs, or taken something out of them. */
export async function noteLogUse(
  index: Pick<IndexService, 'write'>,
  config: Config,
  logs: readonly AccessLogName[],
): Promise<void> {
  const uri = (log: AccessLogName): string => `kuva:${config.node.aeTitle}/log/${log}`;
  await noteAudit(index, config, ...logs.map((log) => auditLogUsed(Date.now(), localUser(), uri(log))));
}

/** What is in objects of a study is about to be shown to whoever is at this machine. */
export async function noteStudySeen(
  index: Pick<IndexService, 'write' | 'showStudy'>,
  config: Config,
  studyInstanceUid: string,
): Promise<void> {
  if (config.audit.repository === null) return;
  const patientId = (await index.showStudy(studyInstanceUid))?.patientId ?? '';
  const study = { studyInstanceUid, patientId, sopClasses: [] };
  await noteAudit(index, config, instancesAccessed({ at: Date.now(), by: localUser(), study, action: 'R' }));
}

/** A study is about to be written to a file or folder. */
export async function noteStudyExport(
  index: Pick<IndexService, 'write' | 'showStudy' | 'selectInstances'>,
  config: Config,
  study: string,
  path: string,
): Promise<void> {
  if (config.audit.repository === null) return;
  const patientId = (await index.showStudy(study))?.patientId ?? '';
  const tally = new StudyTally();
  for await (const batch of index.selectInstances({ level: 'STUDY', studyUids: [study] }))
    for (const { studyInstanceUid, sopClassUid } of batch) tally.add({ studyInstanceUid, sopClassUid, patientId });
  const facts = { at: Date.now(), by: localUser(), media: pathToFileURL(path).href, outcome: 0 } as const;
  await noteAudit(index, config, ...studyGroups(tally.studies()).map((objects) => dataExport({ ...facts, objects })));
}

/** A care document is about to be written to a file, or to standard output (path ''). */
export async function noteDocumentExport(
  index: Pick<IndexService, 'write'>,
  config: Config,
  { oid, patientId }: { readonly oid: string; readonly patientId: string },
  path: string,
): Promise<void> {
  const media = path === '' ? 'file:///dev/stdout' : pathToFileURL(path).href;
  const facts = { at: Date.now(), by: localUser(), media, outcome: 0 } as const;
  await noteAudit(
    index,
    config,
    ...documentGroups(patientId, [oid]).map((objects) => dataExport({ ...facts, objects })),
  );
}
