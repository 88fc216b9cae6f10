import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CommandFailedError } from '../exit-codes.ts';

const MAIN = fileURLToPath(new URL(`../../main${extname(import.meta.url)}`, import.meta.url));
const START_MS = 120_000;

export interface CommandResult {
  readonly code: number;
  /** Objects of its JSON lines. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly stderr: string;
}

/** One node of the play: its folder, its processes, and the command line on it. */
export class DemoNode implements AsyncDisposable {
  readonly aet: string;
  readonly folder: string;
  readonly #configFile: string;
  #config: Readonly<Record<string, object>>;
  #process: ChildProcess | undefined;
  #port = 0;

  /** `config` is laid over what every node of the play has. */
  constructor(folder: string, aet: string, config: Readonly<Record<string, object>>) {
    this.aet = aet;
    this.folder = join(folder, aet.toLowerCase());
    mkdirSync(this.folder, { recursive: true });
    this.#configFile = join(this.folder, 'kuva.yaml');
    const { dicom, node, ...rest } = config;
    this.#config = {
      node: { aeTitle: aet, shutdownGrace: '2s', ...node },
      dicom: { host: '127.0.0.1', port: 0, ...dicom },
      storage: { root: join(this.folder, 'storage'), reserveBytes: 0 },
      http: { port: 0 },
      logging: { format: 'json' },
      ...rest,
    };
    this.configure({});
  }

  /** Further sections, for the next start and the commands from now on. */
  configure(sections: Readonly<Record<string, object>>): void {
    this.#config = { ...this.#config, ...sections };
    // JSON is YAML.
    writeFileSync(this.#configFile, `${JSON.stringify(this.#config, null, 2)}\n`);
  }

  get port(): number {
    return this.#port;
  }

  /** Resolves when it listens. @throws CommandFailedError that names its log */
  async start(): Promise<void> {
    const ready = join(this.folder, 'ready.json');
    const log = join(this.folder, 'node.log');
    const output = createWriteStream(log);
    const child = spawn(process.execPath, [MAIN, 'start', '--config', this.#configFile, '--ready-file', ready], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment(),
    });
    child.stderr.pipe(output);
    this.#process = child;
    const deadline = Date.now() + START_MS;
    while (!existsSync(ready)) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new CommandFailedError(`the node ${this.aet} did not start: see ${log}`);
      await delay(50);
    }
    this.#port = (JSON.parse(readFileSync(ready, 'utf8')) as { dicomPort: number }).dicomPort;
  }

  /** Runs one command on this node, as an administrator would. */
  async kuva(...args: readonly string[]): Promise<CommandResult> {
    const child = spawn(process.execPath, [MAIN, ...args, '--config', this.#configFile, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment(),
    });
    const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')]);
    const rows = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return { code: child.exitCode ?? 1, rows, stderr: stderr.trim() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

/** Settings of the one who plays must not reach the nodes. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('KUVA_'));
  return { ...Object.fromEntries(inherited), NO_COLOR: '1' };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
