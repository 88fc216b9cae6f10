import { isIP } from 'node:net';
import { attributes, element, escapedText, shortened } from './audit-xml.ts';

/** A coded value, as `(code, system, text)` in the standard. */
export interface CodedValue {
  readonly code: string;
  readonly system: string;
  readonly text: string;
}

/** Who took part. `id` is the AE title, the account, the process or the medium. */
export interface AuditParticipant {
  readonly id: string;
  readonly alternativeId?: string;
  readonly isRequestor: boolean;
  /** IP address or host name. */
  readonly address?: string;
  readonly role?: CodedValue;
  readonly mediaType?: CodedValue;
}

/** What it was about (PS3.15 A.5.2.4 and A.5.2.5). A query has `query`, everything else a `name`. */
export interface AuditObject {
  readonly id: string;
  readonly idType: CodedValue;
  /** 1 person, 2 system object. */
  readonly type: '1' | '2';
  /** 1 patient, 3 report, 13 security resource. */
  readonly role: '1' | '3' | '13';
  readonly name?: string;
  readonly query?: Buffer;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
  readonly sopClasses?: readonly { readonly uid: string; readonly instances: number }[];
}

export interface AuditMessage {
  readonly event: CodedValue;
  readonly eventTypes?: readonly CodedValue[];
  /** create, read, update, delete, execute */
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  /** 0 success, 4 minor failure, 8 serious failure, 12 major failure. */
  readonly outcome: 0 | 4 | 8 | 12;
  readonly outcomeText?: string;
  /** ms since 1970. */
  readonly at: number;
  readonly participants: readonly AuditParticipant[];
  readonly objects: readonly AuditObject[];
}

export interface AuditSource {
  readonly id: string;
  readonly enterpriseSite: string;
}

// PS3.15 A.5.1.2.1: an application server process.
const SOURCE_TYPE = { 'csd-code': '4' };

// A repository may cut or drop a message of more than 32768 octets without a word (PS3.15 A.6), so none gets longer. Of more SOP classes
// than these the rest is told as one number.
const SOP_CLASSES = 60;
const UID_LENGTH = 64;
/** Of an identifier; that of a patient has 64 characters at most (PS3.5 6.2, LO). A URI is not cut to this. */
const ID_LENGTH = 128;
const DETAIL_LENGTH = 2000;

/** The message as XML (PS3.15 A.5.1), on one line. */
export function encodeAuditMessage(message: AuditMessage, source: AuditSource): string {
  const event = element(
    'EventIdentification',
    {
      EventActionCode: message.action,
      EventDateTime: new Date(message.at).toISOString(),
      EventOutcomeIndicator: String(message.outcome),
    },
    [
      coded('EventID', message.event),
      ...(message.eventTypes ?? []).map((type) => coded('EventTypeCode', type)),
      ...(message.outcomeText === undefined
        ? []
        : [element('EventOutcomeDescription', {}, [escapedText(message.outcomeText)])]),
    ],
  );
  const auditSource = element(
    'AuditSourceIdentification',
    attributes({
      AuditEnterpriseSiteID: source.enterpriseSite === '' ? undefined : source.enterpriseSite,
      AuditSourceID: source.id,
    }),
    [element('AuditSourceTypeCode', SOURCE_TYPE)],
  );
  const parts = [
    event,
    ...message.participants.map(participant),
    auditSource,
    ...message.objects.map(participantObject),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>${element('AuditMessage', {}, parts)}`;
}

function participant({ id, alternativeId, isRequestor, address, role, mediaType }: AuditParticipant): string {
  return element(
    'ActiveParticipant',
    attributes({
      UserID: id,
      AlternativeUserID: alternativeId,
      UserIsRequestor: String(isRequestor),
      NetworkAccessPointID: address,
      // 1: a machine's name; 2: an IP address.
      NetworkAccessPointTypeCode: address === undefined ? undefined : isIP(address) === 0 ? '1' : '2',
    }),
    [
      ...(role === undefined ? [] : [coded('RoleIDCode', role)]),
      ...(mediaType === undefined ? [] : [element('MediaIdentifier', {}, [coded('MediaType', mediaType)])]),
    ],
  );
}

function participantObject(of: AuditObject): string {
  const description = sopClasses(of.sopClasses ?? []);
  return element(
    'ParticipantObjectIdentification',
    {
      ParticipantObjectID: of.role === '13' ? of.id : shortened(of.id, ID_LENGTH),
      ParticipantObjectTypeCode: of.type,
      ParticipantObjectTypeCodeRole: of.role,
    },
    [
      coded('ParticipantObjectIDTypeCode', of.idType),
      of.query === undefined
        ? element('ParticipantObjectName', {}, [escapedText(of.name ?? '')])
        : element('ParticipantObjectQuery', {}, [of.query.toString('base64')]),
      ...(of.details ?? []).map(({ type, value }) =>
        element('ParticipantObjectDetail', {
          type,
          value: Buffer.from(shortened(value, DETAIL_LENGTH)).toString('base64'),
        }),
      ),
      ...(description.length === 0 ? [] : [element('ParticipantObjectDescription', {}, description)]),
    ],
  );
}

function sopClasses(all: NonNullable<AuditObject['sopClasses']>): string[] {
  const rest = all.slice(SOP_CLASSES).reduce((sum, { instances }) => sum + instances, 0);
  return [
    ...all
      .slice(0, SOP_CLASSES)
      .map(({ uid, instances }) =>
        element('SOPClass', { UID: shortened(uid, UID_LENGTH), NumberOfInstances: String(instances) }),
      ),
    ...(rest === 0 ? [] : [element('SOPClass', { NumberOfInstances: String(rest) })]),
  ];
}

function coded(name: string, { code, system, text }: CodedValue): string {
  return element(name, { 'csd-code': code, codeSystemName: system, originalText: text });
}
