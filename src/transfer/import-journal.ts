import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FoundFile } from './find-files.ts';

/**
 * Which files of one import are done, so that a second run passes over them without reading them. A line is written
 * after its object was acknowledged; a journal that is lost costs time, never an object.
 */
export class ImportJournal implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #done: Set<string>;
  #pending: string[] = [];

  private constructor(file: FileHandle, done: Set<string>) {
    this.#file = file;
    this.#done = done;
  }

  /** The journal of these paths. */
  static async open(folder: string, paths: readonly string[]): Promise<ImportJournal> {
    await mkdir(folder, { recursive: true });
    const name = createHash('sha256')
      .update(JSON.stringify(paths.map((path) => resolve(path))))
      .digest('hex')
      .slice(0, 16);
    const path = join(folder, `${name}.journal`);
    const text = await readFile(path, 'utf8').catch(() => '');
    // A crash may have cut the last line: it is not taken, and the next line starts afresh.
    const file = await open(path, 'a');
    if (text !== '' && !text.endsWith('\n')) {
      await file.write('\n');
    }
    return new ImportJournal(file, new Set(text.split('\n').slice(0, -1)));
  }

  isDone(found: FoundFile): boolean {
    return this.#done.has(key(found));
  }

  async add(found: FoundFile): Promise<void> {
    this.#pending.push(key(found));
    if (this.#pending.length >= 64) {
      await this.#flush();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flush();
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    if (lines.length > 0) {
      await this.#file.write(lines.map((line) => `${line}\n`).join(''));
    }
  }
}

// Name, size and time of change, as make and rsync judge; the path is hashed, since names of exported files can hold names of patients.
function key(found: FoundFile): string {
  return createHash('sha256').update(`${found.size}\0${found.mtimeMs}\0${found.path}`).digest('base64url');
}
