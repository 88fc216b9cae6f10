import { expect, test } from 'vitest';
import { PlantedProject } from './planted-project.ts';

/** Lints one file that imports one other, both valid but for that import. */
function lintImport(from: string, to: string, statement = (path: string) => `import { x } from '${path}';`) {
  using project = new PlantedProject();
  const up = '../'.repeat(from.split('/').length - 1);
  project.write(to, 'export const x = 1;\n');
  project.write(from, `${statement(`${up}${to}`)}\nexport const y = x;\n`);
  return project.lint();
}

test.each([
  ['src/dimse/a.ts', 'src/dicom/uids.ts'],
  ['src/store/a.ts', 'src/core/errors.ts'],
  ['src/ingest.ts', 'src/index/b.ts'],
  ['src/retrieve.ts', 'src/retrieve/route.ts'],
  ['src/node.ts', 'src/services/c-store.ts'],
  ['src/main.ts', 'src/node.ts'],
  ['src/dicom/a.test.ts', 'test/support/b.ts'],
])('%s may import %s', (from, to) => {
  const { accepted, output } = lintImport(from, to);
  expect(output).not.toContain('import-order');
  expect(accepted).toBe(true);
});

test.each([
  ['src/core/a.ts', 'src/config/b.ts'],
  ['src/dicom/a.ts', 'src/dimse/b.ts'],
  ['src/dimse/ul/a.ts', 'src/store/b.ts'],
  ['src/store/a.ts', 'src/ingest.ts'],
  ['src/index/a.ts', 'src/services/b.ts'],
  ['src/store/a.ts', 'src/index/b.ts'],
  ['src/config/a.ts', 'src/observability/b.ts'],
  ['src/services/a.ts', 'src/commands/b.ts'],
  ['src/commands/a.ts', 'src/node.ts'],
  ['src/node.ts', 'src/main.ts'],
  ['src/unheard-of/a.ts', 'src/core/errors.ts'],
  ['src/dicom/a.ts', 'test/support/b.ts'],
  ['test/bench/a.ts', 'src/dimse/b.ts'],
])('%s must not import %s', (from, to) => {
  const { accepted, output } = lintImport(from, to);
  expect(output).toContain('kuva(import-order)');
  expect(accepted).toBe(false);
});

test.each([
  ['a type', (path: string) => `import type { x } from '${path}';`],
  ['a dynamic import', (path: string) => `const { x } = await import('${path}');`],
  ['a re-export', (path: string) => `const x = 1;\nexport { x as z } from '${path}';`],
  ['a type of an import', (path: string) => `const x: typeof import('${path}').x = 1;`],
  ['the URL of a worker', (path: string) => `const x = new URL('${path}', import.meta.url);`],
])('%s counts as an import', (_name, statement) => {
  const { accepted, output } = lintImport('src/dicom/a.ts', 'src/dimse/b.ts', statement);
  expect(output).toContain('kuva(import-order)');
  expect(accepted).toBe(false);
});

test('only its adapter imports a package that has one', () => {
  using project = new PlantedProject();
  const text = "import Sqlite from 'better-sqlite3';\nexport const open = (path: string) => new Sqlite(path);\n";
  project.write('src/index/a.ts', text);
  expect(project.lint()).toMatchObject({ accepted: true });
  project.write('src/store/a.ts', text);
  const { accepted, output } = project.lint();
  expect(output).toContain('may import better-sqlite3');
  expect(accepted).toBe(false);
});

test('imports in a circle are refused', () => {
  using project = new PlantedProject();
  project.write('src/core/a.ts', "import { b } from './b.ts';\nexport const a = () => b;\n");
  project.write('src/core/b.ts', "import { a } from './a.ts';\nexport const b = () => a;\n");
  const { accepted, output } = project.lint();
  expect(output).toContain('no-cycle');
  expect(accepted).toBe(false);
});
