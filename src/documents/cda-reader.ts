import type { Profile } from '../profile/profile.ts';
import type { CareDocument } from './care-document.ts';
import { CdaError } from './cda-errors.ts';
import { CdaFaults } from './cda-faults.ts';
import { readBody } from './cda-body.ts';
import { readHeader } from './cda-header.ts';
import { embeddedTypes } from './cda-media.ts';
import { XML_LIMITS, XmlReader } from './xml-reader.ts';
import type { XmlLimits } from './xml-reader.ts';
import { nodeAt } from './xml-node.ts';
import type { XmlNode } from './xml-node.ts';

/** Reads a care document from blocks of bytes as they come. @throws CdaError with every fault that was found */
export async function readCda(
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  profile: Pick<Profile, 'documents' | 'identity'>,
  limits: XmlLimits = XML_LIMITS,
): Promise<CareDocument> {
  const reader = new XmlReader(profile.documents.namespaces, limits);
  for await (const block of blocks) reader.push(block);
  return toCareDocument(reader.end(), profile);
}

/** The PDF that a document has in place of sections (CDA R2 nonXMLBody); undefined for a document without one. @throws CdaError */
export async function readPdfBody(
  blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  profile: Pick<Profile, 'documents'>,
  limits: XmlLimits = XML_LIMITS,
): Promise<Buffer | undefined> {
  const reader = new XmlReader(profile.documents.namespaces, limits);
  for await (const block of blocks) reader.push(block);
  const body = nodeAt(reader.end(), 'component/nonXMLBody/text');
  const { mediaType, representation } = body?.attributes ?? {};
  if (body === undefined || mediaType !== 'application/pdf' || representation !== 'B64') return undefined;
  return Buffer.from(body.text, 'base64');
}

function toCareDocument(root: XmlNode, profile: Pick<Profile, 'documents' | 'identity'>): CareDocument {
  if (root.name !== 'ClinicalDocument') {
    const text = 'the root element is not ClinicalDocument of urn:hl7-org:v3: this is no CDA R2 document';
    throw new CdaError('CDA_INVALID', [{ path: root.name, rule: 'root', text }]);
  }
  const faults = new CdaFaults();
  const header = readHeader(root, profile, faults);
  const sections = readBody(root, faults);
  faults.throwIfAny();
  return { ...header, embedded: embeddedTypes(root), sections };
}
