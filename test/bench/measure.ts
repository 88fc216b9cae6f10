import { runProcess } from '../support/run-process.ts';
import { ResidentSetMeter, cpuSeconds } from './process-usage.ts';
import type { Server } from './servers.ts';
import { printTable } from './report.ts';
import { median, percentile } from './statistics.ts';
import type { LoadResult } from './store-load.ts';

/** One contestant's figures over all its rounds of one cell. */
export interface Figures {
  readonly name: string;
  readonly rates: readonly number[];
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
  readonly firstFailure: string | undefined;
  readonly peakMiB: number;
  readonly cpuMsPerObject: number;
}

export interface Round {
  readonly result: LoadResult;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** Runs one round against a server and counts what it cost the server. */
export async function measureRound(server: Server, load: () => Promise<LoadResult>): Promise<Round> {
  await settleDisk();
  using memory = new ResidentSetMeter(server.pid);
  const before = cpuSeconds(server.pid);
  const result = await load();
  return { result, cpuSeconds: cpuSeconds(server.pid) - before, peakBytes: memory.peakBytes };
}

// What one contestant has left in the page cache must not be written during the next one's round.
export async function settleDisk(): Promise<void> {
  await runProcess('sync', []);
}

export function toFigures(name: string, rounds: readonly Round[]): Figures {
  const latencies = rounds.flatMap(({ result }) => result.latencies);
  const cpu = rounds.reduce((sum, round) => sum + round.cpuSeconds, 0);
  return {
    name,
    rates: rounds.map(({ result }) => result.latencies.length / result.seconds),
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    failures: rounds.reduce((sum, { result }) => sum + result.failures, 0),
    firstFailure: rounds.map(({ result }) => result.firstFailure).find((failure) => failure !== undefined),
    peakMiB: Math.max(...rounds.map(({ peakBytes }) => peakBytes)) / 2 ** 20,
    cpuMsPerObject: (cpu * 1000) / latencies.length,
  };
}

/** Figures of C-FIND. */
export function printFigures(title: string, figures: readonly Figures[]): void {
  const rows = figures.map((each) => [
    each.name,
    median(each.rates),
    each.p50,
    each.p99,
    each.peakMiB,
    each.cpuMsPerObject,
    each.failures === 0 ? '0' : `${each.failures} (${each.firstFailure ?? ''})`,
  ]);
  printTable(title, ['server', 'queries/s', 'p50 ms', 'p99 ms', 'RSS peak MiB', 'CPU ms/query', 'failures'], rows);
}
