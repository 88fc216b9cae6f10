import { setTimeout as delay } from 'node:timers/promises';
import type { SpooledMessage } from '../index/audit/audit-types.ts';
import type { RepositoryConnection } from './syslog-connection.ts';

/** Port: the spool. */
export interface AuditSpool {
  waiting(after: number, limit: number): Promise<readonly SpooledMessage[]>;
  /** Everything up to this one may be forgotten. */
  delivered(id: number): Promise<void>;
}

export interface AuditRelayOptions {
  readonly spool: AuditSpool;
  readonly connect: (signal: AbortSignal) => Promise<RepositoryConnection>;
  readonly frame: (message: SpooledMessage) => Buffer;
  /** So long (ms) a message that has reached the repository's machine is kept, for the case that its program dies before reading it. */
  readonly settleMs: number;
  /** How often (ms) is looked for what other processes have spooled. */
  readonly idleMs: number;
  readonly retry: { readonly first: number; readonly max: number };
  readonly events: {
    /** Once an outage. */
    lost(error: unknown): void;
    back(): void;
  };
  readonly now: () => number;
}

const BATCH = 200;
const LOOK_MS = 250;
const END_MS = 5000;

/**
 * Brings spooled audit messages to the repository, in order, for as long as it takes. Syslog has no acknowledgement: a message counts as
 * delivered when the peer's machine has confirmed its bytes and the connection has then lived on for a while, or has been ended by both
 * sides. After a loss everything that does not count is sent again: repeated, never lost.
 */
export class AuditRelay {
  readonly #o: AuditRelayOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #isWoken = false;
  #isLost = false;

  constructor(options: AuditRelayOptions) {
    this.#o = options;
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
    let wait = this.#o.retry.first;
    while (!this.#stop.signal.aborted) {
      try {
        const connection = await this.#o.connect(this.#stop.signal);
        if (this.#isLost) this.#o.events.back();
        this.#isLost = false;
        wait = this.#o.retry.first;
        await this.#feed(connection);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!this.#isLost) this.#o.events.lost(error);
        this.#isLost = true;
        await delay(wait, undefined, { signal: this.#stop.signal }).catch(() => undefined);
        wait = Math.min(wait * 2, this.#o.retry.max);
      }
    }
  }

  async #feed(connection: RepositoryConnection): Promise<void> {
    let alive = true;
    void connection.ended.then(() => {
      alive = false;
      this.wake();
    });
    const delivery = new Delivery(this.#o, connection);
    try {
      while (alive && !this.#stop.signal.aborted) {
        const sent = await delivery.sendWaiting();
        await delivery.settle();
        if (sent === 0 && alive) await this.#rest(delivery.isSettled ? this.#o.idleMs : LOOK_MS);
      }
      if (!alive) throw new Error('the audit record repository has ended the connection');
      await delivery.sendWaiting();
      if (await connection.end(END_MS)) await delivery.all();
    } finally {
      connection.destroy();
    }
  }

  /** Until something is spooled, the connection ends, or so many ms have passed. */
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

/** What one connection has been given, and how far it counts as delivered. */
class Delivery {
  readonly #o: AuditRelayOptions;
  readonly #connection: RepositoryConnection;
  #sent = 0;
  #delivered = 0;
  /** Confirmed by the peer's machine, and since when. */
  #confirmed: { readonly id: number; readonly at: number }[] = [];

  constructor(options: AuditRelayOptions, connection: RepositoryConnection) {
    this.#o = options;
    this.#connection = connection;
  }

  get isSettled(): boolean {
    return this.#delivered === this.#sent;
  }

  async sendWaiting(): Promise<number> {
    const batch = await this.#o.spool.waiting(this.#sent, BATCH);
    for (const message of batch) {
      await this.#connection.write(this.#o.frame(message));
      this.#sent = message.id;
    }
    return batch.length;
  }

  async settle(): Promise<void> {
    const now = this.#o.now();
    const last = this.#confirmed.at(-1)?.id ?? this.#delivered;
    if (this.#sent > last && this.#connection.isConfirmed()) this.#confirmed.push({ id: this.#sent, at: now });
    const settled = this.#confirmed.findLast(({ at }) => now - at >= this.#o.settleMs);
    if (settled === undefined) return;
    this.#confirmed = this.#confirmed.filter(({ id }) => id > settled.id);
    await this.#deliver(settled.id);
  }

  async all(): Promise<void> {
    if (!this.isSettled) await this.#deliver(this.#sent);
  }

  async #deliver(id: number): Promise<void> {
    await this.#o.spool.delivered(id);
    this.#delivered = id;
  }
}
