import type { Assembler } from './assembler.ts';
import type { AcceptedContext, Association } from './association.ts';
import { AssociationProtocolError, AssociationTimeoutError } from './association-errors.ts';
import type { AssociationEvents } from './association-events.ts';
import { NO_DATA_SET, RESPONSE, WITH_DATA_SET, commandName, type CommandSet } from './command-set.ts';
import { IdentifierReceiver } from './identifier-receiver.ts';
import { storedUid } from './incoming-operation.ts';
import { IncompleteMessageError, type DataSetSource, type MessageWriter } from './message-writer.ts';
import { ResponseQueue, type Response } from './response-queue.ts';
import { statusCategory } from './status-table.ts';
import { Countdown } from './ul/countdown.ts';
import type { UpperLayer } from './ul/upper-layer.ts';

export interface InvokerOptions {
  readonly assoc: Association;
  readonly ul: UpperLayer;
  readonly writer: MessageWriter;
  readonly assembler: Assembler;
  readonly maxIdentifierLength: number;
  readonly events: Partial<AssociationEvents>;
}

/** A request of ours that is not answered for good yet. */
interface Pending {
  readonly pc: AcceptedContext;
  readonly commandField: number;
  readonly messageID: number;
  readonly sopInstanceUID: string | undefined;
  readonly startedAt: number;
  bytes: number;
  respond(response: Response, final: boolean): void;
  fail(cause: Error): void;
}

/** Invokes operations on the peer, one at a time: the asynchronous operations window is 1 (PS3.7 D.3.3.3). */
export class Invoker {
  readonly #o: InvokerOptions;
  readonly #timer: Countdown;
  readonly #queue: (() => void)[] = [];
  #pending: Pending | undefined;
  #taken = false;
  #messageID = 0;
  #ended: Error | undefined;
  operations = 0;

