import { toError } from '../core/errors.ts';
import { Acceptor } from '../dimse/acceptor.ts';
import type { AssociationEvents } from '../dimse/association-events.ts';
import {
  DEFAULT_ASSOCIATION_LIMITS,
  DEFAULT_ASSOCIATION_TIMEOUTS,
  DEFAULT_MAX_PDU_LENGTH,
} from '../dimse/association-limits.ts';
import type { AssociationDecision, AssociationRequest } from '../dimse/association-policy.ts';
import type { Association } from '../dimse/association.ts';
import type { FindResponse, RetrieveResponse } from '../dimse/command-types.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import { STATUS, statusText } from '../dimse/status-table.ts';
import { AE_SERVICES } from '../index/index-types.ts';
import { answerExtended } from '../policy/extended-negotiation.ts';
import { negotiateContexts } from '../policy/presentation-contexts.ts';
import { RetrieveRefusedError } from '../retrieve/retrieve-errors.ts';
import { pause } from './pause.ts';
import { RuleBook } from './rule-book.ts';
import { simCaller, tlsOf } from './sim-caller.ts';
import type { SimCaller, SimPeer, SimTls } from './sim-caller.ts';
import { SimCommitment } from './sim-commitment.ts';
import type { SimListener } from './sim-events.ts';
import { findMatches } from './sim-find.ts';
import { SimObjects } from './sim-objects.ts';
import type { Keeping } from './sim-objects.ts';
import { contextsFor, selectObjects, sendObjects } from './sim-retrieve.ts';
import type { SimScript } from './sim-script.ts';
import { SimStoreSink } from './sim-store.ts';

export interface SimArchiveOptions {
  readonly host: string;
  /** 0 for any free port */
  readonly port: number;
  readonly tls: SimTls | undefined;
  readonly keeping: Keeping;
  readonly script: SimScript;
  /** AEs that may be told of commitment on a new association, and be moved to */
  readonly peers: ReadonlyMap<string, SimPeer>;
  readonly tell: SimListener;
  /** milliseconds, monotonic */
  readonly now: () => number;
}

/**
 * An archive for tests and rehearsals: whoever calls may store, ask for commitment, query and retrieve under any called AE title, and
 * what goes wrong is written in a script. It keeps no promise to anybody and is no place for patients' data.
 */
export class SimArchive implements AsyncDisposable {
  readonly rules: RuleBook;
  readonly objects: SimObjects;
  readonly #o: SimArchiveOptions;
  readonly #acceptor: Acceptor;
  readonly #call: SimCaller;
  readonly #ended = new AbortController();

