import type { CdaSection } from './care-document.ts';
import type { CdaFaults } from './cda-faults.ts';
import { codeOf } from './cda-code.ts';
import { nodeAt, nodesAt } from './xml-node.ts';
import type { XmlNode } from './xml-node.ts';

/** The sections of a structured body in the order of the document, nested ones behind what they are in. */
export function readBody(root: XmlNode, faults: CdaFaults): CdaSection[] {
  const sections = nodesAt(root, 'component/structuredBody/component/section').flatMap(sectionsOf);
  const hasText = sections.some(({ text }) => text !== '');
  const other = nodeAt(root, 'component/nonXMLBody/text');
  if (!hasText && (other === undefined || other.text === ''))
    faults.add('component', 'body', 'has no section with text, and no other body');
  return sections;
}

function sectionsOf(section: XmlNode): CdaSection[] {
  const own = {
    title: nodeAt(section, 'title')?.text ?? '',
    code: codeOf(nodeAt(section, 'code')),
    text: nodeAt(section, 'text')?.text ?? '',
  };
  return [own, ...nodesAt(section, 'component/section').flatMap(sectionsOf)];
}
