import { errorCode, toError } from '../core/errors.ts';
import type { NewAuditMessage } from '../index/audit/audit-types.ts';
import { encodeAuditMessage } from './audit-message.ts';
import type { AuditMessage, AuditSource } from './audit-message.ts';
import type { AuditAe } from './audit-actors.ts';
import { auditRecording } from './events/security-events.ts';

export interface AuditTrailOptions {
  readonly self: AuditAe;
  readonly source: AuditSource;
  /** Resolves when the messages are on the disk. */
  readonly append: (messages: readonly NewAuditMessage[]) => Promise<void>;
  readonly events: {
    /** Something new waits for the repository. */
    spooled(): void;
    /** Nothing can be written down for now: what happens is held in memory, and what would show data to others is refused. */
    blocked(error: Error): void;
    /** It can again; `lost`: so many messages found no place in memory either. */
    unblocked(facts: { readonly held: number; readonly lost: number }): void;
    /** The process ends and these could not be written down. */
    lost(messages: number, error: Error): void;
  };
  /** How long (ms) until what cannot be written down is tried again, unless something new comes before. */
  readonly retryMs: number;
  /** ms since 1970. */
  readonly now: () => number;
}

/** A message as the spool keeps it. */
export function spooledForm(message: AuditMessage, source: AuditSource): NewAuditMessage {
  return { at: message.at, failed: message.outcome !== 0, message: encodeAuditMessage(message, source) };
}

const AT_ONCE = 500;
/** Some 40 MB: who may associate, search or retrieve is refused long before, so that only strangers who knock get this far. */
const MOST_HELD = 20_000;

/**
 * Takes audit messages to the spool, in order; messages of the same turn share a commit. What cannot be written down, on a full disk, is held
 * in memory and tried again; the trail then tells itself from when on it was so, until when, and how many messages were lost.
 */
export class AuditTrail {
  readonly #o: AuditTrailOptions;
  #waiting: NewAuditMessage[] = [];
  /** Who wants to know when so many messages, counted from the first of `#waiting`, are on the disk. */
  #told: { messages: number; readonly tell: (written: boolean) => void }[] = [];
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #blocked: Error | undefined;
  /** So many waited at once since the last write that failed for the first time. */
  #most = 0;
  #lost = 0;
  #closed = false;

  constructor(options: AuditTrailOptions) {
    this.#o = options;
  }

  /** Why nothing can be written down; undefined when it can. */
  get blocked(): Error | undefined {
    return this.#blocked;
  }

  /** Resolves with true when they are on the disk, and with false when they are held in memory for want of room. Never rejects. */
  async emit(...messages: readonly AuditMessage[]): Promise<boolean> {
    if (messages.length === 0) return this.#blocked === undefined;
    const kept = messages.map((message) => this.#keep(message)).every(Boolean);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#told.push({ messages: this.#waiting.length, tell: resolve });
    this.#writing ??= this.#write();
    return (await promise) && kept;
  }

  /** Resolves when everything emitted is on the disk, or has been told to be lost. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#writing;
    if (this.#waiting.length > 0) await (this.#writing ??= this.#write());
    const lost = this.#waiting.length + this.#lost;
    if (lost > 0 && this.#blocked !== undefined) this.#o.events.lost(lost, this.#blocked);
  }

  /** False when there was no place for it. */
  #keep(message: AuditMessage): boolean {
    if (this.#blocked !== undefined && this.#waiting.length >= MOST_HELD) {
      this.#lost += 1;
      return false;
    }
    this.#waiting.push(spooledForm(message, this.#o.source));
    this.#most = Math.max(this.#most, this.#waiting.length);
    return true;
  }

  async #write(): Promise<void> {
    clearTimeout(this.#retry);
    // Whatever else is emitted in this turn.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0) {
        const messages = this.#waiting.slice(0, AT_ONCE);
        await this.#o.append(messages);
        this.#waiting.splice(0, messages.length);
        if (this.#blocked !== undefined) this.#unblock();
        this.#o.events.spooled();
        this.#tell(messages.length);
      }
    } catch (error) {
      this.#block(toError(error));
    }
    this.#writing = undefined;
  }

  #tell(written: number): void {
    const told = this.#told;
    this.#told = [];
    for (const waiter of told) {
      waiter.messages -= written;
      if (waiter.messages > 0) this.#told.push(waiter);
      else waiter.tell(true);
    }
  }

  #block(error: Error): void {
    for (const { tell } of this.#told) tell(false);
    this.#told = [];
    if (this.#blocked === undefined) {
      this.#most = 0;
      const text = `audit messages cannot be written down (${errorCode(error)}): they are held in memory`;
      this.#keep(auditRecording(this.#o.now(), this.#o.self, this.#uri, 'stopped', text));
      this.#o.events.blocked(error);
    }
    this.#blocked = error;
    if (!this.#closed) this.#retry = setTimeout(() => void (this.#writing ??= this.#write()), this.#o.retryMs).unref();
  }

  #unblock(): void {
    const [held, lost] = [this.#most, this.#lost];
    this.#blocked = undefined;
    this.#lost = 0;
    const text = `${held} audit messages were held in memory and are written down now, ${lost} were lost`;
    this.#keep(auditRecording(this.#o.now(), this.#o.self, this.#uri, 'started', text));
    this.#o.events.unblocked({ held, lost });
  }

  get #uri(): string {
    return `kuva:${this.#o.self.aet}/audit`;
  }
}
