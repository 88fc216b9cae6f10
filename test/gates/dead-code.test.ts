import { expect, test } from 'vitest';
import { PlantedProject } from './planted-project.ts';

// Dependencies are left out here: the planted project uses next to none of them.
const KNIP = ['knip', '--no-progress', '--no-config-hints', '--include', 'files,exports,types,unlisted'] as const;

function cleanProject(): PlantedProject {
  const project = new PlantedProject();
  project.write('src/core/a.ts', 'export const a = 1;\n');
  project.write('src/main.ts', "import { a } from './core/a.ts';\nconsole.log(a);\n");
  return project;
}

test('a project without dead code passes', () => {
  using project = cleanProject();
  expect(project.run(...KNIP)).toMatchObject({ accepted: true });
});

test.each([
  ['an export that nobody imports', 'unheardOf', 'src/core/a.ts', 'export const a = 1;\nexport const unheardOf = 2;\n'],
  ['a type that nobody imports', 'UnheardOf', 'src/core/a.ts', 'export const a = 1;\nexport type UnheardOf = 2;\n'],
  ['a file that nobody imports', 'src/core/b.ts', 'src/core/b.ts', 'export const b = 1;\n'],
  [
    'a package that is not declared',
    'left-pad',
    'src/core/a.ts',
    "import pad from 'left-pad';\nexport const a = pad;\n",
  ],
])('%s is refused', (_name, found, path, text) => {
  using project = cleanProject();
  project.write(path, text);
  const { accepted, output } = project.run(...KNIP);
  expect(output).toContain(found);
  expect(accepted).toBe(false);
});
