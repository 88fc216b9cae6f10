import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounting takes root (or CAP_SYS_ADMIN); tests that need a small disk are skipped without it. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && tryMount();

/** A file system of its own in memory, unmounted on disposal. */
export interface Tmpfs extends Disposable {
  readonly path: string;
  /** Mounts again with other options: `size=20m`, `ro`. */
  remount(options: string): void;
}

/** @param options as for mount: `size=10m`, `nr_inodes=600` */
export function tmpfs(options: string): Tmpfs {
  const path = mkdtempSync(join(tmpdir(), 'kuva-tmpfs-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'kuva-test', path], { stdio: 'pipe' });
  return {
    path,
    remount: (changed) => execFileSync('mount', ['-o', `remount,${changed}`, path], { stdio: 'pipe' }),
    [Symbol.dispose]: () => {
      execFileSync('umount', ['-l', path], { stdio: 'pipe' });
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function tryMount(): boolean {
  try {
    tmpfs('size=1m')[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}
