import { encodeText } from './character-sets.ts';
import { dataSetOf, sequence, text } from './data-set.ts';
import type { Element } from './data-set.ts';
import { encodeElements } from './data-set-encoder.ts';
import { deflated, inflated } from './deflated-stream.ts';
import { ElementSplicer } from './element-splicer.ts';
import type { Edits } from './element-splicer.ts';
import { RecodeError } from './element-transcoder.ts';
import type { Coding } from './element-transcoder.ts';
import { TAG } from './tags.ts';
import { transferSyntax } from './transfer-syntaxes.ts';
import { isStrictUid } from './uid-syntax.ts';

/** Who a patient is, as objects say it (PS3.3 C.7.1.1 and C.2.2): Unicode text, birth date YYYYMMDD; '' for what is not known. */
export interface PatientIdentity {
  readonly patientId: string;
  /** Issuer of Patient ID; an OID is told in its qualifiers, too. */
  readonly issuer: string;
  readonly name: string;
  readonly birthDate: string;
  readonly sex: string;
}

/** What else an object may say about who the patient is, and would say of somebody else. */
const OF_SOMEBODY_ELSE = [
  TAG.TypeOfPatientID,
  TAG.PatientBirthTime,
  TAG.OtherPatientIDs,
  TAG.OtherPatientNames,
  TAG.OtherPatientIDsSequence,
  TAG.PatientBirthName,
  TAG.PatientAddress,
  TAG.PatientMotherBirthName,
  TAG.PatientTelephoneNumbers,
];
const LATIN_1 = 'ISO_IR 100';

/**
 * A data set (without file meta information) as a stream that says this of its patient, and is otherwise the same, byte for byte.
 * Memory is a few blocks, whatever the size. @throws RecodeError CHARSET when the object's character set cannot write the name or id
 */
export async function* withIdentity(
  source: AsyncIterable<Buffer>,
  transferSyntaxUid: string,
  identity: PatientIdentity,
): AsyncGenerator<Buffer> {
  const syntax = transferSyntax(transferSyntaxUid);
  if (syntax === undefined)
    throw new RecodeError('UNSUPPORTED', `No correction of an object in ${transferSyntaxUid}`, { transferSyntaxUid });
  const told = spliced(syntax.deflated ? inflated(source) : source, syntax, identity);
  yield* syntax.deflated ? deflated(told) : told;
}

async function* spliced(source: AsyncIterable<Buffer>, coding: Coding, identity: PatientIdentity) {
  const splicer = new ElementSplicer(coding, (charset) => identityEdits(identity, charset, coding));
  for await (const chunk of source) yield* splicer.write(chunk);
  yield* splicer.end();
}

/** The elements that make an object of this character set the patient's. @throws RecodeError CHARSET */
function identityEdits(identity: PatientIdentity, charset: string, coding: Coding): Edits {
  // An object that declares none has what is plain, or what its sender meant as Latin 1: declaring that changes none of its texts.
  const charsets = charset === '' || charset === 'ISO_IR 6' ? [charset, LATIN_1] : [charset];
  for (const spelling of [identity, { ...identity, name: withoutAccents(identity.name) }]) {
    for (const written of charsets) {
      const elements = identityElements(spelling, written);
      if (elements === undefined) continue;
      const edits = new Map<number, Buffer | undefined>(OF_SOMEBODY_ELSE.map((tag) => [tag, undefined]));
      edits.set(TAG.IssuerOfPatientID, undefined).set(TAG.IssuerOfPatientIDQualifiersSequence, undefined);
      if (written !== charset) elements.push(text(TAG.SpecificCharacterSet, 'CS', written, ''));
      for (const element of elements) edits.set(element.tag, encoded(element, coding));
      return new Map([...edits].toSorted(([a], [b]) => a - b));
    }
  }
  throw new RecodeError(
    'CHARSET',
    `The patient's name or id cannot be written in the character set of the object (${charset === '' ? 'the default' : charset})`,
    { charset },
  );
}

/** Undefined when the character set lacks one of their characters. Empty values stay as empty elements: type 2 (PS3.3 C.7-1). */
function identityElements(identity: PatientIdentity, charset: string): Element[] | undefined {
  const { patientId, issuer, name, birthDate, sex } = identity;
  if ([name, patientId, issuer].some((value) => encodeText(value, charset, 'LO') === undefined)) return undefined;
  const elements: Element[] = [
    text(TAG.PatientName, 'PN', name, charset),
    text(TAG.PatientID, 'LO', patientId, charset),
    text(TAG.PatientBirthDate, 'DA', birthDate, charset),
    text(TAG.PatientSex, 'CS', sex, charset),
  ];
  if (issuer === '') return elements;
  elements.push(text(TAG.IssuerOfPatientID, 'LO', issuer, charset));
  if (!isStrictUid(issuer)) return elements;
  const qualifiers = dataSetOf(
    text(TAG.UniversalEntityID, 'UT', issuer, charset),
    text(TAG.UniversalEntityIDType, 'CS', 'ISO', charset),
  );
  elements.push(sequence(TAG.IssuerOfPatientIDQualifiersSequence, [qualifiers]));
  return elements;
}

function encoded(element: Element, { explicit, littleEndian }: Coding): Buffer {
  const parts: Buffer[] = [];
  encodeElements(parts, dataSetOf(element), explicit, littleEndian);
  return Buffer.concat(parts);
}

function withoutAccents(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '');
}
