import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DCMTK_ENV } from './dcmtk.ts';
import { freePort, waitForPort } from './free-port.ts';
import { readPart10 } from './part10.ts';
import type { Part10 } from './part10.ts';
import { RunningProcess } from './run-process.ts';
import { tempDir } from './temp-dir.ts';
import type { TempDir } from './temp-dir.ts';

/** DCMTK's storescp on a free port, writing what it receives bit for bit into a directory of its own. */
export class StoreScp implements AsyncDisposable {
  readonly port: number;
  readonly #process: RunningProcess;
  readonly #dir: TempDir;

  private constructor(port: number, process: RunningProcess, dir: TempDir) {
    this.port = port;
    this.#process = process;
    this.#dir = dir;
  }

  /** `extra`: storescp options, e.g. `--abort-after`, `--refuse`, `+xi`; the default accepts every transfer syntax. `fixedPort`: one the node already knows. */
  static async start(extra: readonly string[] = ['+xa'], fixedPort?: number): Promise<StoreScp> {
    const dir = await tempDir('kuva-storescp-');
    const port = fixedPort ?? (await freePort());
    // A configuration file says itself which SOP classes are taken.
    const promiscuous = extra.includes('-xf') ? [] : ['-pm'];
    const args = ['-v', '+B', '+uf', ...promiscuous, '--fork', ...extra, '-od', dir.path, String(port)];
    const process = new RunningProcess('storescp', args, { env: DCMTK_ENV });
    try {
      await waitForPort(port);
    } catch (error) {
      await process.stop('SIGKILL');
      await dir[Symbol.asyncDispose]();
      throw new Error(`storescp did not start:\n${process.output()}`, { cause: error });
    }
    return new StoreScp(port, process, dir);
  }

  output(): string {
    return this.#process.output();
  }

  /** Everything that has arrived so far. */
  received(): Part10[] {
    return readdirSync(this.#dir.path).map((name) => readPart10(join(this.#dir.path, name)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
    await this.#dir[Symbol.asyncDispose]();
  }
}
