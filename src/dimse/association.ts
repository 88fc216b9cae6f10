import { Assembler } from './assembler.ts';
import {
  AssociationAbortedError,
  AssociationError,
  AssociationProtocolError,
  type AssociationOutcome,
} from './association-errors.ts';
import type { AssociationOptions } from './association-options.ts';
import type { PeerAddress } from './association-policy.ts';
import { CommandSetError, decodeCommandSet } from './command-decoder.ts';
import { COMMAND, RESPONSE, commandName } from './command-set.ts';
import type { DimseStatus, FindResponse, NResponse, RetrieveResponse } from './command-types.ts';
import { LazyAbort } from './incoming-operation.ts';
import { Invoker } from './invoker.ts';
import { MessageWriter } from './message-writer.ts';
import {
  echoSet,
  eventReportSet,
  findSet,
  getSet,
  moveSet,
  actionSet,
  nResponseOf,
  retrieveResponseOf,
  statusOf,
  storeSet,
  type ActionOptions,
  type EventReportOptions,
  type FindOptions,
  type MoveOptions,
  type StoreOptions,
} from './outgoing-requests.ts';
import { Performer } from './performer.ts';
import type { AssociateAccept, AssociateRequest } from './ul/associate-types.ts';
import type { UpperLayer } from './ul/upper-layer.ts';
import type { UpperLayerUser } from './ul/upper-layer-user.ts';

/** One presentation context that both sides agreed on. */
export interface AcceptedContext {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntax: string;
  /** What **this** side may be: `scp` lets the peer's requests in, `scu` lets ours out (PS3.7 D.3.3.4). */
  readonly role: { readonly scu: boolean; readonly scp: boolean };
  /** Service-class-application-information agreed for the SOP class, PS3.7 D.3.3.5. */
  readonly extended: Buffer | undefined;
}

/** One association, on either side: performs the peer's requests and sends our own. */
export class Association implements UpperLayerUser {
  /** One in the process; that of an outgoing association is a word. */
  readonly id: number | string;
  /** The association for whose sake this one was requested: of a C-MOVE. */
  readonly parent: number | string | undefined;
  readonly callingAET: string;
  readonly calledAET: string;
  readonly peer: PeerAddress;
  readonly principal: unknown;
  readonly contexts: ReadonlyMap<number, AcceptedContext>;
  /** All that was negotiated: A-ASSOCIATE-RQ and -AC. */
  readonly request: AssociateRequest;
  readonly accept: AssociateAccept;
  readonly #o: AssociationOptions;
  readonly #ul: UpperLayer;
  readonly #assembler: Assembler;
  readonly #performer: Performer;
  readonly #invoker: Invoker;
  readonly #end = new LazyAbort();
  readonly #startedAt = performance.now();
  readonly #over = Promise.withResolvers<void>();
  #outcome: AssociationOutcome | undefined;
  #cause: AssociationError | undefined;

