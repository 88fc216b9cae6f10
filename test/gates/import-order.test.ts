import { expect, test } from 'vitest';
import { PlantedProject } from './planted-project.ts';

type Pair = readonly [from: string, to: string];

// Places are told apart by the folder, so each pair gets a file name of its own and all are linted in one run.
function lintPairs(pairs: readonly Pair[]) {
  using project = new PlantedProject();
  for (const [from, to] of pairs) {
    project.write(to, 'export const x = 1;\n');
    project.write(from, `import { x } from '${'../'.repeat(from.split('/').length - 1)}${to}';\nexport const y = x;\n`);
  }
  return project.lint();
}

const ALLOWED: readonly Pair[] = [
  ['src/dimse/a.ts', 'src/dicom/uids.ts'],
  ['src/store/a.ts', 'src/core/errors.ts'],
  ['src/ingest.ts', 'src/index/b.ts'],
  ['src/retrieve.ts', 'src/retrieve/route.ts'],
  ['src/node.ts', 'src/services/c-store.ts'],
  ['src/main.ts', 'src/commands/b.ts'],
  ['src/dicom/a.test.ts', 'test/support/b.ts'],
  ['src/citizen/b.ts', 'src/documents/a.ts'],
];

const REFUSED: readonly Pair[] = [
  ['src/core/a.ts', 'src/config/b.ts'],
  ['src/dicom/a.ts', 'src/dimse/b.ts'],
  ['src/dimse/ul/a.ts', 'src/store/b.ts'],
  ['src/store/a.ts', 'src/ingest.ts'],
  ['src/index/a.ts', 'src/services/b.ts'],
  ['src/store/c.ts', 'src/index/b.ts'],
  ['src/config/a.ts', 'src/observability/b.ts'],
  ['src/services/a.ts', 'src/commands/b.ts'],
  ['src/commands/a.ts', 'src/node.ts'],
  ['src/cli.ts', 'src/main.ts'],
  ['src/unheard-of/a.ts', 'src/core/errors.ts'],
  ['src/dicom/c.ts', 'test/support/b.ts'],
  ['test/bench/a.ts', 'src/dimse/b.ts'],
  // No way to an image from what a citizen sees, though these lie lower.
  ['src/citizen/a.ts', 'src/store/b.ts'],
  ['src/citizen/c.ts', 'src/retrieve/b.ts'],
  ['src/citizen/d.ts', 'src/dimse/b.ts'],
];

test('a file imports from its own place and from lower ones', () => {
  const report = lintPairs(ALLOWED);
  expect(ALLOWED.flatMap(([from]) => report.of(from))).toEqual([]);
  expect(report.accepted).toBe(true);
});

test('a file imports nothing higher, no sibling, no test, nothing without a place', () => {
  const report = lintPairs(REFUSED);
  const found = REFUSED.map(([from]) => [from, ...report.of(from).map((line) => line.split(':')[0])]);
  expect(found).toEqual(REFUSED.map(([from]) => [from, 'kuva(import-order)']));
  expect(report.accepted).toBe(false);
});

test.each([
  ['a type', "import type { x } from '../dimse/b.ts';"],
  ['a dynamic import', "const { x } = await import('../dimse/b.ts');"],
  ['a re-export', "const x = 1;\nexport { x as z } from '../dimse/b.ts';"],
  ['a type of an import', "const x: typeof import('../dimse/b.ts').x = 1;"],
  ['the URL of a worker', "const x = new URL('../dimse/b.ts', import.meta.url);"],
])('%s counts as an import', (_name, statement) => {
  using project = new PlantedProject();
  project.write('src/dimse/b.ts', 'export const x = 1;\n');
  project.write('src/dicom/a.ts', `${statement}\nexport type Y = typeof x;\n`);
  const report = project.lint();
  expect(report.of('src/dicom/a.ts').join()).toContain('kuva(import-order): dicom must not import dimse');
  expect(report.accepted).toBe(false);
});

test('only its adapter imports a package that has one', () => {
  using project = new PlantedProject();
  const text = "import Sqlite from 'better-sqlite3';\nexport const open = (path: string) => new Sqlite(path);\n";
  project.write('src/index/a.ts', text);
  project.write('src/store/a.ts', text);
  const report = project.lint();
  expect(report.of('src/index/a.ts')).toEqual([]);
  expect(report.of('src/store/a.ts').join()).toContain('may import better-sqlite3');
  expect(report.accepted).toBe(false);
});

test('imports in a circle are refused', () => {
  using project = new PlantedProject();
  project.write('src/core/a.ts', "import { b } from './b.ts';\nexport const a = () => b;\n");
  project.write('src/core/b.ts', "import { a } from './a.ts';\nexport const b = () => a;\n");
  const report = project.lint();
  expect(report.of('src/core/a.ts').join()).toContain('no-cycle');
  expect(report.accepted).toBe(false);
});