  /** @throws when the kept folder or a certificate cannot be read */
  constructor(o: SimArchiveOptions) {
    this.#o = o;
    this.rules = new RuleBook(o.script, o.now);
    this.objects = new SimObjects(o.keeping);
    this.#call = simCaller(o.peers, o.tls);
    this.#acceptor = new Acceptor({
      host: o.host,
      port: o.port,
      tls: o.tls === undefined ? undefined : tlsOf(o.tls),
      maxPduLength: DEFAULT_MAX_PDU_LENGTH,
      limits: DEFAULT_ASSOCIATION_LIMITS,
      timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
      policy: { decide: (request) => this.#decide(request) },
      handlers: this.#handlers(),
      events: this.#events(),
    });
  }

  /** Resolves with the port. */
  async listen(): Promise<number> {
    return (await this.#acceptor.listen()).port;
  }

  /** Ends every association and forgets reports that are still to come. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new Error('the archive ends'));
    await this.#acceptor.close(0);
  }

  /** From now on every object is answered A700, or no longer. */
  setFull(full: boolean): void {
    this.rules.full = full;
    this.#o.tell({ event: 'full', full });
  }

  async #decide(request: AssociationRequest): Promise<AssociationDecision> {
    const { callingAET, calledAET } = request;
    const rule = this.rules.match('associate', { callingAet: callingAET });
    if (rule !== undefined) await pause(rule.delay, this.#ended.signal);
    if (rule !== undefined && rule.refuse !== null) {
      this.#o.tell({ event: 'refused', callingAet: callingAET, calledAet: calledAET, reason: rule.refuse });
      return { accept: false, ...REFUSALS[rule.refuse], log: 'the script says so' };
    }
    this.#o.tell({ event: 'associate', callingAet: callingAET, calledAet: calledAET });
    const services = AE_SERVICES.filter((service) => rule?.without.includes(service) !== true);
    return {
      accept: true,
      ...negotiateContexts(request, new Set(services), STORAGE),
      extended: answerExtended(request.extended, STORAGE),
      principal: undefined,
    };
  }

  #handlers(): ServiceHandlers {
    const { tell } = this.#o;
    const { rules, objects } = this;
    const commitment = new SimCommitment({ rules, objects, tell, call: this.#call, ended: this.#ended.signal });
    return {
      echo: (assoc) => {
        tell({ event: 'echo', callingAet: assoc.callingAET });
        return { code: STATUS.Success };
      },
      store: (assoc, pc, command) => new SimStoreSink({ rules, objects, tell }, assoc, pc, command),
      action: (assoc, pc, command, dataSet) => commitment.action(assoc, pc, command, dataSet),
      find: (assoc, pc, _command, identifier, cancel) => this.#find(assoc, pc.transferSyntax, identifier, cancel),
      move: (assoc, pc, command, identifier, cancel) =>
        this.#retrieve(assoc, pc.transferSyntax, identifier, cancel, {
          destination: command.MoveDestination,
          messageID: command.MessageID,
        }),
      get: (assoc, pc, _command, identifier, cancel) =>
        this.#retrieve(assoc, pc.transferSyntax, identifier, cancel, undefined),
    };
  }

  async *#find(
    assoc: Association,
    transferSyntax: string,
    identifier: Buffer,
    cancel: AbortSignal,
  ): AsyncGenerator<FindResponse, FindResponse> {
    const rule = this.rules.match('find', { callingAet: assoc.callingAET });
    if (rule !== undefined) await pause(rule.delay, cancel);
    const code = rule?.status ?? STATUS.Success;
    const found =
      code === STATUS.Success
        ? findMatches(this.objects.visible(), identifier, transferSyntax, assoc.calledAET, rule?.hide ?? 0)
        : [];
    this.#o.tell({ event: 'find', callingAet: assoc.callingAET, matches: found.length, status: statusText(code) });
    for (const match of found) {
      if (cancel.aborted) return { status: { code: STATUS.Cancel } };
      yield { status: { code: STATUS.Pending }, identifier: match };
    }
    return { status: { code } };
  }

  async *#retrieve(
    assoc: Association,
    transferSyntax: string,
    identifier: Buffer,
    cancel: AbortSignal,
    move: { destination: string; messageID: number } | undefined,
  ): AsyncGenerator<RetrieveResponse, RetrieveResponse> {
    const { callingAET, calledAET } = assoc;
    const rule = this.rules.match('retrieve', { callingAet: callingAET });
    if (rule !== undefined) await pause(rule.delay, cancel);
    const final = (code: number) => ({ status: { code } });
    if (move !== undefined && !this.#o.peers.has(move.destination)) return final(STATUS.MoveDestinationUnknown);
    try {
      const selected = selectObjects(this.objects, identifier, transferSyntax);
      const destination = move?.destination ?? '';
      this.#o.tell({ event: 'retrieve', callingAet: callingAET, destination, instances: selected.length });
      if (rule !== undefined && rule.status !== null) return final(rule.status);
      if (selected.length === 0) return { ...final(STATUS.Success), completed: 0, failed: 0, warning: 0 };
      if (move === undefined) return yield* sendObjects(assoc, selected, this.objects, rule, undefined);
      const sub = await this.#call(move.destination, calledAET, contextsFor(selected), cancel);
      try {
        const originator = { moveOriginatorAET: callingAET, moveOriginatorMessageID: move.messageID };
        const last = yield* sendObjects(sub, selected, this.objects, rule, originator);
        await sub.release();
        return last;
      } finally {
        if (sub.isOpen) sub.abort('the retrieve has ended');
      }
    } catch (error) {
      if (error instanceof RetrieveRefusedError) return { status: error.status };
      return { status: { code: STATUS.UnableToPerformSubOperations, errorComment: toError(error).message } };
    }
  }

  #events(): AssociationEvents {
    const { tell } = this.#o;
    return {
      opened: () => {},
      rejected: () => {},
      closed: () => {},
      operation: () => {},
      failure: (_assoc, command, error) => tell({ event: 'fault', command, reason: error.message }),
      dropped: (peer, outcome, cause) =>
        tell({ event: 'fault', peer: peer.address, reason: cause?.message ?? outcome }),
      suspicious: (peer, kind) => tell({ event: 'fault', peer: peer.address, reason: `not DICOM: ${kind}` }),
    };
  }
}

const STORAGE = { extraSopClasses: [], acceptUnknownSopClasses: true };

// PS3.8 table 9-21.
const REFUSALS = {
  'calling-aet': { result: 1, source: 1, reason: 3 },
  'called-aet': { result: 1, source: 1, reason: 7 },
  congestion: { result: 2, source: 3, reason: 1 },
  'no-reason': { result: 1, source: 1, reason: 1 },
} as const;
