import type { LargeResult } from './large-load.ts';
import { settleDisk } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { ResidentSetMeter, cpuSeconds } from './process-usage.ts';
import { printTable } from './report.ts';
import { generateLarge } from './run-generator.ts';
import { startServer } from './servers.ts';
import type { ServerName } from './servers.ts';
import { median } from './statistics.ts';

interface LargeRound extends LargeResult {
  readonly grownBytes: number;
  readonly cpuSeconds: number;
}

/** One multi-frame object, streamed; a fresh server each time, so that its growth is its own and the disk is emptied. */
export async function benchLarge(_folder: string, options: BenchOptions): Promise<Record<string, LargeRound[]>> {
  const rounds: Record<string, LargeRound[]> = {};
  let run = 400_000_000;
  for (let round = 0; round < options.rounds; round++) {
    for (const name of options.targets) {
      await using server = await startServer(name as ServerName);
      await settleDisk();
      using memory = new ResidentSetMeter(server.pid);
      const before = cpuSeconds(server.pid);
      const result = await generateLarge({ target: server.target, run: run++, bytes: options.bytes });
      const cost = { cpuSeconds: cpuSeconds(server.pid) - before, grownBytes: memory.peakBytes - memory.startBytes };
      (rounds[name] ??= []).push({ ...result, ...cost });
    }
  }
  const rate = (each: LargeRound) => each.bytes / each.seconds / 1e6;
  printTable(
    `one object of ${(options.bytes / 2 ** 30).toFixed(2)} GiB`,
    ['server', 'MB/s', 'rounds', 'RSS growth MiB', 'CPU s', 'response after last byte ms', 'status'],
    Object.entries(rounds).map(([name, each]) => [
      name,
      median(each.map(rate)),
      each.map((one) => rate(one).toFixed(0)).join(' '),
      Math.max(...each.map((one) => one.grownBytes)) / 2 ** 20,
      median(each.map((one) => one.cpuSeconds)),
      median(each.map((one) => one.responseMs)),
      each.map((one) => one.status.toString(16).padStart(4, '0')).join(' '),
    ]),
  );
  return rounds;
}
