import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import { lenientProfile } from '../support/lenient-profile.ts';
import { NodeProcess } from '../support/node-process.ts';
import { runProcess } from '../support/run-process.ts';
import { settleDisk } from './measure.ts';
import { SHAPES } from './objects.ts';
import type { ObjectKind } from './objects.ts';
import type { BenchOptions } from './options.ts';
import { cpuSeconds, descendants } from './process-usage.ts';
import { printTable } from './report.ts';
import { generateStore } from './run-generator.ts';
import { startSink } from './servers.ts';
import { median } from './statistics.ts';

/** Enough to last some seconds. */
const OBJECTS: Readonly<Record<string, number>> = { ct8k: 6000, ecg290k: 1000, ct530k: 2000 };
const FIRST_RUN = 500_000_000;
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const LOOK_EVERY_MS = 1000;
const DRAINED_WITHIN_MS = 300_000;
// The largest that DCMTK takes.
const DCMTK_MAX_PDU = '131072';

/**
 * An archive keeps what it gets, on a disk of its own: here in a file system in memory, since on one that is shared each commit of the queue would
 * have to wait for the sink's files. A sink that keeps nothing shows what the sender alone can do. Files of more than 64 KiB are received past the
 * page cache, and a backlog has left it: they come from the disk unless somebody has just read them.
 */
const RUNS = {
  forgets: 'from memory to a sink that forgets (storescp --ignore)',
  keeps: 'from memory to a sink that keeps what it gets (storescp +B)',
  disk: 'from the disk to a sink that forgets (storescp --ignore)',
} as const;
type RunName = keyof typeof RUNS;

interface Sink {
  readonly aet: string;
  readonly port: number;
  /** Folder that is emptied before each sender's turn. */
  readonly keepIn: string;
  /** Whether the files are to be read from the disk. */
  readonly fromDisk: boolean;
}

interface EgressRound {
  readonly objects: number;
  readonly kuvaSeconds: number;
  readonly kuvaCpuSeconds: number;
  readonly storescuSeconds: number;
}

/**
 * How fast a queue drains, beside `storescu` with the same files to the same sink, one association at a time for both. A study's time is
 * from its move to SENDING until that to SENT; the first round is not counted: hashing every file, an association and the written record of the answers are in it, of the
 * last of them the writing itself is not. Both find the files in memory, or both on the disk.
 * Of storescu's, what it takes for a single file is left out: that is its start.
 */
export async function benchEgress(
  folder: string,
  options: BenchOptions,
): Promise<Partial<Record<RunName, Record<string, EgressRound[]>>>> {
  const measured: Partial<Record<RunName, Record<string, EgressRound[]>>> = {};
  for (const name of options.targets) {
    if (!isRun(name)) throw new Error(`no target is called ${name}; there are ${Object.keys(RUNS).join(', ')}`);
    measured[name] = await benchRun(name, folder, options);
  }
  return measured;
}

function isRun(name: string): name is RunName {
  return Object.hasOwn(RUNS, name);
}

async function benchRun(name: RunName, folder: string, options: BenchOptions): Promise<Record<string, EgressRound[]>> {
  await using stack = new AsyncDisposableStack();
  const kept = stack.adopt(mkdtempSync(join(MEMORY, 'kuva-kept-')), (path) => rmSync(path, { recursive: true }));
  const sink = { aet: 'SINK', port: await freePort(), keepIn: kept, fromDisk: name === 'disk' };
  stack.use(await startSink(sink, name === 'keeps' ? kept : undefined));
  const node = stack.use(
    await NodeProcess.start({
      profile: lenientProfile(join(folder, 'profile.yaml')),
      sections: {
        egress: {
          destination: { aeTitle: sink.aet, host: '127.0.0.1', port: sink.port, tls: false, window: 1 },
          // Long enough to load a round in peace; the queue drains when it has passed.
          quietTime: '20s',
        },
      },
    }),
  );
  const rounds: Record<string, EgressRound[]> = {};
  for (const [at, kind] of options.kinds.entries()) {
    const objects = options.objects || (OBJECTS[kind] ?? 500);
    // A queue is worked for days: what a process takes to become warm is left out.
    await measure(node, sink, kind as ObjectKind, objects, FIRST_RUN + at * 1000);
    for (let round = 1; round <= options.rounds; round++) {
      const run = FIRST_RUN + at * 1000 + round;
      (rounds[kind] ??= []).push(await measure(node, sink, kind as ObjectKind, objects, run));
    }
  }
  printTable(
    `Draining the queue ${RUNS[name]}, one association at a time`,
    ['objects', 'kuva objects/s', 'storescu objects/s', 'ratio', 'of each round', 'kuva CPU ms/object'],
    Object.entries(rounds).map(([kind, each]) => {
      const ratios = each.map((one) => one.storescuSeconds / one.kuvaSeconds);
      return [
        kind,
        median(each.map((one) => one.objects / one.kuvaSeconds)),
        median(each.map((one) => one.objects / one.storescuSeconds)),
        median(ratios),
        ratios.map((ratio) => ratio.toFixed(2)).join(' '),
        median(each.map((one) => (one.kuvaCpuSeconds * 1000) / one.objects)),
      ];
    }),
  );
  return rounds;
}

