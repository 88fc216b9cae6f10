import { toError } from '../core/errors.ts';
import type { Assembler, DataSetReceiver } from './assembler.ts';
import type { AcceptedContext, Association } from './association.ts';
import type { AssociationEvents } from './association-events.ts';
import type { AssociationLimits } from './association-limits.ts';
import type { DecodedCommand } from './command-decoder.ts';
import { NO_DATA_SET } from './command-set.ts';
import type {
  CFindRequest,
  CGetRequest,
  CMoveRequest,
  DimseRequest,
  DimseStatus,
  NResponse,
  RetrieveResponse,
} from './command-types.ts';
import { DiscardReceiver, IdentifierReceiver } from './identifier-receiver.ts';
import { IncomingOperation } from './incoming-operation.ts';
import type { MessageWriter } from './message-writer.ts';
import { parseRequest } from './request-parser.ts';
import { respondAll } from './response-stream.ts';
import type { ServiceHandlers } from './service-handlers.ts';
import { STATUS } from './status-table.ts';
import { StoreReceiver } from './store-receiver.ts';
import type { UpperLayer } from './ul/upper-layer.ts';

export interface PerformerOptions {
  readonly assoc: Association;
  readonly ul: UpperLayer;
  readonly writer: MessageWriter;
  readonly assembler: Assembler;
  readonly handlers: ServiceHandlers;
  readonly limits: AssociationLimits;
  readonly events: Partial<AssociationEvents>;
}

/**
 * Performs the peer's requests, one at a time: the asynchronous operations window is 1 (PS3.7 D.3.3.3). A request that comes
 * while another is performed is held back together with everything behind it, on the peer's side of the socket.
 */
export class Performer {
  readonly #o: PerformerOptions;
  #current: IncomingOperation | undefined;
  #held: { pc: AcceptedContext; decoded: DecodedCommand } | undefined;
  #whenIdle: (() => void)[] = [];
  #ended: Error | undefined;
  operations = 0;

  constructor(o: PerformerOptions) {
    this.#o = o;
  }

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** A request has arrived; Command Field and Message ID are there. */
  request(pc: AcceptedContext, decoded: DecodedCommand): void {
    if (this.#current !== undefined) {
      this.#held = { pc, decoded };
      this.#o.ul.pause();
      return;
    }
    this.#begin(pc, decoded);
  }

