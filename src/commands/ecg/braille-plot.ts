// A cell has two columns of four dots; bits of U+2800 by column, from the top.
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** Draws with dots of a quarter of a line: `columns` x `lines` characters of a terminal. */
export class BraillePlot {
  readonly #columns: number;
  readonly #lines: number;
  readonly #cells: Uint8Array;

  constructor(columns: number, lines: number) {
    this.#columns = columns;
    this.#lines = lines;
    this.#cells = new Uint8Array(columns * lines);
  }

  get width(): number {
    return this.#columns * 2;
  }

  get height(): number {
    return this.#lines * 4;
  }

  /** Sets the dots of a column from one height to another, 0 at the top. What is outside is at the edge. */
  column(x: number, from: number, to: number): void {
    const clamp = (y: number): number => Math.min(this.height - 1, Math.max(0, Math.round(y)));
    const [top, bottom] = [clamp(Math.min(from, to)), clamp(Math.max(from, to))];
    for (let y = top; y <= bottom; y += 1) {
      const cell = (y >> 2) * this.#columns + (x >> 1);
      this.#cells[cell]! |= DOTS[x & 1 ? 1 : 0][y & 3]!;
    }
  }

  /** One text a line. */
  toLines(): string[] {
    return Array.from({ length: this.#lines }, (_, line) =>
      Array.from(this.#cells.subarray(line * this.#columns, (line + 1) * this.#columns), (cell) =>
        String.fromCharCode(0x2800 + cell),
      )
        .join('')
        .replace(/\u2800+$/, ''),
    );
  }
}
