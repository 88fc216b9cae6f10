import { sha256OfName } from './object-path.ts';
import { makeIfMissing, syncDirectory } from './directories.ts';
import { memoryContent, writeSpool } from './content.ts';
import type { Content } from './content.ts';
import { toStoreError, toSyncError } from './store-errors.ts';
import { OPEN } from './store-fs.ts';
import type { StoreFs } from './store-fs.ts';

/** Why bytes were set aside: a stable code, a sentence for the administrator and facts, none of them patient data. */
export interface QuarantineReason {
  readonly code: string;
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null | undefined>>;
}

/** One object set aside, as its sidecar file tells. */
export interface QuarantineEntry extends QuarantineReason {
  readonly sha256: string;
  /** Bytes of the file, file meta information included. */
  readonly size: number;
  /** ISO 8601, UTC. */
  readonly firstReceivedAt: string;
  readonly lastReceivedAt: string;
  readonly times: number;
  readonly path: string;
}

interface QuarantineOptions {
  readonly fs: StoreFs;
  readonly root: string;
  /** Start of the path of every spool file of this process. */
  readonly spool: string;
  readonly clock: () => number;
}

const YEAR = /^[0-9]{4}$/;
const SIDECAR_LIMIT = 64 * 1024;

/** Objects that could not be indexed: `quarantine/<yyyy>/<sha256>.dcm`, and beside each a `.json` that says why. */
export class Quarantine {
  readonly #o: QuarantineOptions;
  #serial = 0;

  constructor(options: QuarantineOptions) {
    this.#o = options;
  }

  /** Keeps the content, durably when this resolves. @returns the path of the file @throws StoreError, SyncFailedError */
  async keep(sha256: string, size: number, content: Content, reason: QuarantineReason): Promise<string> {
    const { fs, root, clock } = this.#o;
    const time = new Date(clock()).toISOString();
    const directory = `${root}/${time.slice(0, 4)}`;
    const path = `${directory}/${sha256}.dcm`;
    try {
      await makeIfMissing(fs, root);
      await makeIfMissing(fs, directory);
      const before = await this.#read(`${directory}/${sha256}.json`);
      await this.#moveIn(content, path);
      const entry: Omit<QuarantineEntry, 'path'> = {
        sha256,
        size,
        ...reason,
        firstReceivedAt: before?.firstReceivedAt ?? time,
        lastReceivedAt: time,
        times: (before?.times ?? 0) + 1,
      };
      const json = Buffer.from(`${JSON.stringify(entry, null, 2)}\n`);
      await this.#moveIn(memoryContent([json]), `${directory}/${sha256}.json`);
      for (const made of [directory, root, `${root}/..`]) await syncDirectory(fs, made);
    } catch (error) {
      throw toStoreError(error, 'quarantine');
    } finally {
      await content.release();
    }
    return path;
  }

  /** All entries, oldest year first. A sidecar that is lost or damaged is told as QUARANTINE_REASON_UNKNOWN. */
  async *list(): AsyncGenerator<QuarantineEntry> {
    const { fs, root } = this.#o;
    for (const year of (await names(fs, root)).filter((name) => YEAR.test(name))) {
      for (const name of await names(fs, `${root}/${year}`)) {
        const sha256 = sha256OfName(name);
        if (sha256 !== undefined) yield await this.#entry(`${root}/${year}`, sha256);
      }
    }
  }

  /** One entry; undefined when there is none. */
  async show(sha256: string): Promise<QuarantineEntry | undefined> {
    for await (const entry of this.list()) {
      if (entry.sha256 === sha256) return entry;
    }
    return undefined;
  }

  async #entry(directory: string, sha256: string): Promise<QuarantineEntry> {
    const path = `${directory}/${sha256}.dcm`;
    const { size, mtimeMs } = await this.#o.fs.lstat(path).catch((error: unknown) => {
      throw toStoreError(error, 'lstat');
    });
    const found = await this.#read(`${directory}/${sha256}.json`);
    if (found !== undefined) return { ...found, path };
    const time = new Date(mtimeMs).toISOString();
    const unknown = {
      code: 'QUARANTINE_REASON_UNKNOWN',
      text: 'the file that says why is missing or damaged',
      facts: {},
    };
    return { sha256, size, ...unknown, firstReceivedAt: time, lastReceivedAt: time, times: 1, path };
  }

  // Over the same bytes, or a sidecar: replacing is right here, and what replaces is on the disk first.
  async #moveIn(content: Content, path: string): Promise<void> {
    const { fs, spool } = this.#o;
    this.#serial += 1;
    const whole =
      content.kind === 'spool' ? content : await writeSpool(fs, `${spool}quarantine-${this.#serial}`, content.chunks);
    try {
      await fs.fdatasync(whole.fd).catch((error: unknown) => {
        throw toSyncError(error, 'file');
      });
      await fs.rename(whole.path, path);
    } finally {
      await whole.release();
    }
  }

  async #read(path: string): Promise<Omit<QuarantineEntry, 'path'> | undefined> {
    const { fs } = this.#o;
    const fd = await fs.open(path, OPEN.read).catch(() => -1);
    if (fd < 0) return undefined;
    try {
      const buffer = Buffer.alloc(SIDECAR_LIMIT);
      const parsed: unknown = JSON.parse(buffer.toString('utf8', 0, await fs.read(fd, buffer, 0)));
      return isEntry(parsed) ? parsed : undefined;
    } catch {
      return undefined;
    } finally {
      await fs.close(fd).catch(() => undefined);
    }
  }
}

function isEntry(value: unknown): value is Omit<QuarantineEntry, 'path'> {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  const texts = ['sha256', 'code', 'text', 'firstReceivedAt', 'lastReceivedAt'].every(
    (key) => typeof entry[key] === 'string',
  );
  return (
    texts &&
    typeof entry['size'] === 'number' &&
    typeof entry['times'] === 'number' &&
    typeof entry['facts'] === 'object'
  );
}

async function names(fs: StoreFs, path: string): Promise<string[]> {
  try {
    return (await fs.readdir(path)).toSorted();
  } catch (error) {
    const failure = toStoreError(error, 'readdir');
    if (failure.code === 'OBJECT_MISSING') return [];
    throw failure;
  }
}
