import { expect, test } from 'vitest';
import { PlantedProject } from './planted-project.ts';

function lintFile(path: string, text: string) {
  using project = new PlantedProject();
  project.write(path, text);
  return project.lint();
}

const lines = (count: number) => Array.from({ length: count }, (_, n) => `export const v${n} = ${n};\n`).join('');

test.each([
  ['a file of 300 lines', 'src/core/long.ts', lines(300)],
  ['a table of any length', 'src/core/long-table.ts', lines(900)],
  ['a generated file of any length', 'src/core/long.generated.ts', lines(900)],
])('%s passes', (_name, path, text) => {
  expect(lintFile(path, text)).toMatchObject({ accepted: true });
});

test.each([
  ['a file of 301 lines', 'max-lines', 'src/core/long.ts', lines(301)],
  ['a test of 301 lines', 'max-lines', 'test/support/long.ts', lines(301)],
  [
    'a promise that nobody awaits',
    'no-floating-promises',
    'src/core/a.ts',
    "import { readFile } from 'node:fs/promises';\nexport function a(): void {\n  readFile('x');\n}\n",
  ],
  [
    'an asynchronous listener that nobody awaits',
    'no-misused-promises',
    'src/core/a.ts',
    'export const a = (list: string[]) => {\n  list.forEach(async (x) => {\n    await Promise.resolve(x);\n  });\n};\n',
  ],
  [
    'a switch that forgets a case',
    'switch-exhaustiveness-check',
    'src/core/a.ts',
    "export function a(x: 'p' | 'q'): number {\n  switch (x) {\n    case 'p':\n      return 1;\n  }\n  return 2;\n}\n",
  ],
  ['any', 'no-explicit-any', 'src/core/a.ts', 'export const a = (x: any): unknown => x;\n'],
  ['a default export', 'no-default-export', 'src/core/a.ts', 'export default 1;\n'],
  ['a barrel', 'kuva(no-barrel)', 'src/core/index.ts', 'export const a = 1;\n'],
  ['a re-export', 'kuva(no-barrel)', 'src/core/a.ts', "export { b } from './b.ts';\n"],
  ['a re-export of everything', 'kuva(no-barrel)', 'src/core/a.ts', "export * from './b.ts';\n"],
  ['a file name in camel case', 'filename-case', 'src/core/someThing.ts', 'export const a = 1;\n'],
  ['a built-in without node:', 'prefer-node-protocol', 'src/core/a.ts', "export { sep } from 'path';\n"],
  ['console in the source', 'no-console', 'src/core/a.ts', "export const a = () => console.log('x');\n"],
  ['an exit in the source', 'no-process-exit', 'src/core/a.ts', 'export const a = () => process.exit(1);\n'],
  [
    'a test that runs alone',
    'no-focused-tests',
    'src/core/a.test.ts',
    "import { expect, test } from 'vitest';\ntest.only('x', () => {\n  expect(1).toBe(1);\n});\n",
  ],
])('%s is refused', (_name, rule, path, text) => {
  const { accepted, output } = lintFile(path, text);
  expect(output).toContain(rule);
  expect(accepted).toBe(false);
});
