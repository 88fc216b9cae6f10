import { userInfo } from 'node:os';
import { AccessLog } from '../access-log/access-log.ts';
import { encodeEntry } from '../access-log/access-entry.ts';
import { indexLogStore } from '../access-log/index-log-store.ts';
import type { Config } from '../config/schema.ts';
import type { DisclosedDocument } from '../disclosure/request-session.ts';
import type { DocumentRow } from '../index/documents/document-types.ts';
import type { IndexService } from '../index/index-service.ts';
import { accessLogWriter } from '../services/access-log-writer.ts';
import { createDisclosure } from '../services/create-disclosure.ts';
import type { Profile } from '../profile/profile.ts';
import { administration, noteDocumentRead } from './administration.ts';
import { signingKey } from './log-context.ts';

type Row = Omit<DocumentRow, 'header'>;

/** What a command at this machine may show of patients. */
export interface LocalSearch {
  permitted(studyUids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Those that may be shown, by OID; it is on record when this resolves. */
  permittedDocuments(documents: readonly Row[]): Promise<ReadonlySet<string>>;
  /** Resolves when it is on record that these studies are shown: they may not be before. The last call of a command. */
  reveal(studyUids: readonly string[]): Promise<void>;
}

export interface LocalSearchParts {
  readonly config: Config;
  readonly profile: Profile;
  readonly index: Pick<IndexService, 'read' | 'write' | 'aeByTitle'>;
  /** The command, for the log. */
  readonly command: string;
  /** Who asks and why, as the profile's disclosure.asker has it; '' for the user of this machine. */
  readonly asker: string;
}

/**
 * Under disclosure control the node's own organisation asks: it sees its own registers, whose administrator sits here, and of others what the
 * law permits. Without, everything is shown. Both are in the logs.
 */
export function localSearch(parts: LocalSearchParts): LocalSearch {
  return parts.config.disclosure.enabled ? controlled(parts) : open(parts);
}

function controlled({ config, profile, index, command, asker }: LocalSearchParts): LocalSearch {
  const { aeTitle, organisation } = config.node;
  const log = new AccessLog({
    store: indexLogStore(index),
    key: signingKey(config),
    node: aeTitle,
    now: Date.now,
    publish: () => undefined,
  });
  const control = createDisclosure({
    config,
    profile,
    index,
    disclosureLog: accessLogWriter(log),
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
      claim: profile.disclosure.asker.fields.person + profile.disclosure.asker.assign + userInfo().username,
      trusted: true,
    },
    claim: asker,
    destination: '',
    criteria: command,
  });
  return {
    permitted: (studyUids) => session.permitted(studyUids),
    permittedDocuments: async (documents) =>
      session.revealDocuments(await Promise.all(documents.map((row) => disclosed(index, row)))),
    reveal: (studyUids) => session.reveal(studyUids, { items: studyUids.length }),
  };
}

async function disclosed(index: LocalSearchParts['index'], row: Row): Promise<DisclosedDocument> {
  const [organisation] = await index.read('organisationsOfController', row.controllerOid);
  return {
    documentId: row.oid,
    patientId: row.patientId,
    issuer: '',
    controller: row.controllerOid,
    registerCode: row.registerCode,
    specifier: row.registerSpecifier,
    organisation: null,
    kind: organisation?.kind === 'public' || organisation?.kind === 'private' ? organisation.kind : 'unknown',
    serviceEvent: row.serviceEventOid,
    created: row.effectiveTime.slice(0, 8),
  };
}

function open({ config, index, command }: LocalSearchParts): LocalSearch {
  return {
    permitted: async (studyUids) => new Set(studyUids),
    permittedDocuments: async (documents) => {
      for (const row of documents) await noteDocumentRead(index, config, command, row);
      return new Set(documents.map(({ oid }) => oid));
    },
    reveal: async (studyUids) => {
      const { studies } = await index.read('disclosureOfStudies', studyUids, []);
      const entries = studies.map((study) =>
        encodeEntry({
          ...administration(config, Date.now()),
          log: 'use',
          person: study.patientId.trim().toUpperCase(),
          eventType: command,
          itemType: 'study',
          itemId: study.studyInstanceUid,
          items: 1,
          controller: study.controller,
          register: study.registerCode,
          registerSpecifier: study.specifier,
          serviceEvent: study.serviceEvent,
        }),
      );
      if (entries.length > 0) await index.write('accessLogAppend', 'use', entries);
    },
  };
}
