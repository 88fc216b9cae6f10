import iconv from 'iconv-lite';

const HIGH_BYTES = Buffer.from(Array.from({ length: 128 }, (_, i) => i + 0x80));
const REPLACEMENT = '\ufffd';

/** The upper half of a single-byte coding, as a table that is made when it is first needed. */
export class SingleByteSet {
  readonly #encoding: string;
  #chars: readonly string[] | undefined;
  #bytes: ReadonlyMap<string, number> | undefined;

  /** `encoding` as iconv-lite names it. */
  constructor(encoding: string) {
    this.#encoding = encoding;
  }

  /** The character of a byte 80-FF; U+FFFD where there is none. */
  char(byte: number): string {
    this.#chars ??= Array.from(iconv.decode(HIGH_BYTES, this.#encoding, { stripBOM: false }));
    return this.#chars[byte - 0x80] ?? REPLACEMENT;
  }

  /** The byte A0-FF of a character; the controls below it are no text. */
  byte(char: string): number | undefined {
    this.#bytes ??= new Map(
      Array.from({ length: 96 }, (_, i): [string, number] => [this.char(i + 0xa0), i + 0xa0]).filter(
        ([known]) => known !== REPLACEMENT,
      ),
    );
    return this.#bytes.get(char);
  }

  decode(bytes: Buffer): string {
    let text = '';
    for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : this.char(byte);
    return text;
  }

  /** Undefined when a character is neither ASCII nor in the upper half. */
  encode(text: string): Buffer | undefined {
    const bytes = Buffer.alloc(text.length);
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      const byte = code < 0x80 ? code : this.byte(text[i]!);
      if (byte === undefined) return undefined;
      bytes[i] = byte;
    }
    return bytes;
  }
}
