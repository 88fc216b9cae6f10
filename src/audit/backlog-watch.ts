import type { Config } from '../config/schema.ts';
import type { AuditBacklog } from '../index/audit/audit-types.ts';

/** So much may wait for the repository before somebody should look. */
export type BacklogLimits = Pick<Config['audit'], 'warnMessages' | 'warnAge'>;

/** Whether so many wait, or one for so long, that the repository is not just slow. `now` in ms since 1970. */
export function isOverdue({ messages, oldestAt }: AuditBacklog, limits: BacklogLimits, now: number): boolean {
  return messages >= limits.warnMessages || (oldestAt !== null && now - oldestAt >= limits.warnAge);
}

/** How long (ms) the oldest has waited; 0 when none waits. */
export function backlogAge({ oldestAt }: AuditBacklog, now: number): number {
  return oldestAt === null ? 0 : Math.max(0, now - oldestAt);
}

export interface BacklogWatchOptions {
  readonly limits: BacklogLimits;
  readonly backlog: () => Promise<AuditBacklog>;
  readonly events: {
    /** Once, until it has been below. */
    over(backlog: AuditBacklog): void;
    below(backlog: AuditBacklog): void;
  };
  readonly now: () => number;
}

const LOOK_MS = 10_000;

/** Looks now and then how much waits for the repository. */
export class BacklogWatch implements Disposable {
  readonly #o: BacklogWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: BacklogWatchOptions) {
    this.#o = options;
  }

  start(): void {
    void this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  /** Never rejects: an index that does not answer is told of elsewhere. */
  async look(): Promise<void> {
    const { limits, backlog, events, now } = this.#o;
    const waiting = await backlog().catch(() => undefined);
    if (waiting === undefined) return;
    const isOver = isOverdue(waiting, limits, now());
    if (isOver !== this.#isOver) events[isOver ? 'over' : 'below'](waiting);
    this.#isOver = isOver;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
