import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { readCda, readPdfBody } from './cda-reader.ts';
import { CdaError } from './cda-errors.ts';
import { sampleCda } from './sample/sample-cda.ts';
import { sampleSet } from './sample/sample-set.ts';
import { XML_LIMITS } from './xml-reader.ts';

const PROFILE = loadProfile(shippedFile(DEFAULT_PROFILE));
const SET = sampleSet();
const ENTRY = sampleCda(SET.find(({ name }) => name === 'fi-2-entry-v1.xml')!.document, PROFILE);

const read = (text: string | Buffer) => readCda([Buffer.from(text)], PROFILE);

async function faultsOf(
  text: string | Buffer,
  limits = XML_LIMITS,
): Promise<{ code: string; rules: string[]; paths: string[] }> {
  const error: unknown = await readCda([Buffer.from(text)], PROFILE, limits).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CdaError)) throw new Error(`no CdaError but ${String(error)}`);
  return { code: error.code, rules: error.faults.map(({ rule }) => rule), paths: error.faults.map(({ path }) => path) };
}

test('each sample document is read, whatever the blocks it comes in', async () => {
  for (const { document } of SET) {
    const bytes = Buffer.from(sampleCda(document, PROFILE));
    const whole = await readCda([bytes], PROFILE);
    const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect(await readCda(single, PROFILE)).toEqual(whole);
    expect(whole).toMatchObject({
      oid: document.oid,
      setId: document.setId,
      version: document.version,
      kind: document.kind,
      language: document.language,
      replaces: document.replaces ?? null,
      invalidates: false,
      patient: { id: document.patient.id, idRoot: '1.2.246.21', familyName: document.patient.family },
      serviceEventOid: document.serviceEventOid,
      studyUids: document.studyUid === undefined ? [] : [document.studyUid],
      accessionNumbers: [document.accessionNumber],
      examinations: [document.examination],
      displayFrom: document.displayFrom ?? null,
      minorCapacity: document.minorCapacity ?? null,
    });
    expect(whole.authors).toMatchObject([{ name: 'Keksitty Kirjaaja', idRoot: '1.2.246.537.26' }]);
    expect(whole.sections[0]?.text.split('\n')).toHaveLength(2);
  }
});

test('namespaces count, prefixes do not; a foreign element of the same name is not taken', async () => {
  const prefixed = ENTRY.replaceAll(/<(\/?)(?!fi:|\?|!|\/)/g, '<$1h:').replace(
    'xmlns="urn:hl7-org:v3"',
    'xmlns:h="urn:hl7-org:v3"',
  );
  expect(await read(prefixed)).toEqual(await read(ENTRY));
  expect((await faultsOf(ENTRY.replace('<setId', '<setId xmlns="urn:other"'))).rules).toEqual(['set-id']);
  expect((await faultsOf(ENTRY.replace('xmlns="urn:hl7-org:v3"', ''))).rules).toEqual(['root']);
});

test('a personal identity code is kept in capitals, as registers and citizens write it', async () => {
  const { id } = (await read(ENTRY)).patient;
  expect(id).toMatch(/^[\d-]{10}[A-Z]$/);
  expect((await read(ENTRY.replace(id, id.toLowerCase()))).patient.id).toBe(id);
});

test('narrative text keeps its lines and loses its marks', async () => {
  const text =
    '<text>One <content ID="a">two</content><br/>three<table><tbody><tr><td>four</td><td> five</td></tr><tr><td>six</td></tr></tbody></table></text>';
  const { sections } = await read(ENTRY.replace(/<text>.*<\/text>/s, text));
  expect(sections[0]?.text).toBe('One two\nthree\nfour five\nsix');
});

test.for([
  ['billion laughs', `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(10)}">]>`, 'XML_DOCTYPE'],
  ['an external entity', '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>', 'XML_DOCTYPE'],
  ['an external DTD', '<!DOCTYPE l SYSTEM "http://127.0.0.1:1/x.dtd">', 'XML_DOCTYPE'],
  ['a document type without anything in it', '<!DOCTYPE ClinicalDocument>', 'XML_DOCTYPE'],
] as const)('%s is refused', async ([, doctype, code]) => {
  expect((await faultsOf(ENTRY.replace('<ClinicalDocument', `${doctype}<ClinicalDocument`))).code).toBe(code);
});

