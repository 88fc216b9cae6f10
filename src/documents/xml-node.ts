/** An element as the reader keeps it. Names are local; a namespace other than HL7's is a prefix that the profile gives it. */
export interface XmlNode {
  readonly name: string;
  /** Attributes without a namespace, by name, and `xsi:type`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** Own character data, trimmed; of a narrative all that is in it, a line a paragraph. */
  readonly text: string;
}

/** Every element at a path below `node`, such as `recordTarget/patientRole/id`. */
export function nodesAt(node: XmlNode, path: string): readonly XmlNode[] {
  let found: readonly XmlNode[] = [node];
  for (const name of path.split('/'))
    found = found.flatMap(({ children }) => children.filter((child) => child.name === name));
  return found;
}

/** The first element at a path. */
export function nodeAt(node: XmlNode | undefined, path: string): XmlNode | undefined {
  return node === undefined ? undefined : nodesAt(node, path)[0];
}

/** All values at a path: `a/b@c` are attributes, `a/b` texts. Empty ones are left out. */
export function valuesAt(node: XmlNode, path: string): string[] {
  const [elements = '', attribute] = path.split('@');
  return nodesAt(node, elements)
    .map((found) => (attribute === undefined ? found.text : (found.attributes[attribute] ?? '')).trim())
    .filter((value) => value !== '');
}
