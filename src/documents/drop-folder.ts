import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCode, KuvaError } from '../core/errors.ts';
import type { DocumentRegister, RegisterResult } from './document-register.ts';
import { XML_LIMITS } from './xml-reader.ts';

export interface DropFolderOptions {
  readonly folder: string;
  readonly register: Pick<DocumentRegister, 'add'>;
  /** A file is complete when it has not changed for this long (ms), from one look to a later one. */
  readonly settleMs: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** `reason`: undefined when it was registered. Names of files may name patients: they are not told. */
  readonly onFile: (result: RegisterResult['kind'], reason: string | undefined) => void;
}

/** The drop folder is not as it has to be. */
class DropFolderError extends KuvaError {
  override readonly name = 'DropFolderError';
}

interface Seen {
  readonly size: number;
  readonly mtimeMs: number;
  readonly since: number;
}

interface Opened extends Seen {
  /** Undefined when it is larger than any document. */
  readonly bytes: Buffer | undefined;
}

// Editors and copying programs write under such names until they are done.
const UNFINISHED = /^\.|\.(tmp|part|partial|filepart|crdownload)$|~$/i;

/**
 * A folder that is watched for care documents. A file that is complete goes through the register and then to `done/` or `rejected/`, there with
 * the reason beside it. A crash between register and move is no harm: the same bytes again are a duplicate.
 */
export class DropFolder {
  readonly #o: DropFolderOptions;
  #seen = new Map<string, Seen>();

  constructor(options: DropFolderOptions) {
    this.#o = options;
  }

  /** Makes the folders. @throws system errors */
  async prepare(): Promise<void> {
    for (const name of ['done', 'rejected']) await mkdir(join(this.#o.folder, name), { recursive: true });
  }

  /** One look. @returns how many files were moved @throws StoreError, IndexError, system errors: files not yet moved stay for the next look */
  async scan(signal: AbortSignal): Promise<number> {
    const seen = new Map<string, Seen>();
    let moved = 0;
    const entries = await readdir(this.#o.folder, { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isFile() && !UNFINISHED.test(entry.name))) {
      if (signal.aborted) break;
      const opened = await this.#openComplete(name);
      if (opened === undefined) continue;
      if (!('bytes' in opened)) seen.set(name, opened);
      else {
        await this.#settle(name, opened.bytes);
        moved += 1;
      }
    }
    this.#seen = seen;
    return moved;
  }

  /** The file, when it has not changed since an earlier look; else what was seen of it. Undefined when it has gone. */
  async #openComplete(name: string): Promise<Seen | Opened | undefined> {
    // Never through a link: it could lead anywhere.
    const file = await open(join(this.#o.folder, name), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
      (error: unknown) => {
        if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ELOOP') return undefined;
        throw error;
      },
    );
    if (file === undefined) return undefined;
    try {
      const { size, mtimeMs } = await file.stat();
      const before = this.#seen.get(name);
      const now = this.#o.clock();
      const same = before !== undefined && before.size === size && before.mtimeMs === mtimeMs;
      const seen = { size, mtimeMs, since: same ? before.since : now };
      if (!same || now - seen.since < this.#o.settleMs) return seen;
      return { ...seen, bytes: size > XML_LIMITS.bytes ? undefined : await file.readFile() };
    } finally {
      await file.close();
    }
  }

  async #settle(name: string, bytes: Buffer | undefined): Promise<void> {
    const result: RegisterResult =
      bytes === undefined
        ? { kind: 'refused', code: 'XML_TOO_LARGE', reason: `it has more than ${XML_LIMITS.bytes} bytes`, faults: [] }
        : await this.#o.register.add(bytes, {
            name: 'drop folder',
            uri: pathToFileURL(join(this.#o.folder, name)).href,
          });
    if (result.kind === 'refused') {
      const to = await this.#move(name, 'rejected');
      await writeNew(`${to}.reason`, reasonText(result));
      this.#o.onFile('refused', result.code);
    } else {
      await this.#move(name, 'done');
      this.#o.onFile(result.kind, undefined);
    }
  }

  /** Under its own name, or the next that is free: nothing that is there is ever replaced. */
  async #move(name: string, to: 'done' | 'rejected'): Promise<string> {
    const from = join(this.#o.folder, name);
    // Whoever may put files here must not choose where they go.
    if (!(await lstat(join(this.#o.folder, to))).isDirectory())
      throw new DropFolderError('DROP_FOLDER_LINK', `${to} in the drop folder is no folder: remove it`, { folder: to });
    for (let serial = 0; ; serial += 1) {
      const target = join(this.#o.folder, to, serial === 0 ? name : `${name}.${serial}`);
      try {
        await link(from, target);
        await unlink(from);
        return target;
      } catch (error) {
        const code = errorCode(error);
        // Some network file systems have no links.
        if (code === 'EPERM' || code === 'ENOTSUP') {
          // Renaming replaces what has the name: it is taken first.
          if (!(await take(target))) continue;
          await rename(from, target);
          return target;
        }
        if (code !== 'EEXIST') throw error;
      }
    }
  }
}

function reasonText({ code, reason, faults }: Extract<RegisterResult, { kind: 'refused' }>): string {
  const lines = faults.length === 0 ? [reason] : faults.map(({ path, rule, text }) => `${path}: ${text} (${rule})`);
  return `${[code, ...lines].join('\n')}\n`;
}

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** A text file `<path>.txt`, or under the next name that is free: never over or through what somebody has put there. */
async function writeNew(path: string, text: string): Promise<void> {
  for (let serial = 0; ; serial += 1) {
    const file = await open(serial === 0 ? `${path}.txt` : `${path}.${serial}.txt`, NEW, 0o640).catch(unlessThere);
    if (file === undefined) continue;
    try {
      return await file.writeFile(text);
    } finally {
      await file.close();
    }
  }
}

/** An empty file under a name; false when the name is taken. */
async function take(path: string): Promise<boolean> {
  const file = await open(path, NEW, 0o640).catch(unlessThere);
  await file?.close();
  return file !== undefined;
}

function unlessThere(error: unknown): undefined {
  if (errorCode(error) !== 'EEXIST') throw error;
}
