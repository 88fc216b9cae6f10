import type { XmlNode } from './xml-node.ts';

/** Media types of what is written into the document itself (data type ED), each once: '' for bytes that name none. */
export function embeddedTypes(root: XmlNode): string[] {
  const types = new Set<string>();
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { mediaType, representation } = node.attributes;
    if (node.text !== '' && (mediaType !== undefined || representation === 'B64'))
      types.add((mediaType ?? '').trim().toLowerCase());
    waiting.push(...node.children);
  }
  return [...types].toSorted();
}
