import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PlantedProject } from './planted-project.ts';

const REPO = join(import.meta.dirname, '../..');
const CHECK = ['node', 'scripts/dump-schema.mjs', '--check'] as const;

function projectWithIndex(): PlantedProject {
  const project = new PlantedProject();
  for (const path of ['src/core', 'src/index']) cpSync(join(REPO, path), join(project.root, path), { recursive: true });
  return project;
}

function lastMigration(): string {
  const name = readdirSync(join(REPO, 'src/index/migrations'))
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .at(-1);
  return `src/index/migrations/${name ?? ''}`;
}

test('the committed dump is what the migrations make', () => {
  using project = projectWithIndex();
  expect(project.run(...CHECK)).toMatchObject({ accepted: true, output: '' });
});

test('a migration changed without its dump is refused', () => {
  using project = projectWithIndex();
  const path = lastMigration();
  project.write(path, `${readFileSync(join(REPO, path), 'utf8')}\nCREATE TABLE planted (a INTEGER) STRICT;\n`);
  const { accepted, output } = project.run(...CHECK);
  expect(output).toContain('schema.sql is not what the migrations make');
  expect(accepted).toBe(false);
});

test('a migration out of sequence is refused', () => {
  using project = projectWithIndex();
  project.write('src/index/migrations/9999-planted.sql', 'CREATE TABLE planted (a INTEGER) STRICT;\n');
  expect(project.run(...CHECK)).toMatchObject({ accepted: false });
});
