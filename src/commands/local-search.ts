import { userInfo } from 'node:os';
import { indexLogStore } from '../access-log/index-log-store.ts';
import { localUser } from '../audit/audit-actors.ts';
import type { AuditAe } from '../audit/audit-actors.ts';
import type { AuditMessage } from '../audit/audit-message.ts';
import { localQuery } from '../audit/events/query-event.ts';
import type { Config } from '../config/schema.ts';
import type { DisclosedDocument } from '../disclosure/request-session.ts';
import type { DocumentRow } from '../index/documents/document-types.ts';
import type { IndexService } from '../index/index-service.ts';
import type { OrganisationRow } from '../index/registers/register-types.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { accessLogWriter } from '../services/access-log-writer.ts';
import { createDisclosure } from '../services/create-disclosure.ts';
import { CommandFailedError } from './exit-codes.ts';
import { auditRecord } from './note-audit.ts';

type Row = Omit<DocumentRow, 'header'>;

/** What a command at this machine may show of patients. */
export interface LocalSearch {
  /** Those that may be shown; nothing is on record yet. */
  permitted(studyUids: readonly string[]): Promise<ReadonlySet<string>>;
  /** The same for documents, by OID. */
  permittedDocuments(documents: readonly Row[]): Promise<ReadonlySet<string>>;
  /** Resolves when it is on record that these are shown: they may not be before. The last call of a command, also of one that found nothing. */
  reveal(shown: Shown): Promise<void>;
}

export interface Shown {
  readonly studies?: readonly string[];
  /** OIDs */
  readonly documents?: readonly string[];
}

export interface LocalSearchParts {
  readonly config: Config;
  readonly index: Pick<IndexService, 'read' | 'write' | 'aeByTitle'>;
  /** The command, for the log. */
  readonly command: string;
  /** Who asks and why, as the profile's disclosure.asker has it; '' for the user of this machine. */
  readonly asker: string;
}

// An administrator may list a million studies.
const AT_ONCE = 5000;

/**
 * Under disclosure control the node's own organisation asks: it sees its own registers, whose administrator sits here, and of others what the
 * law permits. Without, everything is shown. Both are in the logs.
 */
export function localSearch({ config, index, command, asker }: LocalSearchParts): LocalSearch {
  const { aeTitle, organisation } = config.node;
  const profile = loadProfile(config.profile);
  const { fields, assign } = profile.disclosure.asker;
  const control = createDisclosure({
    config,
    profile,
    index,
    disclosureLog: accessLogWriter(indexLogStore(index)),
    log: { warn: () => undefined },
    now: Date.now,
  });
  const session = control.begin({
    operation: 'LOCAL',
    peer: {
      aet: 'kuva',
      calledAET: aeTitle,
      address: '',
      tlsSubject: '',
      associationId: '',
      organisation,
      user: null,
      claim: fields.person + assign + userInfo().username,
      trusted: true,
    },
    claim: asker,
    destination: '',
    criteria: command,
  });
  const record = auditRecord(index, config);
  const owners = new Map<string, Promise<readonly OrganisationRow[]>>();
  const ownersOf = (controllerOid: string): Promise<readonly OrganisationRow[]> => {
    const known = owners.get(controllerOid) ?? index.read('organisationsOfController', controllerOid);
    owners.set(controllerOid, known);
    return known;
  };
  return {
    permitted: (studyUids) => session.permitted(studyUids),
    permittedDocuments: async (documents) =>
      session.permittedDocuments(
        await Promise.all(documents.map(async (row) => disclosed(row, await ownersOf(row.controllerOid)))),
      ),
    reveal: async ({ studies = [], documents = [] }) => {
      await record((self) => [searched(self, command, asker, { studies, documents })]);
      for (let at = 0; at < studies.length; at += AT_ONCE) await session.reveal(studies.slice(at, at + AT_ONCE));
      await session.reveal([], { items: studies.length + documents.length }, documents);
    },
  };
}

// Of more than these a message would get too long: the use log has each.
const NAMED = 20;

/** What a command at this machine asked for, and what it is about to show. */
function searched(self: AuditAe, command: string, asker: string, shown: Required<Shown>): AuditMessage {
  const { studies, documents } = shown;
  const named = { studies: studies.slice(0, NAMED), documents: documents.slice(0, NAMED) };
  const criteria = JSON.stringify({ asker, studies: studies.length, documents: documents.length, named });
  return localQuery({ at: Date.now(), by: localUser(), self, command, criteria });
}

function disclosed(row: Row, [owner]: readonly OrganisationRow[]): DisclosedDocument {
  return {
    documentId: row.oid,
    patientId: row.patientId,
    issuer: '',
    controller: row.controllerOid,
    registerCode: row.registerCode,
    specifier: row.registerSpecifier,
    organisation: null,
    kind: owner?.kind === 'public' || owner?.kind === 'private' ? owner.kind : 'unknown',
    serviceEvent: row.serviceEventOid,
    created: row.effectiveTime.slice(0, 8),
  };
}

/** Puts on record that one study is shown. @throws CommandFailedError when it may not be: which cannot be told from that it is not here */
export async function revealStudy(search: LocalSearch, uid: string): Promise<void> {
  const permitted = (await search.permitted([uid])).has(uid);
  await search.reveal(permitted ? { studies: [uid] } : {});
  if (!permitted) throw new CommandFailedError(`there is no study ${uid}`);
}

/** As C-FIND refuses a query that is too broad, without a number. */
export function tooMuchWithheld(what: string, narrower: string): CommandFailedError {
  return new CommandFailedError(`too many ${what} would have to be looked through: name one with ${narrower}`);
}
