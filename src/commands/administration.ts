import { userInfo } from 'node:os';
import { encodeEntry } from '../access-log/access-entry.ts';
import type { AccessEntry } from '../access-log/access-entry.ts';
import type { Config } from '../config/schema.ts';
import { registeredId } from '../index/disclosure/registered-id.ts';
import type { DocumentRow } from '../index/documents/document-types.ts';
import type { IndexService } from '../index/index-service.ts';

/** An administrator reads what a document says: a use of the data, on the disk when this resolves. */
export async function noteDocumentRead(
  index: Pick<IndexService, 'write'>,
  config: Config,
  eventType: string,
  row: Omit<DocumentRow, 'header'>,
): Promise<void> {
  const entry: AccessEntry = {
    ...administration(config, Date.now()),
    log: 'use',
    person: registeredId(row.patientId),
    eventType,
    itemType: 'document',
    itemId: row.oid,
    items: 1,
    controller: row.controllerOid,
    register: row.registerCode,
    registerSpecifier: row.registerSpecifier,
    serviceEvent: row.serviceEventOid,
  };
  await index.write('accessLogAppend', 'use', [encodeEntry(entry)]);
}

/** An administrator reads what a register of consents, denials or care has of patients: on the disk when this resolves. */
export async function noteWillRead(
  index: Pick<IndexService, 'write'>,
  config: Config,
  register: string,
  patients: readonly string[],
): Promise<void> {
  const counts = new Map<string, number>();
  for (const person of patients) counts.set(person, (counts.get(person) ?? 0) + 1);
  const entries = [...counts]
    .filter(([person]) => person !== '')
    .map(([person, items]) =>
      encodeEntry({
        ...administration(config, Date.now()),
        log: 'use',
        person,
        eventType: `${register} list`,
        itemType: 'will',
        itemId: register,
        items,
      }),
    );
  if (entries.length > 0) await index.write('accessLogAppend', 'use', entries);
}

/** What an administrator at this machine does. */
export function administration(
  config: Config,
  at: number,
): Omit<AccessEntry, 'person' | 'eventType' | 'itemId' | 'log'> {
  const organisation = config.node.organisation ?? '';
  return {
    at,
    purpose: 'ADMINISTRATION',
    application: 'kuva',
    organisation,
    user: userInfo().username,
    role: 'administrator',
    certificate: '',
    address: '',
    calledAet: config.node.aeTitle,
    searchCriteria: '',
    outcome: 'permitted',
    basis: 'administration',
    reasonCode: 'ADMINISTRATION',
    specialReason: '',
    policy: '',
    channel: '',
    itemType: 'log',
    items: 0,
    controller: organisation,
    register: '',
    registerSpecifier: '',
    serviceEvent: '',
    recipient: '',
  };
}
