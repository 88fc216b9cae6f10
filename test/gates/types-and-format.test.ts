import { expect, test } from 'vitest';
import { PlantedProject } from './planted-project.ts';

test('a file as the formatter writes it passes, one that it would change does not', () => {
  using project = new PlantedProject();
  project.write('src/core/a.ts', "export const a = 'x';\n");
  expect(project.run('oxfmt', '--check', 'src')).toMatchObject({ accepted: true });
  project.write('src/core/a.ts', 'export const a = "x"\n');
  const { accepted, output } = project.run('oxfmt', '--check', 'src');
  expect(output).toContain('src/core/a.ts');
  expect(accepted).toBe(false);
});

test.each([
  ['a wrong type', 'TS2322', 'export const a: number = String(1);\n'],
  ['an element that may be absent', 'TS2322', 'export const a = (list: number[]): number => list[0];\n'],
  ['an enum, which needs compiling', 'TS1294', 'export enum A {\n  B,\n}\n'],
  [
    'a parameter property, which needs compiling',
    'TS1294',
    'export class A {\n  constructor(readonly b: number) {}\n}\n',
  ],
  ['an unused local', 'TS6133', 'const a = 1;\nexport const b = 2;\n'],
])('%s is refused by the compiler', (_name, code, text) => {
  using project = new PlantedProject();
  project.write('src/core/ok.ts', 'export const ok = 1;\n');
  expect(project.run('tsc', '-p', '.')).toMatchObject({ accepted: true });
  project.write('src/core/a.ts', text);
  const { accepted, output } = project.run('tsc', '-p', '.');
  expect(output).toContain(code);
  expect(accepted).toBe(false);
});
