import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly kinds: readonly string[];
  readonly associations: readonly number[];
  readonly targets: readonly string[];
  readonly rounds: number;
  /** objects a round; 0 = what suits the size */
  readonly objects: number;
  readonly studies: number;
  /** studies of the big index; 0 = none */
  readonly scale: number;
  readonly bytes: number;
  /** entries of the log */
  readonly entries: number;
  readonly json: string | undefined;
}

const USAGE = `npm run bench -- ingest|find|move|large|queue|egress|log [options]
  --kinds ct8k,ecg290k,ct530k     ingest, egress: sizes
  --associations 1,4,16           ingest, find: associations at once
  --targets limit,kuva,storescp,orthanc; find, move: also kuva-unlogged, which keeps no use log;
                                  egress: forgets,keeps (what the sink does with what it gets), disk (files from the disk)
  --rounds 3                      how often each is measured, in turn
  --objects N                     ingest, egress: objects a round (default by size); move: objects in all
  --studies 1000                  find: studies loaded before; queue: studies queued (100000)
  --scale 1000000                 find: asks a node with an index of so many studies, made once and kept in .bench/
  --bytes 2147483648              large: size of the one object
  --entries 1000000               log: entries written, and verified
  --json FILE                     everything measured`;

/** The first argument and the options; a wrong one prints the usage and ends. */
export function readOptions(argv: readonly string[], defaults: Partial<Record<string, string>>) {
  const text = { type: 'string' } as const;
  const options = {
    kinds: text,
    associations: text,
    targets: text,
    rounds: text,
    objects: text,
    studies: text,
    scale: text,
    entries: text,
  };
  const { values } = parseArgs({ args: [...argv], options: { ...options, bytes: text, json: text } });
  const value = (name: keyof typeof values, fallback: string) => values[name] ?? defaults[name] ?? fallback;
  return {
    kinds: value('kinds', 'ct8k,ecg290k,ct530k').split(','),
    associations: value('associations', '1,4,16').split(',').map(Number),
    targets: value('targets', 'limit,kuva,storescp,orthanc').split(','),
    rounds: Number(value('rounds', '3')),
    objects: Number(value('objects', '0')),
    studies: Number(value('studies', '1000')),
    scale: Number(value('scale', '0')),
    bytes: Number(value('bytes', String(2 ** 31))),
    entries: Number(value('entries', '1000000')),
    json: values.json === undefined ? undefined : resolve(values.json),
  } satisfies BenchOptions;
}

export function usage(): string {
  return USAGE;
}
