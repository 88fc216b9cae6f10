import type { DocumentKind } from '../../profile/documents-section.ts';
import type { Profile } from '../../profile/profile.ts';

export type SampleLanguage = 'fi' | 'sv' | 'en';

/** What a made-up document shall say; identifiers are the caller's and obviously fictitious. */
export interface SampleDocument {
  readonly kind: DocumentKind;
  readonly language: SampleLanguage;
  readonly oid: string;
  readonly setId: string;
  readonly version: number;
  readonly replaces?: string;
  readonly invalidates?: boolean;
  readonly patient: {
    readonly id: string;
    readonly family: string;
    readonly given: string;
    readonly birthDate: string;
    readonly sex: 'M' | 'F';
  };
  readonly controllerOid: string;
  readonly controllerName: string;
  readonly registerCode: string;
  readonly registerSpecifier?: string;
  readonly serviceEventOid: string;
  readonly studyUid?: string;
  readonly accessionNumber?: string;
  readonly examination: { readonly code: string; readonly codeSystem: string; readonly displayName: string };
  /** HL7 time with zone. */
  readonly time: string;
  readonly displayFrom?: string;
  readonly minorCapacity?: number;
  readonly text?: string;
}

const TITLES = {
  fi: {
    request: 'Kuvantamispyyntö',
    entry: 'Kuvantamistutkimuksen merkintä',
    statement: 'Lausunto',
    note: 'KEKSITTY ESIMERKKI',
  },
  sv: {
    request: 'Remiss till bilddiagnostik',
    entry: 'Anteckning om undersökning',
    statement: 'Utlåtande',
    note: 'PÅHITTAT EXEMPEL',
  },
  en: { request: 'Imaging request', entry: 'Examination entry', statement: 'Statement', note: 'MADE-UP EXAMPLE' },
} as const;

const BODIES = {
  fi: {
    request: 'Yskää kaksi viikkoa. Kysymys: löydös?',
    entry: 'Tutkimus on tehty suunnitellusti.',
    statement: 'Ei poikkeavaa löydöstä.',
  },
  sv: {
    request: 'Hosta i två veckor. Frågeställning: fynd?',
    entry: 'Undersökningen är utförd enligt plan.',
    statement: 'Inget avvikande fynd.',
  },
  en: {
    request: 'Cough for two weeks. Question: any finding?',
    entry: 'The examination was done as planned.',
    statement: 'No abnormal finding.',
  },
} as const;

/** The CDA of a made-up document in the shape that the profile asks for. */
export function sampleCda(
  document: SampleDocument,
  { documents, identity }: Pick<Profile, 'documents' | 'identity'>,
): string {
  const type = documents.types.find(({ kind }) => kind === document.kind) ?? documents.types[0]!;
  const titles = TITLES[document.language];
  const { patient, examination } = document;
  const namespaces = Object.entries(documents.namespaces).map(([prefix, uri]) => ` xmlns:${prefix}="${escape(uri)}"`);
  const related =
    document.replaces === undefined
      ? []
      : [
          '<relatedDocument typeCode="RPLC"><parentDocument>',
          `<id root="${document.replaces}"/><setId root="${document.setId}"/><versionNumber value="${document.version - 1}"/>`,
          '</parentDocument></relatedDocument>',
        ];
  const order =
    document.accessionNumber === undefined
      ? []
      : [
          `<inFulfillmentOf><order><id root="${document.controllerOid}" extension="${escape(document.accessionNumber)}"/></order></inFulfillmentOf>`,
        ];
  const studyId = document.studyUid === undefined ? '' : `<id root="${document.studyUid}"/>`;
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!-- ${titles.note}: kuva documents sample -->`,
    `<ClinicalDocument xmlns="urn:hl7-org:v3"${namespaces.join('')}>`,
    '<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>',
    ...documents.templates.slice(0, 1).map((template) => `<templateId root="${template}"/>`),
    `<id root="${document.oid}"/>`,
    `<code code="${type.code}" codeSystem="${type.codeSystem}" displayName="${titles[document.kind]}"/>`,
    `<title>${titles[document.kind]}</title>`,
    `<effectiveTime value="${document.time}"/>`,
    '<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>',
    `<languageCode code="${document.language}"/>`,
    `<setId root="${document.setId}"/>`,
    `<versionNumber value="${document.version}"/>`,
    '<recordTarget><patientRole>',
    `<id root="${identity.hetuIssuer}" extension="${escape(patient.id)}"/>`,
    `<patient><name><given>${escape(patient.given)}</given><family>${escape(patient.family)}</family></name>`,
    `<administrativeGenderCode code="${patient.sex}" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="${patient.birthDate}"/></patient>`,
    '</patientRole></recordTarget>',
    `<author><time value="${document.time}"/><assignedAuthor><id root="1.2.246.537.26" extension="90000000001"/>`,
    '<assignedPerson><name><given>Keksitty</given><family>Kirjaaja</family></name></assignedPerson>',
    `<representedOrganization><id root="${document.controllerOid}"/><name>${escape(document.controllerName)}</name></representedOrganization>`,
    '</assignedAuthor></author>',
    `<custodian><assignedCustodian><representedCustodianOrganization><id root="${document.controllerOid}"/>`,
    `<name>${escape(document.controllerName)}</name></representedCustodianOrganization></assignedCustodian></custodian>`,
    ...order,
    `<documentationOf><serviceEvent>${studyId}<code code="${escape(examination.code)}" codeSystem="${examination.codeSystem}" displayName="${escape(examination.displayName)}"/>`,
    `<effectiveTime><low value="${document.time}"/></effectiveTime></serviceEvent></documentationOf>`,
    ...related,
    `<componentOf><encompassingEncounter><id root="${document.serviceEventOid}"/><effectiveTime value="${document.time}"/></encompassingEncounter></componentOf>`,
    `<component><structuredBody><component><section><title>${titles[document.kind]}</title>`,
    `<text><paragraph>${titles.note}</paragraph><paragraph>${escape(document.text ?? BODIES[document.language][document.kind])}</paragraph></text>`,
    '</section></component></structuredBody></component>',
    ...localHeader(document),
    '</ClinicalDocument>',
  ].join('\n')}\n`;
}

function localHeader(document: SampleDocument): string[] {
  const optional = (element: string, attribute: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [`<fi:${element} ${attribute}="${escape(String(value))}"/>`];
  return [
    '<fi:localHeader>',
    `<fi:register code="${document.registerCode}" codeSystem="1.2.246.537.5.40150"/>`,
    ...optional('registerSpecifier', 'value', document.registerSpecifier),
    ...optional('releaseDateForPatientViewing', 'value', document.displayFrom),
    ...optional('minorCapacity', 'code', document.minorCapacity),
    ...optional('recordStatus', 'code', document.invalidates === true ? 'invalidated' : undefined),
    '</fi:localHeader>',
  ];
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
