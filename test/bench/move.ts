import { freePort } from '../support/free-port.ts';
import { settleDisk } from './measure.ts';
import type { MoveResult } from './move-load.ts';
import type { BenchOptions } from './options.ts';
import { cpuSeconds } from './process-usage.ts';
import { printTable } from './report.ts';
import { generateMove, generateStore } from './run-generator.ts';
import { startServer, startSink } from './servers.ts';
import type { Server, ServerName } from './servers.ts';
import { median } from './statistics.ts';

const LOADED_RUN = 300_000_000;

interface MoveRound extends MoveResult {
  readonly cpuSeconds: number;
}

/** C-MOVE of CT studies to a sink that forgets what it gets, the same sink for every contestant. */
export async function benchMove(_folder: string, options: BenchOptions): Promise<Record<string, MoveRound[]>> {
  await using stack = new AsyncDisposableStack();
  const destination = { aet: 'SINK', port: await freePort() };
  stack.use(await startSink(destination));
  const objects = options.objects || 1000;
  const servers: Server[] = [];
  for (const name of options.targets) {
    const server = stack.use(await startServer(name as ServerName, destination));
    // One association: dcmqrscp loses objects when several store at once.
    const job = { kind: 'ct530k' as const, associations: 1, objects, run: LOADED_RUN };
    const { failures, firstFailure } = await generateStore({ target: server.target, ...job });
    if (failures > 0) throw new Error(`${name}: ${failures} objects not stored: ${firstFailure ?? ''}`);
    servers.push(server);
  }
  const rounds: Record<string, MoveRound[]> = {};
  for (let round = 0; round < options.rounds; round++) {
    for (const server of servers) {
      await settleDisk();
      const before = cpuSeconds(server.pid);
      const job = { destination: destination.aet, kind: 'ct530k' as const, run: LOADED_RUN, objects };
      const result = await generateMove({ target: server.target, ...job });
      (rounds[server.name] ??= []).push({ ...result, cpuSeconds: cpuSeconds(server.pid) - before });
    }
  }
  const rate = (each: MoveRound) => each.completed / each.seconds;
  printTable(
    `C-MOVE of ${objects} CT of 530 kB`,
    ['server', 'objects/s', 'rounds', 'CPU ms/object', 'completed', 'failed'],
    Object.entries(rounds).map(([name, each]) => [
      name,
      median(each.map(rate)),
      each.map((one) => rate(one).toFixed(0)).join(' '),
      (median(each.map((one) => one.cpuSeconds)) * 1000) / objects,
      each.map((one) => one.completed).join(' '),
      each.map((one) => one.failed).join(' '),
    ]),
  );
  return rounds;
}