  constructor(o: AssociationOptions) {
    this.#o = o;
    this.#ul = o.ul;
    this.id = o.id;
    this.parent = o.parent;
    this.callingAET = o.request.callingAET;
    this.calledAET = o.request.calledAET;
    this.peer = o.peer;
    this.principal = o.principal;
    this.contexts = o.contexts;
    this.request = o.request;
    this.accept = o.accept;
    const writer = new MessageWriter(o.ul, o.fragment);
    this.#assembler = new Assembler({
      maxCommandLength: o.limits.maxCommandLength,
      isAccepted: (contextId) => o.contexts.has(contextId),
      command: (contextId, bytes) => this.#command(contextId, bytes),
    });
    const common = { assoc: this, ul: o.ul, writer, assembler: this.#assembler, events: o.events };
    this.#performer = new Performer({ ...common, handlers: o.handlers, limits: o.limits });
    this.#invoker = new Invoker({ ...common, maxIdentifierLength: o.limits.maxIdentifierLength });
    o.ul.attach(this);
  }

  /** Fires when the association is over, for whatever reason. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Undefined while the association lasts. */
  get outcome(): AssociationOutcome | undefined {
    return this.#outcome;
  }

  /** Why it ended, when not by release. */
  get cause(): AssociationError | undefined {
    return this.#cause;
  }

  get isOpen(): boolean {
    return this.#outcome === undefined;
  }

  /** A request of the peer's is being received or performed. */
  get isBusy(): boolean {
    return this.#assembler.incomplete || this.#performer.isBusy;
  }

  /** Nothing that was to be sent is still in our memory. */
  get allSent(): boolean {
    return this.#ul.output.backlog === 0;
  }

  /** The first context for an abstract syntax (and transfer syntax) in which we may invoke operations. */
  contextFor(abstractSyntax: string, transferSyntax?: string): AcceptedContext | undefined {
    for (const pc of this.contexts.values()) {
      if (
        pc.abstractSyntax === abstractSyntax &&
        pc.role.scu &&
        (transferSyntax === undefined || pc.transferSyntax === transferSyntax)
      ) {
        return pc;
      }
    }
    return undefined;
  }

  /** PS3.7 9.1.5, C-ECHO on a Verification context. */
  async echo(pc: AcceptedContext): Promise<DimseStatus> {
    return statusOf((await this.#invoker.one(pc, echoSet(pc), undefined)).set);
  }

  /** PS3.7 9.1.1, C-STORE; the data set is in the context's transfer syntax. */
  async store(o: StoreOptions): Promise<DimseStatus> {
    return statusOf((await this.#invoker.one(o.pc, storeSet(o), o.dataSet)).set);
  }

  /** PS3.7 9.1.2, C-FIND: pending responses, then the final one. */
  async *find(o: FindOptions): AsyncGenerator<FindResponse, void> {
    for await (const { set, dataSet } of this.#invoker.all(o.pc, findSet(o), o.identifier, o.signal)) {
      yield dataSet === undefined ? { status: statusOf(set) } : { status: statusOf(set), identifier: dataSet };
    }
  }

  /** PS3.7 9.1.4, C-MOVE: pending responses as the peer sends them, then the final one. */
  async *move(o: MoveOptions): AsyncGenerator<RetrieveResponse, void> {
    for await (const { set, dataSet } of this.#invoker.all(o.pc, moveSet(o), o.identifier, o.signal))
      yield retrieveResponseOf(set, dataSet);
  }

  /** PS3.7 9.1.3, C-GET: the sub-operations arrive at `handlers.store`. */
  async *get(o: FindOptions): AsyncGenerator<RetrieveResponse, void> {
    for await (const { set, dataSet } of this.#invoker.all(o.pc, getSet(o), o.identifier, o.signal))
      yield retrieveResponseOf(set, dataSet);
  }

  /** PS3.7 10.1.4. */
  async nAction(o: ActionOptions): Promise<NResponse> {
    return nResponseOf(await this.#invoker.one(o.pc, actionSet(o), o.dataSet));
  }

  /** PS3.7 10.1.1; from the acceptor as well, on a context in which it is the SCP. */
  async nEventReport(o: EventReportOptions): Promise<NResponse> {
    return nResponseOf(await this.#invoker.one(o.pc, eventReportSet(o), o.dataSet));
  }

  /** Orderly end, after what is going on. Settles when the association is over; rejects when it ended otherwise. */
  async release(): Promise<void> {
    for (;;) {
      const busy = this.#performer.idle() ?? this.#invoker.idle();
      if (busy === undefined || !this.isOpen) break;
      await busy;
    }
    this.#ul.requestRelease();
    await this.#over.promise;
    if (this.#cause !== undefined) throw this.#cause;
  }

  /** Ends the association at once with A-ABORT. */
  abort(reason: string, cause?: unknown): void {
    this.#ul.abort(new AssociationAbortedError(false, 0, 0, reason, cause));
  }

  /** Settles when the association is over, in whatever way. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Undefined when no request of the peer's is being received or performed; else settles when that is over. */
  settled(): Promise<void> | undefined {
    return this.#assembler.incomplete ? this.#performer.next() : this.#performer.idle();
  }

  // From the upper layer.

  pdvHeader(contextId: number, flags: number, length: number): void {
    this.#invoker.progress();
    this.#assembler.pdvHeader(contextId, flags, length);
  }

  pdvData(view: Buffer, end: boolean): void {
    this.#assembler.pdvData(view, end);
  }

  #command(contextId: number, bytes: Buffer): void {
    const pc = this.contexts.get(contextId)!;
    const decoded = decode(bytes);
    const { set } = decoded;
    const field = set.CommandField;
    if (field === undefined || commandName(field) === undefined || set.CommandDataSetType === undefined) {
      throw new AssociationProtocolError('protocol-error', undefined, 'command set without a known command', { field });
    }
    if (field === COMMAND.CCancelRQ) {
      if (set.MessageIDBeingRespondedTo !== undefined) this.#performer.cancel(set.MessageIDBeingRespondedTo);
    } else if ((field & RESPONSE) !== 0) {
      this.#invoker.response(pc, set);
    } else {
      if (set.MessageID === undefined) {
        throw new AssociationProtocolError('protocol-error', undefined, 'request without a message id', { field });
      }
      this.#performer.request(pc, decoded);
    }
  }

  releaseRequested(): void {
    // PS3.8 7.2: what is being performed is still answered (Sta8 allows P-DATA); in a collision the requestor answers at once.
    if (this.#ul.state !== 'Sta8') {
      this.#ul.respondRelease();
      return;
    }
    this.#performer.hurry();
    const busy = this.#performer.idle();
    if (busy === undefined) this.#ul.respondRelease();
    else void busy.then(() => this.#ul.respondRelease());
  }

  releaseConfirmed(): void {
    this.#ul.respondRelease();
  }

  ended(outcome: AssociationOutcome, cause: AssociationError | undefined): void {
    this.#outcome = outcome;
    this.#cause = cause;
    const why = cause ?? new AssociationError('released', 'ASSOCIATION_RELEASED', 'the association was released');
    this.#assembler.abort(why);
    this.#performer.ended(why);
    this.#invoker.ended(why);
    this.#end.abort(why);
    this.#over.resolve();
    this.#o.ended();
  }

  transportClosed(): void {
    this.#o.events.closed?.(this, {
      outcome: this.#outcome ?? 'closed',
      cause: this.#cause,
      bytesIn: this.#ul.bytesIn,
      bytesOut: this.#ul.bytesOut,
      operations: this.#performer.operations + this.#invoker.operations,
      durationMs: performance.now() - this.#startedAt,
    });
    this.#o.closed();
  }

  associateRequested(): void {}

  associateAccepted(): void {}
}

function decode(bytes: Buffer): ReturnType<typeof decodeCommandSet> {
  try {
    return decodeCommandSet(bytes);
  } catch (error) {
    if (!(error instanceof CommandSetError)) throw error;
    throw new AssociationProtocolError('protocol-error', undefined, error.message, error.facts);
  }
}
