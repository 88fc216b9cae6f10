import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, release } from 'node:os';
import { dirname } from 'node:path';

export type Cell = string | number;

/** Prints a Markdown table; numbers to three figures. */
export function printTable(title: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const text = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? rounded(cell) : cell)));
  const widths = columns.map((name, n) => Math.max(name.length, ...text.map((row) => row[n]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(' | ')} |`;
  console.log(`\n### ${title}\n`);
  console.log(line(columns));
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  for (const row of text) console.log(line(row));
}

/** Everything measured, with what it was measured on, for the file that `--json` names. */
export function writeJson(path: string | undefined, name: string, results: unknown): void {
  if (path === undefined) return;
  const machine = {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    kernel: release(),
    arch: arch(),
    load: loadavg(),
    node: process.version,
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ bench: name, machine, results }, null, 2)}\n`);
  console.log(`\nwritten: ${path}`);
}

function rounded(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
