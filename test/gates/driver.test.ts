import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PlantedProject } from './planted-project.ts';

const TEST_FILE = (body: string) => `import { expect, test } from 'vitest';\n${body}`;
const PASSING = "test('passes', () => {\n  expect(1).toBe(1);\n});\n";

function check(files: Readonly<Record<string, string>>, ...parts: string[]) {
  using project = new PlantedProject();
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  project.write('test/support/nothing.ts', 'export const nothing = 0;\n');
  const { accepted, stdout, output } = project.run('node', 'scripts/check.mjs', ...parts);
  return { accepted, lastLine: stdout.trimEnd().split('\n').at(-1), output };
}

test('counts what really ran', () => {
  const text = TEST_FILE(`${PASSING}test.skip('waits', () => {\n  expect(1).toBe(2);\n});\n`);
  expect(
    check({ 'src/core/a.test.ts': text, 'test/interop/b.test.ts': TEST_FILE(PASSING) }, 'unit', 'interop'),
  ).toMatchObject({
    accepted: true,
    lastLine: '2 passed, 0 failed, 1 skipped',
  });
});

test.each([
  [
    'a failing test',
    TEST_FILE(`${PASSING}test('fails', () => {\n  expect(1).toBe(2);\n});\n`),
    '1 passed, 1 failed, 0 skipped',
  ],
  ['a test file that does not load', `throw new Error('no');\n`, '0 passed, 1 failed, 0 skipped'],
  [
    'a rejection that nobody handles',
    TEST_FILE(`${PASSING}void Promise.reject(new Error('no'));\n`),
    '1 passed, 1 failed, 0 skipped',
  ],
  ['a file without a test', 'export {};\n', '0 passed, 1 failed, 0 skipped'],
])('%s fails the run', (_name, text, lastLine) => {
  expect(check({ 'src/core/a.test.ts': text }, 'unit')).toMatchObject({ accepted: false, lastLine });
});

test('a static check that fails, fails the run', () => {
  expect(check({ 'src/core/a.ts': 'export const a: number = String(1);\n' }, 'types')).toMatchObject({
    accepted: false,
    lastLine: '0 passed, 1 failed, 0 skipped',
  });
});

test('a part that does not exist is refused by name', () => {
  const { accepted, output } = check({}, 'lnit');
  expect(output).toContain('unknown part lnit');
  expect(accepted).toBe(false);
});

test('the lock holds the dependencies that package.json declares', () => {
  const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../..', name), 'utf8'));
  const declared = read('package.json');
  const locked = read('package-lock.json').packages[''];
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    expect(locked[kind]).toEqual(declared[kind]);
  }
});
