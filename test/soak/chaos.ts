import { setTimeout as delay } from 'node:timers/promises';
import type { EgressWorld } from './egress-world.ts';
import type { Random } from './random.ts';

// What an archive does on a bad day; each round follows some of it.
const MISCHIEF: readonly [object, ...object[]] = [
  { on: 'store', every: 3, status: 'A700' },
  { on: 'store', every: 4, status: 'B000', comment: 'coerced' },
  { on: 'store', every: 5, status: '0110' },
  { on: 'store', every: 4, abort: 'during' },
  { on: 'store', every: 6, abort: 'before-response' },
  { on: 'store', every: 7, abort: 'after-response' },
  { on: 'associate', every: 3, refuse: 'congestion' },
  { on: 'commitment', every: 2, answer: 'never' },
  { on: 'commitment', every: 3, via: 'new' },
  { on: 'commitment', every: 3, answer: 'twice' },
  { on: 'commitment', every: 4, reportAfter: '800ms' },
  { on: 'commitment', every: 5, transaction: 'foreign' },
  { on: 'commitment', every: 4, fail: 1, reason: '0112', forget: true },
  { on: 'commitment', every: 6, status: '0110' },
];

export type ChaosCounts = Record<'nodeKills' | 'egressKills' | 'archiveKills' | 'full' | 'mischief', number>;

/** Makes trouble `rounds` times, one thing after the other, then leaves everything running and well. */
export async function makeTrouble(world: EgressWorld, random: Random, rounds: number): Promise<ChaosCounts> {
  const counts: ChaosCounts = { nodeKills: 0, egressKills: 0, archiveKills: 0, full: 0, mischief: 0 };
  const kinds = ['nodeKills', 'egressKills', 'egressKills', 'archiveKills', 'full', 'mischief', 'mischief'] as const;
  for (let round = 0; round < rounds; round++) {
    const kind = random.pick(kinds);
    counts[kind] += 1;
    const pause = random.between(200, 900);
    if (kind === 'nodeKills') {
      await world.node.kill();
      await world.node.start();
    } else if (kind === 'egressKills') {
      for (const pid of world.egressPids()) kill(pid);
    } else if (kind === 'archiveKills') {
      await world.archive.stop('SIGKILL');
      await delay(pause);
      await world.archive.start();
    } else if (kind === 'full') {
      world.archive.signal('SIGUSR1');
      await delay(pause);
      world.archive.signal('SIGUSR1');
    } else {
      world.follow([random.pick(MISCHIEF), random.pick(MISCHIEF), random.pick(MISCHIEF)]);
    }
    await delay(pause);
  }
  world.follow([]);
  return counts;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
