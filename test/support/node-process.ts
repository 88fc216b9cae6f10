import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RunningProcess, runProcess } from './run-process.ts';
import type { ProcessResult } from './run-process.ts';
import { tempDir } from './temp-dir.ts';
import type { TempDir } from './temp-dir.ts';
import type { Peer } from './dcmtk.ts';
import { waitFor } from './wait-for.ts';

const REPO = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Another installation's `kuva` may be put to the test. */
const KUVA = process.env['KUVA_TEST_COMMAND'] ?? join(REPO, 'scripts/kuva');

/** A remote AE that the node shall know. */
export interface KnownAe {
  readonly aet: string;
  readonly port: number;
  readonly host?: string;
  readonly maxSubAssociations?: number;
  /** further options of `kuva ae add` */
  readonly options?: readonly string[];
}

/** By name; a key without anything below it is a text. */
export type ConfigSections = Readonly<Record<string, Readonly<Record<string, unknown>> | string>>;

/** The real node as a child process, with a store of its own; may be killed and started again on the same store. */
export class NodeProcess implements AsyncDisposable {
  readonly aet = 'KUVA';
  readonly #dir: TempDir;
  #process: RunningProcess | undefined;
  #ports: { dicomPort: number; httpPort: number } = { dicomPort: 0, httpPort: 0 };

  private constructor(dir: TempDir) {
    this.#dir = dir;
  }

  /** Starts a node on free ports of loopback, with these AEs registered first. `sections` are laid over the test defaults. */
  static async start(
    options: {
      aes?: readonly KnownAe[];
      sections?: ConfigSections;
      /** path of an archive profile; the shipped one when left out */
      profile?: string;
      /** called with the folder of the storage before anything is in it */
      prepare?: (storageRoot: string) => void;
    } = {},
  ): Promise<NodeProcess> {
    const node = new NodeProcess(await tempDir('kuva-node-'));
    try {
      options.prepare?.(node.storageRoot);
      node.#writeConfig(options.sections ?? {}, options.profile);
      for (const ae of options.aes ?? []) await node.addAe(ae);
      await node.start();
      return node;
    } catch (error) {
      await node[Symbol.asyncDispose]();
      throw error;
    }
  }

  #writeConfig(sections: ConfigSections, profile: string | undefined): void {
    const defaults: ConfigSections = {
      node: { aeTitle: this.aet },
      dicom: { host: '127.0.0.1', port: 0 },
      storage: { root: this.#dir.file('storage'), reserveBytes: 0 },
      http: { port: 0 },
    };
    const names = new Set([...Object.keys(defaults), ...Object.keys(sections)]);
    const merged = Object.fromEntries([...names].map((name) => [name, laidOver(defaults[name], sections[name])]));
    // JSON is YAML.
    writeFileSync(this.#configPath, JSON.stringify({ ...merged, ...(profile === undefined ? {} : { profile }) }));
  }

  get #configPath(): string {
    return this.#dir.file('kuva.yaml');
  }

  get dicomPort(): number {
    return this.#ports.dicomPort;
  }

  get httpPort(): number {
    return this.#ports.httpPort;
  }

  get storageRoot(): string {
    return this.#dir.file('storage');
  }

  get pid(): number {
    return this.#running.pid;
  }

  get #running(): RunningProcess {
    if (this.#process === undefined) throw new Error('the node is not running');
    return this.#process;
  }

  /** This node as a DCMTK client sees it. */
  peer(callingAET: string): Peer {
    return { port: this.dicomPort, calledAET: this.aet, callingAET };
  }

  output(): string {
    return this.#running.output();
  }

  /** Runs a `kuva` command with this node's configuration. */
  kuva(...args: string[]): Promise<ProcessResult> {
    return runProcess(KUVA, [...args, '--config', this.#configPath], { cwd: this.#dir.path });
  }

  /** A `kuva` command that is left running, with this node's configuration. */
  kuvaRunning(...args: string[]): RunningProcess {
    return new RunningProcess(KUVA, [...args, '--config', this.#configPath], { cwd: this.#dir.path });
  }

  async addAe(ae: KnownAe): Promise<void> {
    const extra = ae.maxSubAssociations === undefined ? [] : ['--max-sub-associations', String(ae.maxSubAssociations)];
    const result = await this.kuva(
      'ae',
      'add',
      ae.aet,
      '--host',
      ae.host ?? '127.0.0.1',
      '--port',
      String(ae.port),
      ...extra,
      ...(ae.options ?? []),
    );
    if (result.code !== 0) throw new Error(`kuva ae add ${ae.aet}: exit ${result.code}\n${result.output}`);
  }

  /** Starts the process on the same store; resolves when it listens. */
  async start(): Promise<void> {
    const readyFile = this.#dir.file('ready.json');
    rmSync(readyFile, { force: true });
    const process = new RunningProcess(KUVA, ['start', '--config', this.#configPath, '--ready-file', readyFile], {
      cwd: this.#dir.path,
    });
    this.#process = process;
    this.#ports = await waitFor(
      'the node',
      () => {
        if (!process.isRunning) throw new Error(`the node ended:\n${process.output()}`);
        return JSON.parse(readFileSync(readyFile, 'utf8')) as { dicomPort: number; httpPort: number };
      },
      30_000,
    ).catch((error: unknown) => {
      throw new Error(`the node did not start:\n${process.output()}`, { cause: error });
    });
  }

  /** kill -9; the store stays. */
  async kill(): Promise<void> {
    await this.#running.stop('SIGKILL');
  }

  /** An orderly stop. */
  async stop(): Promise<void> {
    await this.#running.stop('SIGTERM', 20_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.stop('SIGTERM', 20_000);
    await this.#dir[Symbol.asyncDispose]();
  }
}

function laidOver(below: ConfigSections[string] | undefined, over: ConfigSections[string] | undefined): unknown {
  if (typeof below === 'string' || typeof over === 'string') return over ?? below;
  return { ...below, ...over };
}
