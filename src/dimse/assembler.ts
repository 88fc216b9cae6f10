import { AssociationProtocolError } from './association-errors.ts';
import { GatheredBytes } from './gathered-bytes.ts';
import { PduError, invalidParameter } from './ul/pdu-error.ts';
import { ABORT_REASON } from './ul/pdu-types.ts';

/** Takes the data set of one message. */
export interface DataSetReceiver {
  write(view: Buffer): void;
  end(): void;
  /** The association ended before `end`. */
  abort(cause: Error): void;
}

export interface AssemblerOptions {
  readonly maxCommandLength: number;
  readonly isAccepted: (contextId: number) => boolean;
  /** A whole command set; when a data set follows, `expectDataSet` must be called before anything else is pushed. */
  readonly command: (contextId: number, bytes: Buffer) => void;
}

const IDLE = 0;
const COMMAND = 1;
const DATA_SET = 2;

/**
 * Puts PDVs together to messages, PS3.8 annex E. At most one message is incomplete at any time; a PDV that cannot be its
 * continuation ends the association (thrown as `PduError`).
 */
export class Assembler {
  readonly #o: AssemblerOptions;
  #mode = IDLE;
  #contextId = 0;
  #last = false;
  readonly #commandBytes: GatheredBytes;
  #receiver: DataSetReceiver | undefined;

  constructor(o: AssemblerOptions) {
    this.#o = o;
    this.#commandBytes = new GatheredBytes(o.maxCommandLength);
  }

  /** In the middle of a message. */
  get incomplete(): boolean {
    return this.#mode !== IDLE;
  }

  /** The data set of the command just handed over goes here. */
  expectDataSet(receiver: DataSetReceiver): void {
    this.#receiver = receiver;
    this.#mode = DATA_SET;
  }

  pdvHeader(contextId: number, flags: number, length: number): void {
    const isCommand = (flags & 1) !== 0;
    this.#last = (flags & 2) !== 0;
    if (this.#mode === IDLE) {
      if (!this.#o.isAccepted(contextId))
        throw invalidParameter('presentation context was not accepted', { contextId });
      if (!isCommand) throw unexpected('data set fragment without a command', contextId);
      this.#mode = COMMAND;
      this.#contextId = contextId;
      this.#commandBytes.clear();
    } else {
      if (contextId !== this.#contextId)
        throw unexpected('fragment of another presentation context inside a message', contextId);
      if (isCommand !== (this.#mode === COMMAND)) {
        throw unexpected(
          isCommand ? 'command fragment inside a data set' : 'data set fragment inside a command',
          contextId,
        );
      }
    }
    if (isCommand) {
      const limit = this.#o.maxCommandLength;
      const total = this.#commandBytes.length + length;
      if (total > limit) {
        throw new AssociationProtocolError('too-long', undefined, 'command set is longer than allowed', {
          length: total,
          limit,
        });
      }
    }
  }

  pdvData(view: Buffer, end: boolean): void {
    if (this.#mode === DATA_SET) {
      const receiver = this.#receiver!;
      if (end && this.#last) {
        // Idle first: the receiver may begin the next message that was held back.
        this.#mode = IDLE;
        this.#receiver = undefined;
        if (view.length > 0) receiver.write(view);
        receiver.end();
      } else if (view.length > 0) {
        receiver.write(view);
      }
      return;
    }
    this.#commandBytes.add(view);
    if (!end || !this.#last) return;
    this.#mode = IDLE;
    this.#o.command(this.#contextId, this.#commandBytes.take());
  }

  /** The association is over: an incomplete data set is given up, once. */
  abort(cause: Error): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#mode = IDLE;
    this.#commandBytes.clear();
    receiver?.abort(cause);
  }
}

function unexpected(message: string, contextId: number): PduError {
  return new PduError(ABORT_REASON.UnexpectedParameter, message, { contextId });
}
