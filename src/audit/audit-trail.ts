import type { NewAuditMessage } from '../index/audit/audit-types.ts';
import { encodeAuditMessage } from './audit-message.ts';
import type { AuditMessage, AuditSource } from './audit-message.ts';

export interface AuditTrailOptions {
  readonly source: AuditSource;
  /** Resolves when the messages are on the disk. */
  readonly append: (messages: readonly NewAuditMessage[]) => Promise<void>;
  /** Something new waits for the repository. */
  readonly wake: () => void;
  /** Messages that could not be spooled: they are lost, and somebody must know. */
  readonly failed: (messages: number, error: unknown) => void;
}

/** A message as the spool keeps it. */
export function spooledForm(message: AuditMessage, source: AuditSource): NewAuditMessage {
  return { at: message.at, failed: message.outcome !== 0, message: encodeAuditMessage(message, source) };
}

/** Takes audit messages to the spool; messages of the same turn share a commit. */
export class AuditTrail {
  readonly #o: AuditTrailOptions;
  #waiting: NewAuditMessage[] = [];
  #writing: Promise<void> | undefined;

  constructor(options: AuditTrailOptions) {
    this.#o = options;
  }

  emit(...messages: readonly AuditMessage[]): void {
    for (const message of messages) {
      this.#waiting.push(spooledForm(message, this.#o.source));
    }
    this.#writing ??= this.#write();
  }

  /** Resolves when everything emitted is on the disk. */
  async flushed(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #write(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const messages = this.#waiting;
      this.#waiting = [];
      try {
        await this.#o.append(messages);
        this.#o.wake();
      } catch (error) {
        this.#o.failed(messages.length, error);
      }
    }
    this.#writing = undefined;
  }
}
