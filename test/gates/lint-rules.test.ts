import { expect, test } from 'vitest';
import { PlantedProject } from './planted-project.ts';

interface Plant {
  readonly what: string;
  readonly rule: string;
  readonly path: string;
  readonly text: string;
}

const lines = (count: number) => Array.from({ length: count }, (_, n) => `export const v${n} = ${n};\n`).join('');

const PLANTS: readonly Plant[] = [
  { what: 'a file of 301 lines', rule: 'max-lines', path: 'src/core/long.ts', text: lines(301) },
  { what: 'a test of 301 lines', rule: 'max-lines', path: 'test/support/long.ts', text: lines(301) },
  {
    what: 'a promise that nobody awaits',
    rule: 'no-floating-promises',
    path: 'src/core/floating.ts',
    text: "import { readFile } from 'node:fs/promises';\nexport function a(): void {\n  readFile('x');\n}\n",
  },
  {
    what: 'an asynchronous listener that nobody awaits',
    rule: 'no-misused-promises',
    path: 'src/core/misused.ts',
    text: 'export const a = (list: string[]) => {\n  list.forEach(async (x) => {\n    await Promise.resolve(x);\n  });\n};\n',
  },
  {
    what: 'a switch that forgets a case',
    rule: 'switch-exhaustiveness-check',
    path: 'src/core/switch.ts',
    text: "export function a(x: 'p' | 'q'): number {\n  switch (x) {\n    case 'p':\n      return 1;\n  }\n  return 2;\n}\n",
  },
  { what: 'any', rule: 'no-explicit-any', path: 'src/core/any.ts', text: 'export const a = (x: any): unknown => x;\n' },
  { what: 'a default export', rule: 'no-default-export', path: 'src/core/default.ts', text: 'export default 1;\n' },
  { what: 'a barrel', rule: 'kuva(no-barrel)', path: 'src/core/index.ts', text: 'export const a = 1;\n' },
  {
    what: 'a re-export',
    rule: 'kuva(no-barrel)',
    path: 'src/core/again.ts',
    text: "export { v1 } from './long.ts';\n",
  },
  {
    what: 'a re-export of everything',
    rule: 'kuva(no-barrel)',
    path: 'src/core/all.ts',
    text: "export * from './long.ts';\n",
  },
  { what: 'a name in camel case', rule: 'filename-case', path: 'src/core/aName.ts', text: 'export const a = 1;\n' },
  {
    what: 'a built-in module without node:',
    rule: 'prefer-node-protocol',
    path: 'src/core/builtin.ts',
    text: "import { sep } from 'path';\nexport const a = sep;\n",
  },
  {
    what: 'console in the source',
    rule: 'no-console',
    path: 'src/core/console.ts',
    text: "export const a = () => console.log('x');\n",
  },
  {
    what: 'an exit in the source',
    rule: 'no-process-exit',
    path: 'src/core/exit.ts',
    text: 'export const a = () => process.exit(1);\n',
  },
  {
    what: 'a test that runs alone',
    rule: 'no-focused-tests',
    path: 'src/core/only.test.ts',
    text: "import { expect, test } from 'vitest';\ntest.only('x', () => {\n  expect(1).toBe(1);\n});\n",
  },
];

const planted = new PlantedProject();
for (const { path, text } of PLANTS) planted.write(path, text);
const report = planted.lint();
planted[Symbol.dispose]();

test.each(PLANTS)('$what is refused', ({ rule, path }) => {
  expect(report.of(path).join()).toContain(rule);
  expect(report.accepted).toBe(false);
});

test('300 lines, a long table and a long generated file pass', () => {
  using project = new PlantedProject();
  project.write('src/core/long.ts', lines(300));
  project.write('src/core/long-table.ts', lines(900));
  project.write('src/core/long.generated.ts', lines(900));
  expect(project.lint()).toMatchObject({ accepted: true });
});