async function measure(
  node: NodeProcess,
  sink: Sink,
  kind: ObjectKind,
  objects: number,
  run: number,
): Promise<EgressRound> {
  const known = new Set(filesOf(node));
  const target = { port: node.dicomPort, calledAET: node.aet, callingAET: 'BENCH' };
  const { failures, firstFailure } = await generateStore({ target, kind, associations: 2, objects, run });
  if (failures > 0) throw new Error(`${failures} objects not stored: ${firstFailure ?? ''}`);
  const files = filesOf(node).filter((file) => !known.has(file));
  await settleDisk();
  place(files, sink);
  const { perSeries, seriesPerStudy } = SHAPES[kind];
  const studies = Math.ceil(objects / (perSeries * seriesPerStudy));

  const kuva = await drained(node, studies);
  empty(sink.keepIn);
  await settleDisk();
  place(files, sink);
  const whole = await storescu(sink, files);
  empty(sink.keepIn);
  const start = await storescu(sink, files.slice(0, 1));
  return { objects, storescuSeconds: whole - start, ...kuva };
}

/** Has all the files in the page cache, or none of them. */
function place(files: readonly string[], { fromDisk }: Sink): void {
  if (!fromDisk) for (const file of files) readFileSync(file);
  else
    execFileSync('xargs', ['-0', '-I{}', 'dd', 'if={}', 'iflag=nocache', 'count=0', 'status=none'], {
      input: files.join('\0'),
    });
}

function empty(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
}

function filesOf(node: NodeProcess): string[] {
  const root = join(node.storageRoot, 'objects');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.dcm'))
    .map((name) => join(root, name));
}

/** Seconds from the start of the process to its end. */
async function storescu({ aet, port }: { aet: string; port: number }, files: readonly string[]): Promise<number> {
  const started = performance.now();
  const args = [
    '-pdu',
    DCMTK_MAX_PDU,
    '--max-send-pdu',
    DCMTK_MAX_PDU,
    '-aec',
    aet,
    '127.0.0.1',
    String(port),
    ...files,
  ];
  const { code, output } = await runProcess('storescu', args, { env: { TCP_NODELAY: '1' }, timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`storescu ended with ${code}:\n${output}`);
  return (performance.now() - started) / 1000;
}

/** Waits until all studies of a round have gone; a sink commits nothing, so that is where they stop. */
async function drained(node: NodeProcess, studies: number): Promise<{ kuvaSeconds: number; kuvaCpuSeconds: number }> {
  const forwarding = descendants(node.pid).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('egress'),
  );
  if (forwarding === undefined) throw new Error(`nothing forwards:\n${node.output()}`);
  const before = cpuSeconds(forwarding);
  const lines = (text: string) =>
    node
      .output()
      .split('\n')
      .filter((line) => line.includes(text));
  const earlier = lines('"study held').length;
  const deadline = performance.now() + DRAINED_WITHIN_MS;
  // Seldom: what looks on takes from the cores that are measured.
  while (lines('"study held').length < earlier + studies) {
    if (performance.now() > deadline) throw new Error(`the queue did not drain:\n${node.output()}`);
    await setTimeout(LOOK_EVERY_MS);
  }
  const kuvaCpuSeconds = cpuSeconds(forwarding) - before;
  const sent = lines('"study sent"')
    .slice(-studies)
    .map((line) => JSON.parse(line) as { studyInstanceUid: string });
  const moves = await Promise.all(sent.map(({ studyInstanceUid }) => movesOf(node, studyInstanceUid)));
  // Study by study: one that was received later also becomes quiet later.
  const seconds = moves.map((each) => (timeOf(each, 'SENT') - timeOf(each, 'SENDING')) / 1000);
  return { kuvaSeconds: seconds.reduce((sum, one) => sum + one, 0), kuvaCpuSeconds };
}

function timeOf(moves: readonly { at: string; to: string }[], to: string): number {
  return Date.parse(moves.find((move) => move.to === to)?.at ?? '');
}

async function movesOf(node: NodeProcess, study: string): Promise<readonly { at: string; to: string }[]> {
  const { stdout } = await node.kuva('proof', study, '--json');
  return (JSON.parse(stdout) as { moves: { at: string; to: string }[] }).moves;
}
