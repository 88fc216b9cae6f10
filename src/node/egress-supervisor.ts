import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/schema.ts';
import type { Logger } from '../observability/loggers.ts';

export interface EgressSupervisorParts {
  readonly config: Config;
  readonly log: Logger;
}

/** What a supervised `kuva egress` is told. */
export type SupervisorMessage = { readonly kind: 'start'; readonly config: Config } | { readonly kind: 'wake' };

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** A child that lived so long had started well. */
const STEADY_MS = 60_000;
/** Objects come in bursts: the queue is woken no oftener than this. */
const WAKE_EVERY_MS = 500;

/**
 * Runs `kuva egress` as a child process of the node, so that whatever an archive does never touches reception. Its log lines go where the
 * node's go; a child that ends is started again, later each time; one whose node is gone ends by itself.
 */
export class EgressSupervisor {
  readonly #parts: EgressSupervisorParts;
  #child: ChildProcess | undefined;
  #pause = FIRST_PAUSE_MS;
  #restart: NodeJS.Timeout | undefined;
  #waking: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(parts: EgressSupervisorParts) {
    this.#parts = parts;
  }

  start(): void {
    const { config, log } = this.#parts;
    const startedAt = performance.now();
    const main = fileURLToPath(new URL(`../main${extname(import.meta.url)}`, import.meta.url));
    const child = fork(main, ['egress', '--supervised'], {
      // As large a heap from the beginning as the node's: file bytes lie outside it but count as its growth, and set off full collections.
      execArgv: process.execArgv.filter((flag) => flag.startsWith('--initial-heap-size')),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    // A child that is gone takes no message; its end is met below.
    child.on('error', (error) => log.error('the egress process cannot be reached', { cause: error.message }));
    child.send({ kind: 'start', config } satisfies SupervisorMessage);
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (this.#closing) return;
      if (performance.now() - startedAt > STEADY_MS) this.#pause = FIRST_PAUSE_MS;
      log.error('the egress process has ended', { code, signal, againInMs: this.#pause });
      this.#restart = setTimeout(() => this.start(), this.#pause);
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
    });
    log.info('the egress process is started', { pid: child.pid });
  }

  /** Something has been added to the index. */
  wake(): void {
    if (this.#child === undefined || this.#closing) return;
    this.#waking ??= setTimeout(() => {
      this.#waking = undefined;
      if (this.#child?.connected === true) this.#child.send({ kind: 'wake' } satisfies SupervisorMessage);
    }, WAKE_EVERY_MS).unref();
  }

  /** Asks the child to end and waits for it, no longer than the grace. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restart);
    clearTimeout(this.#waking);
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), Math.max(graceMs, WAKE_EVERY_MS));
    await ended;
    clearTimeout(late);
  }
}
