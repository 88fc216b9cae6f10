import { SaxesParser } from 'saxes';
import type { SaxesTagNS } from 'saxes';
import { printable } from '../core/text.ts';
import { CdaError } from './cda-errors.ts';
import type { XmlNode } from './xml-node.ts';

export interface XmlLimits {
  /** Bytes of the whole document. */
  readonly bytes: number;
  /** Elements within elements. */
  readonly depth: number;
  readonly elements: number;
  /** Attributes of one element. */
  readonly attributes: number;
  /** Characters of one attribute's value, and of one element's text where it is neither narrative nor an embedded file. */
  readonly value: number;
}

export const XML_LIMITS: XmlLimits = { bytes: 16 << 20, depth: 64, elements: 100_000, attributes: 64, value: 4096 };

const HL7 = 'urn:hl7-org:v3';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
// Elements whose text is what people read, or a file in Base64 (CDA R2 4.3.1.2, observationMedia/value).
const LONG: ReadonlySet<string> = new Set(['text', 'value']);
// Narrative elements that end a line (CDA R2 4.3.5).
const BLOCKS: ReadonlySet<string> = new Set(['paragraph', 'br', 'item', 'tr', 'caption', 'list', 'table']);

interface Open {
  readonly node: { name: string; attributes: Record<string, string>; children: XmlNode[]; text: string };
  /** A narrative or within one: the text of all of it is kept by the outermost, as one. */
  readonly narrative: boolean;
}

/**
 * Reads one XML document as it comes in, byte block by byte block. Strict (XML 1.0 with namespaces), UTF-8 alone. A document type
 * declaration is refused whatever is in it, so that there are no entities but XML's own five, and nothing outside is ever asked for.
 */
export class XmlReader {
  readonly #parser = new SaxesParser({ xmlns: true, defaultXMLVersion: '1.0', forceXMLVersion: true });
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #limits: XmlLimits;
  readonly #open: Open[] = [];
  #root: XmlNode | undefined;
  #bytes = 0;
  #elements = 0;
  #attributes = 0;

  /** `namespaces`: prefix by which a further namespace is known, and its name. */
  constructor(namespaces: Readonly<Record<string, string>>, limits: XmlLimits = XML_LIMITS) {
    this.#prefixes = new Map([
      [HL7, ''],
      ...Object.entries(namespaces).map(([prefix, uri]) => [uri, `${prefix}:`] as const),
    ]);
    this.#limits = limits;
    const parser = this.#parser;
    parser.on('error', (error) => this.#malformed(error));
    parser.on('xmldecl', ({ encoding }) => {
      if (encoding !== undefined && !/^utf-?8$/i.test(encoding))
        this.#fail('XML_ENCODING', 'utf-8', 'the document says that it is not UTF-8: send it in UTF-8');
    });
    parser.on('doctype', () =>
      this.#fail('XML_DOCTYPE', 'no-doctype', 'a document type declaration is not allowed in a care document'),
    );
    parser.on('opentagstart', () => {
      this.#elements += 1;
      this.#attributes = 0;
      if (this.#open.length >= limits.depth)
        this.#fail('XML_TOO_DEEP', 'depth', `more than ${limits.depth} elements within each other`);
      if (this.#elements > limits.elements)
        this.#fail('XML_TOO_MANY_ELEMENTS', 'elements', `more than ${limits.elements} elements`);
    });
    parser.on('attribute', ({ name, value }) => {
      this.#attributes += 1;
      if (value.length > limits.value) this.#tooLong(`${printable(name).slice(0, 64)} has`);
      if (this.#attributes > limits.attributes)
        this.#fail('XML_TOO_MANY_ATTRIBUTES', 'attributes', `an element has more than ${limits.attributes} attributes`);
    });
    parser.on('opentag', (tag) => this.#opened(tag));
    parser.on('text', (text) => this.#text(text));
    parser.on('cdata', (text) => this.#text(text));
    parser.on('closetag', () => this.#closed());
  }

  /** @throws CdaError */
  push(block: Uint8Array): void {
    this.#bytes += block.length;
    if (this.#bytes > this.#limits.bytes)
      this.#fail('XML_TOO_LARGE', 'size', `the document has more than ${this.#limits.bytes} bytes`);
    this.#parser.write(this.#decode(block));
  }

  /** The root element. @throws CdaError */
  end(): XmlNode {
    this.#parser.write(this.#decode());
    this.#parser.close();
    return this.#root ?? this.#fail('XML_MALFORMED', 'well-formed', 'the document has no element');
  }

  #decode(block?: Uint8Array): string {
    try {
      return block === undefined ? this.#decoder.decode() : this.#decoder.decode(block, { stream: true });
    } catch (error) {
      return this.#fail('XML_ENCODING', 'utf-8', 'the document is not UTF-8: send it in UTF-8', error);
    }
  }

  #opened(tag: SaxesTagNS): void {
    const parent = this.#open.at(-1);
    const prefix = this.#prefixes.get(tag.uri);
    const attributes: Record<string, string> = {};
    for (const { uri, local, value } of Object.values(tag.attributes)) {
      if (uri === '') attributes[local] = value;
      else if (uri === XSI && local === 'type') attributes['xsi:type'] = value;
    }
    // An element of a namespace that nobody has named can be nobody's.
    const name = prefix === undefined ? `?:${tag.local}` : `${prefix}${tag.local}`;
    const inNarrative =
      parent !== undefined && (parent.narrative || (parent.node.name === 'section' && name === 'text'));
    if (parent?.narrative === true) {
      if (BLOCKS.has(name)) this.#line(parent.node);
      this.#open.push({ node: { name, attributes: {}, children: [], text: '' }, narrative: true });
      return;
    }
    this.#open.push({ node: { name, attributes, children: [], text: '' }, narrative: inNarrative });
  }

  #closed(): void {
    const { node, narrative } = this.#open.pop()!;
    const parent = this.#open.at(-1);
    if (narrative && parent?.narrative === true) {
      parent.node.text += node.text;
      if (BLOCKS.has(node.name)) this.#line(parent.node);
      return;
    }
    node.text = narrative ? tidy(node.text) : node.text.trim();
    if (parent === undefined) this.#root = node;
    else parent.node.children.push(node);
  }

  #text(text: string): void {
    const open = this.#open.at(-1);
    if (open === undefined) return;
    open.node.text += open.narrative ? text.replaceAll(/\s+/g, ' ') : text;
    if (!open.narrative && !LONG.has(open.node.name) && open.node.text.trim().length > this.#limits.value)
      this.#tooLong('its text has');
  }

  #tooLong(what: string): never {
    return this.#fail('XML_VALUE_TOO_LONG', 'value-length', `${what} more than ${this.#limits.value} characters`);
  }

  #line(node: Open['node']): void {
    if (node.text !== '' && !node.text.endsWith('\n')) node.text += '\n';
  }

  #malformed(error: Error): never {
    // The parser's own sentences name no value, only an element or an entity.
    const text = printable(error.message).slice(0, 200);
    const isEntity = text.includes('undefined entity');
    return this.#fail(
      isEntity ? 'XML_ENTITY' : 'XML_MALFORMED',
      isEntity ? 'no-entities' : 'well-formed',
      isEntity ? `only XML's own five entities are known, ${text}` : `not well-formed XML, ${text}`,
      error,
    );
  }

  #fail(code: string, rule: string, text: string, cause?: unknown): never {
    const path = this.#open.map(({ node }) => node.name).join('/');
    throw new CdaError(code, [{ path: path === '' ? 'document' : path, rule, text }], {}, cause);
  }
}

function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}