test.for([
  ['an entity that nobody declared', ENTRY.replace('<title>', '<title>&laughs;'), 'XML_ENTITY'],
  ['an encoding that is no UTF-8 by its own word', ENTRY.replace('UTF-8', 'ISO-8859-1'), 'XML_ENCODING'],
  ['Latin-1 bytes', Buffer.from(ENTRY.replace('Keksitty', 'Åland'), 'latin1'), 'XML_ENCODING'],
  ['UTF-16', Buffer.from(`\uFEFF${ENTRY}`, 'utf16le'), 'XML_ENCODING'],
  ['a character cut in two at the end', Buffer.concat([Buffer.from(ENTRY), Buffer.from([0xc3])]), 'XML_ENCODING'],
  ['half a document', ENTRY.slice(0, ENTRY.length / 2), 'XML_MALFORMED'],
  ['something behind the end', `${ENTRY}<a/>`, 'XML_MALFORMED'],
  ['no document', '', 'XML_MALFORMED'],
  ['a NUL', ENTRY.replace('<title>', '<title>\0'), 'XML_MALFORMED'],
  ['an undeclared prefix', ENTRY.replace('<title>', '<title x:y="1">'), 'XML_MALFORMED'],
  ['the same attribute twice', ENTRY.replace('<title>', '<title a="1" a="2">'), 'XML_MALFORMED'],
  ['deep nesting', ENTRY.replace('<title>', `${'<b>'.repeat(5000)}<title>`), 'XML_TOO_DEEP'],
  [
    'many attributes',
    ENTRY.replace('<title>', `<title ${Array.from({ length: 99 }, (_, at) => `a${at}="1"`).join(' ')}>`),
    'XML_TOO_MANY_ATTRIBUTES',
  ],
] as const)('%s is refused', async ([, text, code]) => {
  expect((await faultsOf(text)).code).toBe(code);
});

test('a value has a limit, what people read and files that are embedded have not', async () => {
  const long = 'x'.repeat(5000);
  expect(await faultsOf(ENTRY.replace(/<title>[^<]*</, `<title>${long}<`))).toMatchObject({
    code: 'XML_VALUE_TOO_LONG',
    rules: ['value-length'],
    paths: ['ClinicalDocument/title'],
  });
  expect(await faultsOf(ENTRY.replace('<title>', `<title id="${long}">`))).toMatchObject({
    code: 'XML_VALUE_TOO_LONG',
    rules: ['value-length'],
  });
  const text = ENTRY.replace('</paragraph>', `${long}</paragraph>`);
  expect(text).not.toBe(ENTRY);
  await expect(readCda([Buffer.from(text)], PROFILE)).resolves.toBeDefined();
});

test('size and number of elements have limits', async () => {
  expect((await faultsOf(ENTRY, { ...XML_LIMITS, bytes: 1000 })).code).toBe('XML_TOO_LARGE');
  expect((await faultsOf(ENTRY, { ...XML_LIMITS, elements: 20 })).code).toBe('XML_TOO_MANY_ELEMENTS');
});