  constructor(o: InvokerOptions) {
    this.#o = o;
    this.#timer = new Countdown(() => {
      // While we hold the peer back ourselves it cannot answer.
      if (o.ul.paused) this.#timer.start(o.ul.timeouts.response);
      else o.ul.abort(new AssociationTimeoutError('response', o.ul.timeouts.response));
    });
  }

  /** Resolves with the only response. */
  async one(pc: AcceptedContext, set: CommandSet, source: DataSetSource | undefined): Promise<Response> {
    await this.#turn();
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    promise.catch(() => {});
    const pending = this.#register(pc, set, resolve, reject);
    await this.#send(pending, set, source);
    return promise;
  }

  /** Yields every response, the final one last. Leaving early, or `signal`, sends C-CANCEL-RQ (PS3.7 9.3.2.3). */
  async *all(
    pc: AcceptedContext,
    set: CommandSet,
    identifier: Buffer,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Response, void> {
    await this.#turn();
    const responses = new ResponseQueue(this.#o.ul);
    let cancelled = false;
    const pending = this.#register(
      pc,
      set,
      (response, final) => responses.push(response, final),
      (cause) => responses.fail(cause),
    );
    const cancel = (): void => {
      if (cancelled || this.#pending !== pending) return;
      cancelled = true;
      void this.#o.writer.send(pc.id, cancelSet(pending.messageID), undefined);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      await this.#send(pending, set, identifier);
      if (signal?.aborted === true) cancel();
      let response: Response | undefined;
      while ((response = await responses.take()) !== undefined) yield response;
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancel();
      responses.discard();
    }
  }

  /** A response has arrived. */
  response(pc: AcceptedContext, set: CommandSet): void {
    const pending = this.#pending;
    if (
      pending === undefined ||
      set.MessageIDBeingRespondedTo !== pending.messageID ||
      set.CommandField !== (pending.commandField | RESPONSE) ||
      pc.id !== pending.pc.id
    ) {
      throw new AssociationProtocolError('protocol-error', undefined, 'response to no request', {
        messageID: set.MessageIDBeingRespondedTo,
      });
    }
    if (set.Status === undefined) {
      throw new AssociationProtocolError('protocol-error', undefined, 'response without a status', {});
    }
    if (set.CommandDataSetType === NO_DATA_SET) {
      this.#deliver(pending, { set, dataSet: undefined });
      return;
    }
    this.#o.assembler.expectDataSet(
      new IdentifierReceiver(this.#o.maxIdentifierLength, (dataSet) => this.#deliver(pending, { set, dataSet })),
    );
  }

  /** The peer works on our request: sub-operations of a C-GET. */
  progress(): void {
    this.#timer.refresh();
  }

  /** Undefined when no operation is outstanding. */
  idle(): Promise<void> | undefined {
    return this.#taken ? new Promise((resolve) => this.#queue.push(() => (resolve(), this.#next()))) : undefined;
  }

  ended(cause: Error): void {
    this.#ended = cause;
    this.#timer.stop();
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.fail(cause);
    for (const resolve of this.#queue.splice(0)) resolve();
  }

  #register(
    pc: AcceptedContext,
    set: CommandSet,
    respond: (response: Response, final: boolean) => void,
    fail: (cause: Error) => void,
  ): Pending {
    if (this.#ended !== undefined) throw this.#ended;
    this.#messageID = (this.#messageID % 0xffff) + 1;
    set.MessageID = this.#messageID;
    const pending: Pending = {
      pc,
      commandField: set.CommandField!,
      messageID: this.#messageID,
      sopInstanceUID: storedUid(set),
      startedAt: performance.now(),
      bytes: 0,
      respond,
      fail,
    };
    this.#pending = pending;
    this.#o.ul.busy();
    return pending;
  }

  async #send(pending: Pending, set: CommandSet, source: DataSetSource | undefined): Promise<void> {
    set.CommandDataSetType = source === undefined ? NO_DATA_SET : WITH_DATA_SET;
    const { writer, ul, assoc } = this.#o;
    if (source === undefined || Buffer.isBuffer(source)) {
      pending.bytes = source?.length ?? 0;
      const wait = writer.send(pending.pc.id, set, source);
      if (wait !== undefined) await wait;
    } else {
      try {
        pending.bytes = await writer.sendStream(pending.pc.id, set, source);
      } catch (error) {
        this.#withdraw(pending);
        if (!(error instanceof IncompleteMessageError)) throw error;
        // Half a data set cannot be taken back.
        assoc.abort('the data set to send could not be read', error.cause);
        throw error.cause;
      }
    }
    if (this.#pending === pending) this.#timer.start(ul.timeouts.response);
  }

  #deliver(pending: Pending, response: Response): void {
    const final = statusCategory(response.set.Status!) !== 'pending';
    if (final) {
      this.#timer.stop();
      this.#pending = undefined;
      this.#next();
      this.operations++;
      this.#o.ul.quiet();
      this.#o.events.operation?.(this.#o.assoc, {
        command: commandName(pending.commandField)!,
        status: response.set.Status!,
        bytes: pending.bytes,
        durationMs: performance.now() - pending.startedAt,
        outgoing: true,
        reason: response.set.ErrorComment ?? '',
        sopInstanceUID: pending.sopInstanceUID,
        destination: undefined,
        subOperations: undefined,
        problems: [],
      });
    } else {
      this.#timer.refresh();
    }
    pending.respond(response, final);
  }

  /** The request did not go out: it will not be answered. */
  #withdraw(pending: Pending): void {
    if (this.#pending !== pending) return;
    this.#pending = undefined;
    this.#o.ul.quiet();
    this.#next();
  }

  #turn(): Promise<void> | undefined {
    if (this.#ended !== undefined || !this.#taken) {
      this.#taken = true;
      return undefined;
    }
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  #next(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }
}

function cancelSet(messageID: number): CommandSet {
  return { CommandField: 0x0fff, MessageIDBeingRespondedTo: messageID, CommandDataSetType: NO_DATA_SET };
}
