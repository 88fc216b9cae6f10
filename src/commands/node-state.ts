import { readFileSync, statfsSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import { lockHolder } from '../config/storage-lock.ts';
import { storagePaths } from '../config/storage-paths.ts';
import type { HealthReport } from '../observability/health.ts';

/** What a running node has written down of itself. */
export interface Readiness {
  readonly pid: number;
  readonly dicomPort: number;
  readonly httpPort: number | null;
}

/** Whether a node works on this storage, as seen from beside it. */
export interface NodeState {
  readonly state: string;
  /** Process that has the storage; undefined when none has. */
  readonly holder: ReturnType<typeof lockHolder>;
  /** Undefined unless a node runs and has told its ports. */
  readonly ready: Readiness | undefined;
  /** Undefined when nothing was answered. */
  readonly health: HealthReport | undefined;
  readonly freeBytes: number;
}

export async function nodeState(config: Config): Promise<NodeState> {
  const paths = storagePaths(config);
  const holder = lockHolder(paths.lock);
  const ready = holder?.purpose === 'node' ? readReadiness(paths.ready, holder.pid) : undefined;
  const answer = ready === undefined ? undefined : await askNode(config, ready, '/healthz');
  // 503 carries a report, too.
  const health = answer === undefined ? undefined : reportOf(answer);
  return { state: stateOf(holder, ready, health), holder, ready, health, freeBytes: freeBytesOf(paths.root) };
}

/** What the running node answers over HTTP; undefined when it does not. */
export async function askNode(
  config: Config,
  { httpPort }: Readiness,
  path: '/healthz' | '/metrics',
): Promise<string | undefined> {
  if (httpPort === null) return undefined;
  const host = ['0.0.0.0', '::'].includes(config.http.host) ? '127.0.0.1' : config.http.host;
  try {
    const response = await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${httpPort}${path}`, {
      signal: AbortSignal.timeout(5000),
    });
    return await response.text();
  } catch {
    return undefined;
  }
}

function reportOf(answer: string): HealthReport | undefined {
  try {
    return JSON.parse(answer) as HealthReport;
  } catch {
    return undefined;
  }
}

function stateOf(holder: NodeState['holder'], ready: Readiness | undefined, health: HealthReport | undefined): string {
  if (holder === undefined) return 'not running';
  if (holder.purpose !== 'node') return `in use by kuva ${holder.purpose}`;
  if (ready === undefined) return 'starting or stopping';
  if (health === undefined) return 'running, health not known';
  return health.ok ? 'running' : 'running, not well';
}

function readReadiness(path: string, pid: number): Readiness | undefined {
  try {
    const ready = JSON.parse(readFileSync(path, 'utf8')) as Readiness;
    return ready.pid === pid ? ready : undefined;
  } catch {
    return undefined;
  }
}

function freeBytesOf(root: string): number {
  try {
    const { bavail, bsize } = statfsSync(root);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
