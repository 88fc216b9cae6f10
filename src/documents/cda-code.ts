import type { CdaCode } from './care-document.ts';
import type { XmlNode } from './xml-node.ts';

/** The coded value of an element; null without a code. */
export function codeOf(node: XmlNode | undefined): CdaCode | null {
  const code = node?.attributes['code']?.trim() ?? '';
  if (node === undefined || code === '') return null;
  return {
    code,
    codeSystem: node.attributes['codeSystem']?.trim() ?? '',
    displayName: node.attributes['displayName']?.trim() ?? '',
  };
}
