import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../core/errors.ts';
import type { HealthCheck } from './health.ts';

export interface WriteProbeOptions {
  readonly folder: string;
  /** A result is given again for so long, in milliseconds: monitoring must not wear the disk. */
  readonly intervalMs: number;
  /** A disk that takes longer for it is not well. */
  readonly limitMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

const REMEDY: Readonly<Record<string, string>> = {
  EROFS: 'the file system is mounted read-only: look for its fault in the system log, then remount it',
  EACCES: 'give the folder back to the user of the node',
  EPERM: 'give the folder back to the user of the node',
  ENOENT: 'the folder is gone: mount the file system, or restart the node',
  ENOSPC: 'free space on the file system',
  EDQUOT: 'raise the quota of the user of the node',
};

/** Whether the storage takes files, tried with a small one that is removed again. */
export class WriteProbe {
  readonly #o: WriteProbeOptions;
  #last: { readonly at: number; readonly result: Promise<HealthCheck> } | undefined;

  constructor(o: WriteProbeOptions) {
    this.#o = o;
  }

  check(): Promise<HealthCheck> {
    const now = this.#o.now();
    if (this.#last === undefined || now - this.#last.at >= this.#o.intervalMs) {
      this.#last = { at: now, result: this.#within(this.#try()) };
    }
    return this.#last.result;
  }

  async #try(): Promise<HealthCheck> {
    const { folder } = this.#o;
    const path = join(folder, `.probe-${process.pid}`);
    try {
      const file = await open(path, 'w');
      try {
        await file.write('kuva');
      } finally {
        await file.close();
        await rm(path);
      }
      return { ok: true, detail: 'takes files' };
    } catch (error) {
      const code = errorCode(error);
      return { ok: false, detail: `${folder} cannot be written (${code}): ${REMEDY[code] ?? 'look at the disk'}` };
    }
  }

  async #within(trial: Promise<HealthCheck>): Promise<HealthCheck> {
    const { promise, resolve } = Promise.withResolvers<HealthCheck>();
    const { limitMs, folder } = this.#o;
    const late = { ok: false, detail: `${folder} did not take a file within ${limitMs} ms: look at the disk` };
    const timer = setTimeout(resolve, limitMs, late);
    try {
      return await Promise.race([trial, promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
