import { isStrictUid } from '../dicom/uid-syntax.ts';
import { parseHetu } from '../identity/hetu.ts';
import type { HetuFault } from '../identity/hetu.ts';
import type { Profile } from '../profile/profile.ts';
import type { CareDocument, CdaAuthor } from './care-document.ts';
import { codeOf } from './cda-code.ts';
import type { CdaFaults } from './cda-faults.ts';
import { cdaTime } from './cda-time.ts';
import { nodeAt, nodesAt, valuesAt } from './xml-node.ts';
import type { XmlNode } from './xml-node.ts';

const HETU_FAULTS: Readonly<Record<HetuFault, string>> = {
  shape: 'form is another',
  date: 'day is not in the calendar',
  serial: 'serial number is not used',
  check: 'check character is wrong',
};

type Rules = Pick<Profile, 'documents' | 'identity'>;

/** Everything but the body. Faults are collected; the result counts only when there is none. */
export function readHeader(
  root: XmlNode,
  rules: Rules,
  faults: CdaFaults,
): Omit<CareDocument, 'embedded' | 'sections'> {
  const at = (path: string): string | undefined => valuesAt(root, path)[0];
  const { documents } = rules;
  const version = Number(at('versionNumber@value') ?? 'none');
  if (!Number.isSafeInteger(version) || version < 1)
    faults.add('versionNumber@value', 'version', 'is no whole number from 1');
  if (at('id@extension') !== undefined)
    faults.add('id@extension', 'document-id', 'must be left out: a document is named by an OID alone');
  return {
    oid: faults.oid(at('id@root'), 'id@root', 'document-id'),
    setId: faults.oid(at('setId@root'), 'setId@root', 'set-id'),
    version,
    ...readType(root, documents, faults),
    title: at('title') ?? '',
    language: at('languageCode@code') ?? '',
    effectiveTime: faults.time(at('effectiveTime@value'), 'effectiveTime@value', 'effective-time'),
    authors: readAuthors(root, faults),
    patient: readPatient(root, rules.identity.hetuIssuer, faults),
    controllerOid: faults.oid(at(documents.fields.controller), documents.fields.controller, 'controller'),
    controllerName: at('custodian/assignedCustodian/representedCustodianOrganization/name') ?? '',
    ...readRegister(root, documents, faults),
    serviceEventOid: faults.oid(at(documents.fields.serviceEvent), documents.fields.serviceEvent, 'service-event'),
    serviceStartTime: readServiceStart(root, faults),
    ...readReferences(root, documents, faults),
    ...readDisplay(root, documents, faults),
    ...readReplacement(root, documents, version, faults),
  };
}

function readType(root: XmlNode, { templates: known, types }: Rules['documents'], faults: CdaFaults) {
  const templates = valuesAt(root, 'templateId@root');
  if (!templates.some((template) => known.includes(template)))
    faults.add('templateId@root', 'template', `names none of the templates ${known.join(', ')}`);
  const code = codeOf(nodeAt(root, 'code')) ?? { code: '', codeSystem: '', displayName: '' };
  const type = types.find((each) => each.code === code.code && each.codeSystem === code.codeSystem);
  if (type === undefined)
    faults.add(
      'code',
      'document-type',
      `is none of ${types.map((each) => `${each.code} of ${each.codeSystem}`).join(', ')}`,
    );
  return { templates, code, kind: type?.kind ?? 'request' };
}

function readAuthors(root: XmlNode, faults: CdaFaults): CdaAuthor[] {
  const authors = nodesAt(root, 'author');
  if (authors.length === 0) faults.add('author', 'author', 'is missing');
  return authors.map((author, at) => {
    const path = `author[${at + 1}]`;
    const id = nodesAt(author, 'assignedAuthor/id').find(({ attributes }) => (attributes['root'] ?? '') !== '');
    const name = nameOf(nodeAt(author, 'assignedAuthor/assignedPerson/name'));
    if (id === undefined) faults.add(`${path}/assignedAuthor/id`, 'author-id', 'is missing');
    if (name === '') faults.add(`${path}/assignedAuthor/assignedPerson/name`, 'author-name', 'is missing or empty');
    return {
      name,
      idRoot: id?.attributes['root'] ?? '',
      idExtension: id?.attributes['extension'] ?? '',
      time: faults.time(nodeAt(author, 'time')?.attributes['value'], `${path}/time@value`, 'author-time').text,
      organisationOid: valuesAt(author, 'assignedAuthor/representedOrganization/id@root')[0] ?? '',
      organisationName: valuesAt(author, 'assignedAuthor/representedOrganization/name')[0] ?? '',
    };
  });
}

// Parts of a name come marked (given, family), or the name is one text.
function nameOf(name: XmlNode | undefined): string {
  if (name === undefined) return '';
  const parts = [...valuesAt(name, 'given'), ...valuesAt(name, 'family')];
  return (parts.length > 0 ? parts.join(' ') : name.text).trim();
}

