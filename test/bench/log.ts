import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KUVA } from '../cli/kuva.ts';
import { runProcess } from '../support/run-process.ts';
import { fillLog } from './fill-log.ts';
import type { BenchOptions } from './options.ts';
import { printTable } from './report.ts';
import { median } from './statistics.ts';

export interface LogFigures {
  readonly entries: number;
  readonly appendingSeconds: number;
  readonly bytesPerEntry: number;
  /** of the whole command `kuva log verify`, once a round */
  readonly verify: readonly { readonly seconds: number; readonly cpuSeconds: number }[];
}

/** A long use log: what an entry costs, and how long it takes to hold all of it against its hashes. */
export async function benchLog(folder: string, { entries, rounds }: BenchOptions): Promise<LogFigures> {
  const storage = join(folder, 'log');
  const database = join(storage, 'kuva.sqlite');
  mkdirSync(storage);
  const appending = await fillLog(database, entries);
  const environment = { KUVA_STORAGE__ROOT: storage };
  const signed = await runProcess(KUVA, ['log', 'head'], { env: environment });
  if (signed.code !== 0) throw new Error(signed.output);
  const bytesPerEntry = statSync(database).size / entries;
  const verify = [];
  for (let round = 0; round < rounds; round++) verify.push(await timeVerify(environment));
  printTable(
    `use log of ${entries} entries`,
    ['appended/s', 'bytes/entry', 'kuva log verify s', 'CPU s'],
    [
      [
        entries / appending,
        bytesPerEntry,
        median(verify.map(({ seconds }) => seconds)),
        median(verify.map(({ cpuSeconds }) => cpuSeconds)),
      ],
    ],
  );
  return { entries, appendingSeconds: appending, bytesPerEntry, verify };
}

const TIMED = 'TIMEFORMAT="%R %U %S"; time "$0" log verify --json';

async function timeVerify(env: Record<string, string>): Promise<{ seconds: number; cpuSeconds: number }> {
  const { output, code } = await runProcess('bash', ['-c', TIMED, KUVA], { env });
  const [, seconds, user, system] = /^([\d.]+) ([\d.]+) ([\d.]+)$/m.exec(output) ?? [];
  if (code !== 0) throw new Error(output);
  return { seconds: Number(seconds), cpuSeconds: Number(user) + Number(system) };
}
