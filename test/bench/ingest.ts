import { runDurableLimit } from './durable-limit.ts';
import { measureRound, settleDisk, toFigures } from './measure.ts';
import type { Figures, Round } from './measure.ts';
import { SHAPES, buildDataSet, identityOf } from './objects.ts';
import type { ObjectKind } from './objects.ts';
import type { BenchOptions } from './options.ts';
import { printTable } from './report.ts';
import { generateStore } from './run-generator.ts';
import { startServer } from './servers.ts';
import type { Server, ServerName } from './servers.ts';
import { median } from './statistics.ts';

// About one to three seconds a round for a server at the disk's speed.
const OBJECTS: Readonly<Record<ObjectKind, number>> = { tiny: 4000, ct8k: 4000, ecg290k: 2400, ct530k: 2000 };
// File meta information and preamble that a server puts before the data set.
const FILE_META_BYTES = 350;

// An archive runs for months: the first objects after a start, before any just-in-time compiler, say little about it.
const WARM_UP = { kind: 'ct8k', associations: 4, objects: 400, run: 199_999_999 } as const;

export interface IngestCell {
  readonly kind: ObjectKind;
  readonly associations: number;
  readonly figures: readonly Figures[];
}

/** C-STORE side by side: every contestant in every round, in an order that turns from round to round. */
export async function benchIngest(folder: string, options: BenchOptions): Promise<IngestCell[]> {
  await using stack = new AsyncDisposableStack();
  const servers = new Map<string, Server>();
  for (const name of options.targets.filter((target) => target !== 'limit')) {
    const server = stack.use(await startServer(name as ServerName));
    await generateStore({ target: server.target, ...WARM_UP });
    servers.set(name, server);
  }
  const cells: IngestCell[] = [];
  let run = 100_000_000;
  for (const kind of options.kinds.map(asKind)) {
    for (const associations of options.associations) {
      const objects = Math.max(options.objects || OBJECTS[kind], associations * 4);
      const bytes = buildDataSet(kind, identityOf(kind, run, 0)).length + FILE_META_BYTES;
      const rounds = new Map<string, Round[]>(options.targets.map((name) => [name, []]));
      for (let round = 0; round < options.rounds; round++) {
        for (const name of turned(options.targets, round)) {
          const server = servers.get(name);
          const job = { kind, associations, objects, run: run++ };
          rounds
            .get(name)
            ?.push(
              server === undefined
                ? await limitRound(folder, bytes, objects, associations)
                : await measureRound(server, () => generateStore({ target: server.target, ...job })),
            );
        }
      }
      const figures = options.targets.map((name) => toFigures(name, rounds.get(name) ?? []));
      const cell = { kind, associations, figures };
      cells.push(cell);
      printCell(cell, bytes, objects);
    }
  }
  return cells;
}

async function limitRound(folder: string, bytes: number, files: number, threads: number): Promise<Round> {
  await settleDisk();
  return {
    result: await runDurableLimit(folder, bytes, files, threads),
    cpuSeconds: Number.NaN,
    peakBytes: Number.NaN,
  };
}

// A drift of the machine falls on every contestant alike.
function turned(names: readonly string[], by: number): string[] {
  const at = by % names.length;
  return [...names.slice(at), ...names.slice(0, at)];
}

function asKind(name: string): ObjectKind {
  if (!(name in SHAPES)) throw new Error(`unknown kind ${name}; there are ${Object.keys(SHAPES).join(', ')}`);
  return name as ObjectKind;
}

function printCell({ kind, associations, figures }: IngestCell, bytes: number, objects: number): void {
  const rateOf = (name: string) => median(figures.find((each) => each.name === name)?.rates ?? []);
  const columns = ['server', 'objects/s', 'of limit', 'of storescp', 'of orthanc', 'rounds'];
  const rows = figures.map((each) => {
    const rate = median(each.rates);
    return [
      each.name,
      rate,
      rate / rateOf('limit'),
      rate / rateOf('storescp'),
      rate / rateOf('orthanc'),
      each.rates.map((one) => one.toFixed(0)).join(' '),
      each.p50,
      each.p99,
      each.peakMiB,
      each.cpuMsPerObject,
      each.failures === 0 ? '0' : `${each.failures} (${each.firstFailure ?? ''})`,
    ];
  });
  printTable(
    `${kind}: ${bytes} bytes, ${associations} association${associations === 1 ? '' : 's'}, ${objects} objects a round`,
    [...columns, 'p50 ms', 'p99 ms', 'RSS peak MiB', 'CPU ms/object', 'failures'],
    rows,
  );
}