function readPatient(root: XmlNode, hetuIssuer: string, faults: CdaFaults): CareDocument['patient'] {
  const path = 'recordTarget/patientRole';
  const roles = nodesAt(root, path);
  const ids = nodesAt(root, `${path}/id`).filter(({ attributes }) => (attributes['extension'] ?? '').trim() !== '');
  if (roles.length > 1)
    faults.add('recordTarget', 'patient', 'is there more than once: a care document is about one patient');
  if (ids.length === 0) faults.add(`${path}/id@extension`, 'patient-id', 'is missing or empty');
  const [id] = ids;
  const hetu = id?.attributes['root'] === hetuIssuer ? parseHetu(id.attributes['extension'] ?? '') : undefined;
  if (hetu !== undefined && 'fault' in hetu)
    faults.add(`${path}/id@extension`, 'patient-id', `is no personal identity code: its ${HETU_FAULTS[hetu.fault]}`);
  const birth = nodeAt(root, `${path}/patient/birthTime`)?.attributes['value'];
  return {
    // As the citizen's own code is written, whatever the case of the check character in the document.
    id: hetu !== undefined && 'hetu' in hetu ? hetu.hetu.text : (id?.attributes['extension'] ?? '').trim(),
    idRoot: id === undefined ? '' : faults.oid(id.attributes['root'], `${path}/id@root`, 'patient-id'),
    familyName: valuesAt(root, `${path}/patient/name/family`).join(' '),
    givenNames: faults.required(
      valuesAt(root, `${path}/patient/name/given`).join(' '),
      `${path}/patient/name/given`,
      'patient-name',
    ),
    birthDate: birth === undefined ? '' : faults.time(birth, `${path}/patient/birthTime@value`, 'birth-time').date,
    sex: nodeAt(root, `${path}/patient/administrativeGenderCode`)?.attributes['code'] ?? '',
  };
}

function readRegister(root: XmlNode, documents: Rules['documents'], faults: CdaFaults) {
  const { register, registerSpecifier } = documents.fields;
  const registerCode = faults.required(valuesAt(root, register)[0], register, 'register');
  if (registerCode !== '' && !documents.registers.includes(registerCode))
    faults.add(register, 'register', `is none of ${documents.registers.join(', ')}`);
  const specifier = valuesAt(root, registerSpecifier)[0] ?? '';
  if (documents.refusedSpecifiers.some((pattern) => new RegExp(pattern, 'u').test(specifier)))
    faults.add(
      registerSpecifier,
      'register-specifier',
      'is a business id or a personal identity code: write an OID or a name',
    );
  return { registerCode, registerSpecifier: specifier };
}

function readServiceStart(root: XmlNode, faults: CdaFaults): string {
  const path = 'documentationOf/serviceEvent/effectiveTime';
  const time = nodeAt(root, path);
  const value = nodeAt(time, 'low')?.attributes['value'] ?? time?.attributes['value'];
  return value === undefined ? '' : faults.time(value, path, 'service-time').text;
}

function readReferences(root: XmlNode, { fields }: Rules['documents'], faults: CdaFaults) {
  const studyUids = [...new Set(valuesAt(root, fields.studyUid))];
  if (!studyUids.every(isStrictUid)) faults.add(fields.studyUid, 'study-uid', 'is no UID (PS3.5 9.1)');
  const accessionNumbers = [...new Set(valuesAt(root, fields.accessionNumber))];
  // PS3.3 C.7.2.1: Accession Number is SH.
  if (accessionNumbers.some((number) => number.length > 16 || /[\\\p{Cc}]/u.test(number)))
    faults.add(fields.accessionNumber, 'accession-number', 'has more than 16 characters or a backslash');
  const examinations = nodesAt(root, fields.examination).flatMap((node) => codeOf(node) ?? []);
  return { studyUids, accessionNumbers, examinations };
}

function readDisplay(root: XmlNode, documents: Rules['documents'], faults: CdaFaults) {
  const { displayFrom, minorCapacity } = documents.fields;
  const day = valuesAt(root, displayFrom)[0];
  if (day !== undefined && cdaTime(day)?.date.length !== 8)
    faults.add(displayFrom, 'display-from', 'is no day such as 20260131');
  const capacity = valuesAt(root, minorCapacity)[0];
  if (capacity !== undefined && !documents.minorCapacityCodes.includes(capacity))
    faults.add(minorCapacity, 'minor-capacity', `is none of ${documents.minorCapacityCodes.join(', ')}`);
  return {
    displayFrom: day === undefined ? null : day.slice(0, 8),
    minorCapacity: capacity === undefined ? null : Number(capacity),
  };
}

function readReplacement(root: XmlNode, documents: Rules['documents'], version: number, faults: CdaFaults) {
  const related = nodesAt(root, 'relatedDocument').find(({ attributes }) => attributes['typeCode'] === 'RPLC');
  const parent = related === undefined ? undefined : nodeAt(related, 'parentDocument/id')?.attributes['root'];
  const path = 'relatedDocument/parentDocument/id@root';
  const replaces = related === undefined ? null : faults.oid(parent, path, 'replaced-document');
  if (version > 1 && replaces === null)
    faults.add(
      'relatedDocument',
      'replaced-document',
      'is missing: a version after the first names the one it replaces (typeCode RPLC)',
    );
  if (version === 1 && replaces !== null)
    faults.add('versionNumber@value', 'version', 'is 1 in a document that replaces another');
  const status = valuesAt(root, documents.fields.status)[0] ?? '';
  const invalidates = documents.invalidatedStatus.includes(status);
  if (invalidates && replaces === null)
    faults.add('relatedDocument', 'invalidated-document', 'is missing: what shall be invalid?');
  return { replaces, invalidates };
}
