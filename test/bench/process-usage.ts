import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

// USER_HZ: fixed at 100 for every Linux that user space sees.
const TICKS_PER_SECOND = 100;

/** CPU seconds of a process, its ended and its living descendants, so far. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const each of [pid, ...descendants(pid)]) {
    const fields = statFields(each);
    // utime stime cutime cstime are the fields 14 to 17 of proc(5); the first two are already gone here.
    for (const field of fields.slice(11, 15)) ticks += Number(field);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Follows the highest resident set of a process and its descendants together, from `start` on. */
export class ResidentSetMeter implements Disposable {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  readonly startBytes: number;
  #peak = 0;

  constructor(pid: number) {
    this.#pid = pid;
    // 5 resets VmHWM to the present resident set (proc(5), clear_refs).
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    this.startBytes = this.#sample();
    this.#timer = setInterval(() => this.#sample(), 50);
  }

  get peakBytes(): number {
    this.#sample();
    return this.#peak;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): number {
    const now = [this.#pid, ...descendants(this.#pid)].reduce((sum, pid) => sum + highWaterBytes(pid), 0);
    this.#peak = Math.max(this.#peak, now);
    return now;
  }
}

function highWaterBytes(pid: number): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`));
  return Number(match?.[1] ?? 0) * 1024;
}

/** Every living process that this one has started, directly or not. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const children = parents.get(next) ?? [];
    found.push(...children);
    open.push(...children);
  }
  return found;
}

// The fields after the command name, which may itself hold spaces and brackets.
function statFields(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}