test.for([
  [/<templateId [^>]*>/, '', 'template', 'ClinicalDocument/templateId@root'],
  [/<id root="1.2.246.537.26"[^>]*>/, '', 'author-id', 'ClinicalDocument/author[1]/assignedAuthor/id'],
  [
    /<given>Keksitty<.given><family>Kirjaaja<.family>/,
    '',
    'author-name',
    'ClinicalDocument/author[1]/assignedAuthor/assignedPerson/name',
  ],
  [
    /<author><time value="(\d+)\+0200"/,
    '<author><time value="$1"',
    'author-time-zone',
    'ClinicalDocument/author[1]/time@value',
  ],
  [
    /birthTime value="\d+"/,
    'birthTime value="198101010700"',
    'birth-time-zone',
    'ClinicalDocument/recordTarget/patientRole/patient/birthTime@value',
  ],
  [
    /effectiveTime value="\d+\+0200"/,
    'effectiveTime value="20261341"',
    'effective-time',
    'ClinicalDocument/effectiveTime@value',
  ],
  [/versionNumber value="1"/, 'versionNumber value="2"', 'replaced-document', 'ClinicalDocument/relatedDocument'],
  [/versionNumber value="1"/, 'versionNumber value="0"', 'version', 'ClinicalDocument/versionNumber@value'],
  [/code="KUV-[A-Z]+"/, 'code="OTHER"', 'document-type', 'ClinicalDocument/code'],
  [/register code="2"/, 'register code="3"', 'register', 'ClinicalDocument/fi:localHeader/fi:register@code'],
  [
    /(<fi:register .*)/,
    '$1<fi:registerSpecifier value="1234567-8"/>',
    'register-specifier',
    'ClinicalDocument/fi:localHeader/fi:registerSpecifier@value',
  ],
  [
    /<serviceEvent><id root="[\d.]+"/,
    '<serviceEvent><id root="1.02.3"',
    'study-uid',
    'ClinicalDocument/documentationOf/serviceEvent/id@root',
  ],
  [
    /<encompassingEncounter><id[^>]*>/,
    '<encompassingEncounter>',
    'service-event',
    'ClinicalDocument/componentOf/encompassingEncounter/id@root',
  ],
  [/extension="010181-900C"/, '', 'patient-id', 'ClinicalDocument/recordTarget/patientRole/id@extension'],
  [
    /(<fi:register .*)/,
    '$1<fi:minorCapacity code="5"/>',
    'minor-capacity',
    'ClinicalDocument/fi:localHeader/fi:minorCapacity@code',
  ],
  [/<text>.*<\/text>/s, '', 'body', 'ClinicalDocument/component'],
] as const)('%s → %s names element and rule %s', async ([what, by, rule, path]) => {
  expect(ENTRY).toMatch(what);
  expect(await faultsOf(ENTRY.replace(what, by))).toEqual({ code: 'CDA_INVALID', rules: [rule], paths: [path] });
});

test('all faults are told at once, and no value of the patient’s with them', async () => {
  const wrong = ENTRY.replace(/<setId[^>]*>/, '')
    .replace(/<author>.*?<\/author>/s, '')
    .replace('19810101', '1981-13');
  const error: unknown = await read(wrong).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ faults: [{ rule: 'set-id' }, { rule: 'author' }, { rule: 'birth-time' }] });
  expect(String(error)).not.toMatch(/010181|Testinen|1981/);
});

test('a PDF in place of sections is given as it is', async () => {
  const pdf = Buffer.from('%PDF-1.4\n…\n%%EOF');
  const lines = pdf.toString('base64').replace(/(.{8})/g, '$1\n');
  const body = `<component><nonXMLBody><text mediaType="application/pdf" representation="B64">${lines}</text></nonXMLBody></component>`;
  const whole = ENTRY.replace(/<component>\s*<structuredBody>.*<\/structuredBody>\s*<\/component>/s, body);
  expect((await read(whole)).sections).toEqual([]);
  expect(await readPdfBody([Buffer.from(whole)], PROFILE)).toEqual(pdf);
  expect(await readPdfBody([Buffer.from(ENTRY)], PROFILE)).toBeUndefined();
});

test('what is embedded is told by its type, also in entries and without a type; what is only referred to is not', async () => {
  const entry = (ed: string) =>
    `<section><title>T</title><text>x</text><entry><observationMedia classCode="OBS" moodCode="EVN">${ed}</observationMedia></entry>`;
  const embedded = async (ed: string) => (await read(ENTRY.replace('<section>', entry(ed)))).embedded;
  expect(await embedded('')).toEqual([]);
  expect(await embedded('<value mediaType="image/JPEG" representation="B64">/9j/</value>')).toEqual(['image/jpeg']);
  expect(await embedded('<value representation="B64">/9j/</value>')).toEqual(['']);
  expect(await embedded('<value mediaType="image/png"><reference value="urn:x"/></value>')).toEqual([]);
});
