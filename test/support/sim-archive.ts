import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SimArchive } from '../../src/sim/sim-archive.ts';
import type { SimPeer } from '../../src/sim/sim-caller.ts';
import type { SimEvent, SimEventName } from '../../src/sim/sim-events.ts';
import type { Keeping } from '../../src/sim/sim-objects.ts';
import { readRule } from '../../src/sim/sim-script.ts';
import type { Peer } from './dcmtk.ts';
import { RunningProcess } from './run-process.ts';
import { waitFor } from './wait-for.ts';

const KUVA =
  process.env['KUVA_TEST_COMMAND'] ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'scripts/kuva');

/** A simulated archive in this process, and everything that it told. */
export class LocalSim implements AsyncDisposable {
  readonly archive: SimArchive;
  readonly events: SimEvent[];
  readonly port: number;

  private constructor(archive: SimArchive, events: SimEvent[], port: number) {
    this.archive = archive;
    this.events = events;
    this.port = port;
  }

  /** `rules` as on the command line, such as `store nth=3 status=A700`. */
  static async start(
    rules: readonly string[] = [],
    peers: Readonly<Record<string, SimPeer>> = {},
    keeping: Keeping = 'memory',
  ): Promise<LocalSim> {
    const events: SimEvent[] = [];
    const archive = new SimArchive({
      host: '127.0.0.1',
      port: 0,
      tls: undefined,
      keeping,
      script: { full: false, rules: rules.map(readRule) },
      peers: new Map(Object.entries(peers)),
      tell: (event) => events.push(event),
      now: () => performance.now(),
    });
    return new LocalSim(archive, events, await archive.listen());
  }

  peer(callingAET: string): Peer {
    return { port: this.port, calledAET: 'ARCHIVE', callingAET };
  }

  /** Does as these rules say from now on. */
  follow(...rules: readonly string[]): void {
    this.archive.rules.replace({ full: false, rules: rules.map(readRule) });
  }

  /** The events of one kind so far. */
  told(event: SimEventName): SimEvent[] {
    return this.events.filter((each) => each.event === event);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.archive[Symbol.asyncDispose]();
  }
}

/** `kuva sim archive` as a process of its own, which may be killed and started again on the same port and folder. */
export class SimProcess implements AsyncDisposable {
  readonly #args: readonly string[];
  readonly #readyFile: string;
  #process: RunningProcess | undefined;
  #earlier = '';
  port = 0;

  private constructor(args: readonly string[], readyFile: string) {
    this.#args = args;
    this.#readyFile = readyFile;
  }

  /** `folder`: for the ready file. */
  static async start(folder: string, ...args: string[]): Promise<SimProcess> {
    const sim = new SimProcess(args, join(folder, 'sim-ready.json'));
    await sim.start();
    return sim;
  }

  async start(): Promise<void> {
    rmSync(this.#readyFile, { force: true });
    const args = ['sim', 'archive', '--json', '--port', String(this.port), '--ready-file', this.#readyFile];
    const started = new RunningProcess(KUVA, [...args, ...this.#args]);
    this.#process = started;
    const ready = await waitFor(
      'the simulated archive',
      () => {
        if (!started.isRunning) throw new Error(`it ended:\n${started.output()}`);
        return JSON.parse(readFileSync(this.#readyFile, 'utf8')) as { dicomPort: number };
      },
      30_000,
    );
    this.port = ready.dicomPort;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#process?.stop(signal);
    this.#earlier += this.#process?.output() ?? '';
    this.#process = undefined;
  }

  /** Everything told so far, over all runs. */
  events(): SimEvent[] {
    return `${this.#earlier}${this.#process?.output() ?? ''}`
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as SimEvent)
      .filter(({ event }) => event !== undefined);
  }

  peer(callingAET: string): Peer {
    return { port: this.port, calledAET: 'ARCHIVE', callingAET };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
