/** A coded value, as `(code, system, text)` in the standard. */
export interface CodedValue {
  readonly code: string;
  readonly system: string;
  readonly text: string;
}

/** Who took part. `id` is the AE title, the account or the process. */
export interface AuditParticipant {
  readonly id: string;
  readonly name?: string;
  readonly alternativeId?: string;
  readonly isRequestor: boolean;
  readonly address?: string;
  readonly role?: CodedValue;
}

/** What it was about (PS3.15 A.5.2.4 and A.5.2.5). A query has `query`, everything else a `name`. */
export interface AuditObject {
  readonly id: string;
  readonly idType: CodedValue;
  /** 1 person, 2 system object. */
  readonly type: '1' | '2';
  /** 1 patient, 3 report, 13 security resource, 24 query. */
  readonly role: '1' | '3' | '13' | '24';
  readonly name?: string;
  readonly query?: Buffer;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
  readonly accessionNumbers?: readonly string[];
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

/** The message as XML (PS3.15 A.5.1). */
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
        : [element('EventOutcomeDescription', {}, [escape(message.outcomeText)])]),
    ],
  );
  const auditSource = element(
    'AuditSourceIdentification',
    {
      ...(source.enterpriseSite === '' ? {} : { AuditEnterpriseSiteID: source.enterpriseSite }),
      AuditSourceID: source.id,
    },
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

function participant(of: AuditParticipant): string {
  return element(
    'ActiveParticipant',
    {
      UserID: of.id,
      ...(of.alternativeId === undefined ? {} : { AlternativeUserID: of.alternativeId }),
      ...(of.name === undefined ? {} : { UserName: of.name }),
      UserIsRequestor: String(of.isRequestor),
      // 2: an IP address.
      ...(of.address === undefined ? {} : { NetworkAccessPointID: of.address, NetworkAccessPointTypeCode: '2' }),
    },
    of.role === undefined ? [] : [coded('RoleIDCode', of.role)],
  );
}

function participantObject(of: AuditObject): string {
  const description = [
    ...(of.accessionNumbers ?? []).map((Number) => element('Accession', { Number })),
    ...(of.sopClasses ?? []).map(({ uid, instances }) =>
      element('SOPClass', { UID: uid, NumberOfInstances: String(instances) }),
    ),
  ];
  return element(
    'ParticipantObjectIdentification',
    { ParticipantObjectID: of.id, ParticipantObjectTypeCode: of.type, ParticipantObjectTypeCodeRole: of.role },
    [
      coded('ParticipantObjectIDTypeCode', of.idType),
      of.query === undefined
        ? element('ParticipantObjectName', {}, [escape(of.name ?? '')])
        : element('ParticipantObjectQuery', {}, [of.query.toString('base64')]),
      ...(of.details ?? []).map(({ type, value }) =>
        element('ParticipantObjectDetail', { type, value: Buffer.from(value).toString('base64') }),
      ),
      ...(description.length === 0 ? [] : [element('ParticipantObjectDescription', {}, description)]),
    ],
  );
}

function coded(name: string, { code, system, text }: CodedValue): string {
  return element(name, { 'csd-code': code, codeSystemName: system, originalText: text });
}

function element(name: string, attributes: Readonly<Record<string, string>>, content: readonly string[] = []): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  return content.length === 0
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${content.join('')}</${name}>`;
}

// What XML 1.0 cannot hold, and what has a meaning in it; peers' texts come through here.
const UNWRITABLE = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  return text.replace(UNWRITABLE, '\ufffd').replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}
