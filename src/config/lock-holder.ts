import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { errorCode } from '../core/errors.ts';

/** Who holds a lock, as written into its file. */
export interface LockHolder {
  readonly pid: number;
  /** Start time of the process in clock ticks after boot, so that a reused pid is not taken for the holder. */
  readonly processStart: string;
  readonly host: string;
  /** Where its pid means something: the boot of the kernel and its pid namespace; empty where there is no /proc. */
  readonly space: string;
  /** `node`, `import`, `reindex`: what to name in the message. */
  readonly purpose: string;
}

// A holder on another host or in another container cannot be asked whether it lives, so it shows that by touching its file.
export const HEARTBEAT_MS = 5000;
export const SILENT_MS = 6 * HEARTBEAT_MS;
const ENDED = new Set(['Z', 'X']);

/** This process as a holder. */
export function ownHolder(purpose: string): LockHolder {
  const processStart = readProcess(process.pid)?.start ?? '';
  return { pid: process.pid, processStart, host: hostname(), space: ownSpace(), purpose };
}

/** Undefined when there is no lock, or none that can be read. */
export function readHolder(path: string): LockHolder | undefined {
  try {
    const {
      pid,
      host,
      processStart = '',
      space = '',
      purpose = 'node',
    } = JSON.parse(readFileSync(path, 'utf8')) as Partial<LockHolder>;
    return typeof pid === 'number' && typeof host === 'string'
      ? { pid, host, processStart, space, purpose }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the pid of a holder can be looked up here. Two containers may have one host name and each a process 1. */
export function canBeAsked(holder: LockHolder): boolean {
  return holder.host === hostname() && holder.space === ownSpace();
}

/** Whether a holder lives; one that cannot be asked, as long as it was heard of lately. */
export function isAlive(path: string, holder: LockHolder): boolean {
  return canBeAsked(holder) ? isRunning(holder) : isHeard(lastTouch(path));
}

/** When the holder of a lock last touched it, in milliseconds since 1970. */
export function lastTouch(path: string): number {
  return statSync(path).mtimeMs;
}

/** What was last touched before this machine started, and not since, was left by a machine or container that has ended. */
function isHeard(touched: number): boolean {
  const up = uptime() * 1000;
  const beforeBoot = up > 2 * HEARTBEAT_MS && touched < Date.now() - up;
  return !beforeBoot && Date.now() - touched < SILENT_MS;
}

function isRunning(holder: LockHolder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  const found = readProcess(holder.pid);
  if (found === undefined) return true;
  // A zombie has ended and holds nothing; its parent, often a container's first process, may never ask for its status.
  return !ENDED.has(found.state) && (holder.processStart === '' || found.start === holder.processStart);
}

function ownSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** Fields 3 and 22 of /proc/PID/stat; undefined where there is no /proc. */
function readProcess(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
