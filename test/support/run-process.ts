import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

export interface ProcessResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout and stderr in one, as DCMTK mixes its log over both */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** Runs a program to its end, at most `timeoutMs` (then SIGKILL and an error that shows its output). */
export function runProcess(command: string, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<ProcessResult>();
  const out = collect(child);
  const timeoutMs = options.timeoutMs ?? 60_000;
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    reject(new Error(`${command} ${args.join(' ')} ran longer than ${timeoutMs} ms\n${out.all()}`));
  }, timeoutMs);
  child.once('error', (error) => {
    clearTimeout(timer);
    reject(error);
  });
  child.once('close', (code, signal) => {
    clearTimeout(timer);
    resolve({ code, signal, stdout: out.stdout(), stderr: out.stderr(), output: out.all() });
  });
  return promise;
}

/** The result, when the program ended with 0; fails with its output otherwise. */
export async function succeeded(running: Promise<ProcessResult>): Promise<ProcessResult> {
  const result = await running;
  if (result.code !== 0) throw new Error(`exit code ${result.code}, signal ${result.signal}\n${result.output}`);
  return result;
}

/** A program that stays: `output()` is what it has said so far, disposal ends it. */
export class RunningProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #out: ReturnType<typeof collect>;

  constructor(command: string, args: readonly string[], options: RunOptions = {}) {
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#out = collect(this.child);
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      // Not 'close': a forking server's children keep its pipes open.
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.exited.catch(() => undefined);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the process did not start');
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  output(): string {
    return this.#out.all();
  }

  /** Sends the signal and waits for the end; SIGKILL when it has not ended after `graceMs`. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 10_000): Promise<void> {
    if (this.isRunning) this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.exited.catch(() => undefined);
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function collect(child: ChildProcess): { stdout(): string; stderr(): string; all(): string } {
  const chunks: { stream: 'out' | 'err'; data: Buffer }[] = [];
  child.stdout?.on('data', (data: Buffer) => chunks.push({ stream: 'out', data }));
  child.stderr?.on('data', (data: Buffer) => chunks.push({ stream: 'err', data }));
  const join = (stream?: 'out' | 'err') =>
    Buffer.concat(chunks.filter((c) => stream === undefined || c.stream === stream).map((c) => c.data)).toString();
  return { stdout: () => join('out'), stderr: () => join('err'), all: () => join() };
}
