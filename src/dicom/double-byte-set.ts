import iconv from 'iconv-lite';

const SIZE = 94;
const FIRST = 0x21;
const NEWLINE = 0x0a;

/** Where a double-byte set comes from, and which of its cells are the set proper and not a vendor's addition. */
export interface DoubleByteSource {
  /** An EUC coding as iconv-lite names it, in which the set's bytes have the high bit. */
  readonly encoding: string;
  /** Bytes before each character in that coding. */
  readonly prefix: readonly number[];
  /** Whether a cell (row and column, 1 to 94) may be written. All cells are read. */
  readonly proper: (row: number, column: number) => boolean;
  /** Characters with two mappings in Unicode: the other one to the one that is decoded. */
  readonly variants: ReadonlyMap<string, string>;
}

/** A 94 x 94 set of ISO 2022, as tables that are made when they are first needed. Codes have two 7-bit bytes. */
export class DoubleByteSet {
  readonly #source: DoubleByteSource;
  #chars: readonly (string | undefined)[] | undefined;
  #codes: ReadonlyMap<string, number> | undefined;

  constructor(source: DoubleByteSource) {
    this.#source = source;
  }

  #table(): readonly (string | undefined)[] {
    if (this.#chars !== undefined) return this.#chars;
    const { encoding, prefix } = this.#source;
    // One character a line, so that cells without one cannot shift the others.
    const all = Array.from({ length: SIZE * SIZE }, (_, i) => [
      ...prefix,
      Math.floor(i / SIZE) + FIRST + 0x80,
      (i % SIZE) + FIRST + 0x80,
      NEWLINE,
    ]);
    const lines = iconv.decode(Buffer.from(all.flat()), encoding).split('\n');
    this.#chars = lines.map((line) => (line.includes('\ufffd') || Array.from(line).length !== 1 ? undefined : line));
    return this.#chars;
  }

  /** The character of two bytes 21-7E, or undefined. */
  char(first: number, second: number): string | undefined {
    if (first < FIRST || second < FIRST || first >= FIRST + SIZE || second >= FIRST + SIZE) return undefined;
    return this.#table()[(first - FIRST) * SIZE + second - FIRST];
  }

  /** The two 7-bit bytes of a character as one number, or undefined. */
  code(char: string): number | undefined {
    if (this.#codes === undefined) {
      const codes = new Map<string, number>();
      for (const [index, known] of this.#table().entries()) {
        const row = Math.floor(index / SIZE);
        const column = index % SIZE;
        if (known !== undefined && !codes.has(known) && this.#source.proper(row + 1, column + 1))
          codes.set(known, ((row + FIRST) << 8) | (column + FIRST));
      }
      this.#codes = codes;
    }
    return this.#codes.get(char) ?? this.#codes.get(this.#source.variants.get(char) ?? '');
  }
}
