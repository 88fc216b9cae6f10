import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const REPO = join(import.meta.dirname, '../..');
const CONFIGURATION = [
  '.oxlintrc.json',
  '.oxfmtrc.json',
  'knip.jsonc',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'scripts',
];

export interface Verdict {
  readonly accepted: boolean;
  readonly stdout: string;
  /** stdout, then stderr */
  readonly output: string;
}

/** An almost empty project under this project's own gate configuration, to plant violations in. */
export class PlantedProject implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'kuva-gates-'));

  constructor() {
    for (const path of CONFIGURATION) cpSync(join(REPO, path), join(this.root, path), { recursive: true });
    symlinkSync(join(REPO, 'node_modules'), join(this.root, 'node_modules'));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  run(tool: string, ...args: string[]): Verdict {
    const bin = join(REPO, 'node_modules/.bin');
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1', FORCE_COLOR: '0' };
    const { status, stdout, stderr, error } = spawnSync(tool, args, { cwd: this.root, env, encoding: 'utf8' });
    if (error !== undefined) throw error;
    return { accepted: status === 0, stdout, output: `${stdout}${stderr}` };
  }

  /** The linter as `npm test` runs it: whether it accepts, and what it has against which file, as `rule: message`. */
  lint(): { readonly accepted: boolean; of(path: string): string[] } {
    const { accepted, output } = this.run('oxlint', '--type-aware', '--deny-warnings', '--format=json');
    const { diagnostics } = JSON.parse(output) as {
      diagnostics: { code: string; message: string; filename: string }[];
    };
    const of = (path: string) => diagnostics.filter((d) => d.filename === path).map((d) => `${d.code}: ${d.message}`);
    return { accepted, of };
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
