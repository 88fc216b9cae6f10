import { createHash } from 'node:crypto';
import { participantOf } from '../audit-actors.ts';
import type { AuditActor, AuditAe, AuditPerson } from '../audit-actors.ts';
import { EVENT, ID_TYPE, ROLE } from '../audit-codes-table.ts';
import type { AuditMessage, AuditObject } from '../audit-message.ts';

export interface QueryFacts {
  readonly at: number;
  /** The application entity that asks. */
  readonly source: AuditAe;
  /** The one that answers. */
  readonly destination: AuditAe;
  /** A third that had it asked. */
  readonly onBehalfOf?: AuditActor;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly identifier: Buffer;
  readonly outcome: AuditMessage['outcome'];
  readonly outcomeText?: string;
}

/** So many bytes of an identifier go in whole: with them a message stays below what every repository takes (PS3.15 A.6). */
const WHOLE_IDENTIFIER = 12_000;

/** PS3.15 A.5.3.10: the identifier as it came; one too long for the message is told by its beginning, its length and its hash. */
export function query(facts: QueryFacts): AuditMessage {
  const { at, source, destination, onBehalfOf, outcome, outcomeText } = facts;
  return {
    event: EVENT.query,
    action: 'E',
    outcome,
    ...(outcomeText === undefined ? {} : { outcomeText }),
    at,
    participants: [
      { ...participantOf(source, onBehalfOf === undefined), role: ROLE.source },
      { ...participantOf(destination, false), role: ROLE.destination },
      ...(onBehalfOf === undefined ? [] : [participantOf(onBehalfOf, true)]),
    ],
    objects: [queryObject(facts)],
  };
}

/** PS3.15 A.5.3.10, note 2: a command at this machine has searched; `criteria` is what it was told of whom and why. */
export function localQuery(facts: {
  readonly at: number;
  readonly by: AuditPerson;
  readonly self: AuditAe;
  readonly command: string;
  readonly criteria: string;
}): AuditMessage {
  const { at, by, self, command, criteria } = facts;
  return {
    event: EVENT.query,
    action: 'E',
    outcome: 0,
    at,
    participants: [
      { ...participantOf(by, true), role: ROLE.source },
      { ...participantOf(self, false), role: ROLE.destination },
    ],
    objects: [
      {
        id: command,
        idType: ID_TYPE.searchCriteria,
        type: '2',
        role: '3',
        query: Buffer.from(criteria.slice(0, 2000)),
      },
    ],
  };
}

function queryObject({ sopClassUid, transferSyntaxUid, identifier }: QueryFacts): AuditObject {
  const isWhole = identifier.length <= WHOLE_IDENTIFIER;
  return {
    id: sopClassUid,
    idType: ID_TYPE.sopClassUid,
    type: '2',
    role: '3',
    query: isWhole ? identifier : identifier.subarray(0, WHOLE_IDENTIFIER),
    details: [
      { type: 'TransferSyntax', value: transferSyntaxUid },
      ...(isWhole
        ? []
        : [
            { type: 'Query Length', value: String(identifier.length) },
            { type: 'Query SHA-256', value: createHash('sha256').update(identifier).digest('hex') },
          ]),
    ],
  };
}
