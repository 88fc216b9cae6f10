import { setTimeout as delay } from 'node:timers/promises';
import type { SpooledMessage } from '../index/audit/audit-types.ts';
import type { RepositoryConnection } from './syslog-connection.ts';

/** Port: the spool. */
export interface AuditSpool {
  /** Behind `after`, oldest first. */
  waiting(after: number, limit: number): Promise<readonly SpooledMessage[]>;
  /** Everything up to this one may be forgotten. */
  delivered(id: number): Promise<void>;
}

export interface AuditRelayOptions {
  readonly spool: AuditSpool;
  readonly connect: (signal: AbortSignal) => Promise<RepositoryConnection>;
  readonly frame: (message: SpooledMessage) => Buffer;
  /**
   * A connection is ended, so that the repository confirms what came over it, after so many messages or so many ms. It has `endMs` to
   * answer, which is long for one that is slow to write.
   */
  readonly perConnection: { readonly messages: number; readonly ms: number; readonly endMs: number };
  /** How often (ms) is looked for what other processes have spooled. */
  readonly idleMs: number;
  readonly retry: { readonly first: number; readonly max: number };
  readonly events: {
    /** Once an outage. */
    lost(error: unknown): void;
    back(): void;
  };
  /** Monotonic ms. */
  readonly now: () => number;
}

const BATCH = 200;
const STOP_MS = 5000;

/**
 * Brings spooled audit messages to the repository, in order, for as long as it takes. Syslog has no acknowledgement but one: a receiver must
 * answer the end of a connection with its own (RFC 5425 4.4), and reads everything before it sees that end. So connections are short, a
 * message counts as delivered when the one that it went over was ended by both sides, and after any other end everything that
 * went over it goes again: repeated, never lost. That a machine has confirmed bytes says nothing about the program on it.
 */
export class AuditRelay {
  readonly #o: AuditRelayOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #isWoken = false;
  #isLost = false;
  #delivered = 0;
  /** Fewer after a connection that failed, so that one message that a repository cannot bear does not have all before it sent for ever. */
  #messages: number;

  constructor(options: AuditRelayOptions) {
    this.#o = options;
    this.#messages = options.perConnection.messages;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something has been spooled. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Lets what waits go out if the repository is there; the rest stays spooled. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { retry, idleMs, spool } = this.#o;
    let wait = retry.first;
    while (!this.#stop.signal.aborted) {
      try {
        if ((await spool.waiting(this.#delivered, 1)).length === 0) await this.#rest(idleMs);
        else await this.#carry(this.#stop.signal);
        wait = retry.first;
      } catch (error) {
        this.#failed(error);
        await delay(wait, undefined, { signal: this.#stop.signal }).catch(() => undefined);
        wait = Math.min(wait * 2, retry.max);
      }
    }
    // The last words; not for a repository that is known to be away.
    if (!this.#isLost) await this.#lastWords().catch((error: unknown) => this.#failed(error));
  }

  async #lastWords(): Promise<void> {
    if ((await this.#o.spool.waiting(this.#delivered, 1)).length === 0) return;
    await this.#carry(AbortSignal.timeout(STOP_MS));
  }

  #failed(error: unknown): void {
    if (!this.#isLost) this.#o.events.lost(error);
    this.#isLost = true;
  }

  /** One connection, from its beginning to its confirmed end. @throws when it cannot be had, or ends otherwise */
  async #carry(signal: AbortSignal): Promise<void> {
    const connection = await this.#o.connect(signal);
    let isAlive = true;
    void connection.ended.then(() => {
      isAlive = false;
      this.wake();
    });
    try {
      const last = await this.#feed(connection, () => isAlive);
      if (!isAlive) throw new Error('the audit record repository has ended the connection');
      const within = this.#stop.signal.aborted ? STOP_MS : this.#o.perConnection.endMs;
      if (!(await connection.end(within)))
        throw new Error(`the audit record repository has not answered the end of the connection within ${within} ms`);
      await this.#confirmed(last);
    } catch (error) {
      this.#messages = Math.max(1, Math.floor(this.#messages / 2));
      throw error;
    } finally {
      connection.destroy();
    }
  }

  /** @returns the id of the last message written */
  async #feed(connection: RepositoryConnection, isAlive: () => boolean): Promise<number> {
    const { spool, frame, perConnection, idleMs, now } = this.#o;
    const until = now() + perConnection.ms;
    let sent = this.#delivered;
    for (let left = this.#messages; left > 0 && isAlive();) {
      const batch = await spool.waiting(sent, Math.min(left, BATCH));
      if (batch.length > 0) await connection.write(Buffer.concat(batch.map(frame)));
      sent = batch.at(-1)?.id ?? sent;
      left -= batch.length;
      const rest = until - now();
      if (rest <= 0 || (batch.length === 0 && this.#stop.signal.aborted)) break;
      if (batch.length === 0) await this.#rest(Math.min(rest, idleMs));
    }
    return sent;
  }

  async #confirmed(last: number): Promise<void> {
    await this.#o.spool.delivered(last);
    this.#delivered = last;
    this.#messages = Math.min(this.#messages * 2, this.#o.perConnection.messages);
    if (this.#isLost) this.#o.events.back();
    this.#isLost = false;
  }

  /** Until something is spooled, the connection ends, the relay is closed, or so many ms have passed. */
  async #rest(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#isWoken) resolve();
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#wake = undefined;
    this.#isWoken = false;
  }
}