  /** PS3.7 9.3.2.3: C-CANCEL-RQ; without effect when the operation is over. */
  cancel(messageID: number): void {
    if (this.#current?.messageID === messageID) this.#current.cancel.abort(new Error('cancelled by the peer'));
  }

  /** Undefined when nothing is being performed. */
  idle(): Promise<void> | undefined {
    return this.#current === undefined ? undefined : this.next();
  }

  /** Settles when the operation that is being received or performed is over, or the association is. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Asks whatever is performed to end early: the peer wants to release. */
  hurry(): void {
    this.#current?.cancel.abort(new Error('the peer releases the association'));
  }

  ended(cause: Error): void {
    this.#ended = cause;
    this.#held = undefined;
    this.#current?.cancel.abort(cause);
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #begin(pc: AcceptedContext, decoded: DecodedCommand): void {
    const op = new IncomingOperation(pc, decoded.set);
    const withDataSet = decoded.set.CommandDataSetType !== NO_DATA_SET;
    const parsed = parseRequest(decoded);
    if ('refused' in parsed) {
      const { status: code, offendingElement, errorComment } = parsed.refused;
      this.#refuse(op, withDataSet, { code, offendingElement, errorComment });
      return;
    }
    const request = parsed.request;
    const refusal = this.#refusal(request, pc, withDataSet);
    if (refusal !== undefined) {
      this.#refuse(op, withDataSet, refusal);
    } else if (request.command === 'C-STORE-RQ') {
      this.#o.assembler.expectDataSet(this.#storeReceiver(op, request));
    } else if (withDataSet) {
      this.#o.assembler.expectDataSet(
        new IdentifierReceiver(this.#o.limits.maxIdentifierLength, (dataSet) => {
          op.bytes = dataSet.length;
          this.#perform(op, request, dataSet);
        }),
      );
    } else {
      this.#perform(op, request, undefined);
    }
  }

  #refusal(request: DimseRequest, pc: AcceptedContext, withDataSet: boolean): DimseStatus | undefined {
    const { handlers } = this.#o;
    switch (request.command) {
      case 'C-ECHO-RQ':
        return undefined;
      case 'C-STORE-RQ':
        if (handlers.store === undefined) return unrecognized();
        if (!withDataSet) return { code: STATUS.CannotUnderstand, errorComment: 'C-STORE without a data set' };
        return wrongRole(pc.role.scp);
      case 'C-FIND-RQ':
        if (handlers.find === undefined) return unrecognized();
        return withDataSet ? wrongRole(pc.role.scp) : noIdentifier();
      case 'C-MOVE-RQ':
        if (handlers.move === undefined) return unrecognized();
        return withDataSet ? wrongRole(pc.role.scp) : noIdentifier();
      case 'C-GET-RQ':
        if (handlers.get === undefined) return unrecognized();
        return withDataSet ? wrongRole(pc.role.scp) : noIdentifier();
      case 'N-ACTION-RQ':
        return handlers.action === undefined ? unrecognized() : wrongRole(pc.role.scp);
      case 'N-EVENT-REPORT-RQ':
        return handlers.eventReport === undefined ? unrecognized() : wrongRole(pc.role.scu);
      default:
        return unrecognized();
    }
  }

  #storeReceiver(op: IncomingOperation, request: DimseRequest & { command: 'C-STORE-RQ' }): DataSetReceiver {
    const { assoc, handlers, ul } = this.#o;
    try {
      const sink = handlers.store!(assoc, op.pc, request);
      const receiver = new StoreReceiver(ul, sink, (bytes, result) => {
        op.bytes = bytes;
        this.#finish(op, result instanceof Error ? this.#failure(op, result) : result);
      });
      return {
        write: (view) => receiver.write(view),
        end: () => {
          this.#start(op);
          receiver.end();
        },
        abort: (cause) => receiver.abort(cause),
      };
    } catch (error) {
      const failed = this.#failure(op, error);
      return new DiscardReceiver(() => {
        this.#start(op);
        this.#finish(op, failed);
      });
    }
  }

  #perform(op: IncomingOperation, request: DimseRequest, dataSet: Buffer | undefined): void {
    this.#start(op);
    const { assoc, handlers } = this.#o;
    try {
      switch (request.command) {
        case 'C-ECHO-RQ':
          return this.#settle(op, handlers.echo?.(assoc, op.pc, request) ?? { code: STATUS.Success });
        case 'C-FIND-RQ':
        case 'C-MOVE-RQ':
        case 'C-GET-RQ':
          return this.#stream(op, request, dataSet!);
        case 'N-ACTION-RQ':
          return this.#settleN(op, handlers.action!(assoc, op.pc, request, dataSet));
        case 'N-EVENT-REPORT-RQ':
          return this.#settleN(op, handlers.eventReport!(assoc, op.pc, request, dataSet));
        default:
          return this.#finish(op, unrecognized());
      }
    } catch (error) {
      this.#finish(op, this.#failure(op, error));
    }
  }

  #settle(op: IncomingOperation, status: Promise<DimseStatus> | DimseStatus): void {
    if (!(status instanceof Promise)) return this.#finish(op, status);
    status.then(
      (done) => this.#finish(op, done),
      (error: unknown) => this.#finish(op, this.#failure(op, error)),
    );
  }

  #settleN(op: IncomingOperation, response: Promise<NResponse>): void {
    response.then(
      ({ status, dataSet, afterResponse }) => {
        this.#finish(op, status, dataSet);
        if (afterResponse === undefined) return;
        // The response leaves at the end of this turn of the event loop.
        setImmediate(() => {
          if (this.#ended !== undefined) return;
          try {
            afterResponse();
          } catch (error) {
            this.#failure(op, error);
          }
        });
      },
      (error: unknown) => this.#finish(op, this.#failure(op, error)),
    );
  }

  #stream(op: IncomingOperation, request: CFindRequest | CMoveRequest | CGetRequest, identifier: Buffer): void {
    const { assoc, handlers, writer, ul } = this.#o;
    const cancel = op.cancel.signal;
    const responses =
      request.command === 'C-FIND-RQ'
        ? handlers.find!(assoc, op.pc, request, identifier, cancel)
        : request.command === 'C-MOVE-RQ'
          ? handlers.move!(assoc, op.pc, request, identifier, cancel)
          : handlers.get!(assoc, op.pc, request, identifier, cancel);
    const failed = (error: unknown): DimseStatus => this.#failure(op, error);
    void respondAll({ op, responses, stopsOnCancel: request.command === 'C-FIND-RQ', writer, ul, failed }).then(
      (final) => this.#over(op, final),
    );
  }

  /** Reads past the data set of a request that is not performed, then answers it. */
  #refuse(op: IncomingOperation, withDataSet: boolean, status: DimseStatus): void {
    const answer = (): void => {
      this.#start(op);
      this.#finish(op, status);
    };
    if (withDataSet) this.#o.assembler.expectDataSet(new DiscardReceiver(answer));
    else answer();
  }

  #start(op: IncomingOperation): void {
    this.#current = op;
    this.#o.ul.busy();
  }

  #finish(op: IncomingOperation, status: DimseStatus, dataSet?: Buffer): void {
    if (this.#ended === undefined) {
      void this.#o.writer.send(op.pc.id, op.response(status, dataSet !== undefined), dataSet);
      // The peer goes on while what is told of the operation is written.
      this.#o.ul.output.flush();
    }
    this.#over(op, { status });
  }

  #over(op: IncomingOperation, final: RetrieveResponse): void {
    const { assoc, events, ul } = this.#o;
    this.operations++;
    this.#current = undefined;
    events.operation?.(assoc, op.summary(final));
    ul.quiet();
    for (const resolve of this.#whenIdle.splice(0)) resolve();
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#begin(held.pc, held.decoded);
    ul.resume();
  }

  /** PS3.7 annex C.5.18: what a handler throws is a processing failure, and nothing of it goes to the peer. */
  #failure(op: IncomingOperation, error: unknown): DimseStatus {
    this.#o.events.failure?.(this.#o.assoc, op.name, toError(error));
    return { code: STATUS.ProcessingFailure };
  }
}

function unrecognized(): DimseStatus {
  return { code: STATUS.UnrecognizedOperation };
}

function noIdentifier(): DimseStatus {
  return { code: STATUS.DataSetMismatch, errorComment: 'request without an identifier' };
}

/** PS3.7 D.3.3.4: the role in which we would act was not negotiated. */
function wrongRole(granted: boolean): DimseStatus | undefined {
  return granted ? undefined : { code: STATUS.SOPClassNotSupported, errorComment: 'role was not negotiated' };
}
