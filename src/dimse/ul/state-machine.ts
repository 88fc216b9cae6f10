import { KuvaError } from '../../core/errors.ts';
import type { AssociationError } from '../association-errors.ts';
import type { Abort, AssociateAccept, AssociateReject, AssociateRequest } from './associate-types.ts';
import type { PduError } from './pdu-error.ts';
import { ABORT_REASON, ABORT_SOURCE } from './pdu-types.ts';
import { STATE_TABLE, type ActionName, type Event, type State } from './state-table.ts';

/** What each event brings along. A received PDU that the state does not expect is not decoded: undefined. */
export interface EventInputs {
  Evt1: undefined;
  Evt2: undefined;
  Evt3: AssociateAccept | undefined;
  Evt4: AssociateReject | undefined;
  Evt5: undefined;
  Evt6: AssociateRequest | undefined;
  Evt7: AssociateAccept;
  Evt8: AssociateReject;
  Evt9: readonly Buffer[];
  Evt10: undefined;
  Evt11: undefined;
  Evt12: undefined;
  Evt13: undefined;
  Evt14: undefined;
  /** Why we abort. */
  Evt15: AssociationError;
  Evt16: Abort;
  /** What the transport reported, when it failed. */
  Evt17: Error | undefined;
  Evt18: undefined;
  Evt19: PduError;
}

/** The services that the actions of PS3.8 tables 9-6 to 9-9 are made of. */
export interface StateMachineEffects {
  readonly isRequestor: boolean;
  connectTransport(): void;
  closeTransport(): void;
  startArtim(): void;
  stopArtim(): void;
  sendAssociateRequest(): void;
  sendAssociateAccept(accept: AssociateAccept): void;
  sendAssociateReject(reject: AssociateReject): void;
  sendPData(pdus: readonly Buffer[]): void;
  sendReleaseRequest(): void;
  sendReleaseResponse(): void;
  sendAbort(source: number, reason: number): void;
  /** AE-6: undefined when acceptable by the service-provider. */
  providerRejects(request: AssociateRequest): AssociateReject | undefined;
  indicateAssociate(request: AssociateRequest): void;
  confirmAssociate(accept: AssociateAccept): void;
  indicatePData(): void;
  indicateRelease(): void;
  confirmRelease(): void;
  /** The association (or its establishment) is over: confirmation of a rejection, A-ABORT or A-P-ABORT indication, release. */
  ended(event: Event, input: unknown): void;
}

interface Action {
  readonly next: State | ((effects: StateMachineEffects, input: unknown) => State);
  run(effects: StateMachineEffects, event: Event, input: unknown): void;
}

/** Illegal by PS3.8 table 9-10: an error of ours, since no PDU can cause it. */
export class IllegalTransitionError extends KuvaError {
  override readonly name = 'IllegalTransitionError';

  constructor(event: Event, state: State) {
    super('UL_ILLEGAL_TRANSITION', `event ${event} cannot happen in state ${state}`, { event, state });
  }
}

/** Runs PS3.8 table 9-10: an event in a state selects an action, the action its effects and the next state. */
export class StateMachine {
  readonly #effects: StateMachineEffects;
  #state: State;

  constructor(effects: StateMachineEffects, state: State = 'Sta1') {
    this.#effects = effects;
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** The action that an event would select now; undefined when it cannot happen. */
  actionFor(event: Event): ActionName | undefined {
    return STATE_TABLE[event][this.#state];
  }

  fire<E extends Event>(event: E, input: EventInputs[E]): void {
    const name = STATE_TABLE[event][this.#state];
    if (name === undefined) throw new IllegalTransitionError(event, this.#state);
    const action = ACTIONS[name];
    // The state is set first: effects may raise the next event before they return.
    this.#state = typeof action.next === 'string' ? action.next : action.next(this.#effects, input);
    action.run(this.#effects, event, input);
  }
}

const ACTIONS: Readonly<Record<ActionName, Action>> = {
  'AE-1': { next: 'Sta4', run: (e) => e.connectTransport() },
  'AE-2': { next: 'Sta5', run: (e) => e.sendAssociateRequest() },
  'AE-3': { next: 'Sta6', run: (e, _event, accept) => e.confirmAssociate(accept as AssociateAccept) },
  'AE-4': { next: 'Sta1', run: endAndClose },
  'AE-5': { next: 'Sta2', run: (e) => e.startArtim() },
  'AE-6': {
    next: (e, request) => (e.providerRejects(request as AssociateRequest) === undefined ? 'Sta3' : 'Sta13'),
    run: associateRequestReceived,
  },
  'AE-7': { next: 'Sta6', run: (e, _event, accept) => e.sendAssociateAccept(accept as AssociateAccept) },
  'AE-8': { next: 'Sta13', run: rejectAssociation },
  'DT-1': { next: 'Sta6', run: (e, _event, pdus) => e.sendPData(pdus as readonly Buffer[]) },
  'DT-2': { next: 'Sta6', run: (e) => e.indicatePData() },
  'AR-1': { next: 'Sta7', run: (e) => e.sendReleaseRequest() },
  'AR-2': { next: 'Sta8', run: (e) => e.indicateRelease() },
  'AR-3': { next: 'Sta1', run: releaseConfirmed },
  'AR-4': { next: 'Sta13', run: releaseAnswered },
  'AR-5': { next: 'Sta1', run: (e) => e.stopArtim() },
  'AR-6': { next: 'Sta7', run: (e) => e.indicatePData() },
  'AR-7': { next: 'Sta8', run: (e, _event, pdus) => e.sendPData(pdus as readonly Buffer[]) },
  'AR-8': { next: (e) => (e.isRequestor ? 'Sta9' : 'Sta10'), run: (e) => e.indicateRelease() },
  'AR-9': { next: 'Sta11', run: (e) => e.sendReleaseResponse() },
  'AR-10': { next: 'Sta12', run: (e) => e.confirmRelease() },
  'AA-1': { next: 'Sta13', run: abortByUser },
  'AA-2': { next: 'Sta1', run: stopAndClose },
  'AA-3': { next: 'Sta1', run: endAndClose },
  'AA-4': { next: 'Sta1', run: endAndClose },
  'AA-5': { next: 'Sta1', run: stopAndClose },
  'AA-6': { next: 'Sta13', run: () => {} },
  'AA-7': {
    next: 'Sta13',
    run: (e, event, input) => e.sendAbort(ABORT_SOURCE.ServiceProvider, abortReason(event, input)),
  },
  'AA-8': { next: 'Sta13', run: abortByProvider },
};

function associateRequestReceived(e: StateMachineEffects, event: Event, input: unknown): void {
  e.stopArtim();
  const reject = e.providerRejects(input as AssociateRequest);
  if (reject === undefined) e.indicateAssociate(input as AssociateRequest);
  else rejectAssociation(e, event, reject);
}

function rejectAssociation(e: StateMachineEffects, event: Event, input: unknown): void {
  e.ended(event, input);
  e.sendAssociateReject(input as AssociateReject);
  e.startArtim();
}

function releaseConfirmed(e: StateMachineEffects, event: Event, input: unknown): void {
  e.ended(event, input);
  e.confirmRelease();
  e.closeTransport();
}

function releaseAnswered(e: StateMachineEffects, event: Event, input: unknown): void {
  e.sendReleaseResponse();
  e.startArtim();
  e.ended(event, input);
}

function abortByUser(e: StateMachineEffects, event: Event, input: unknown): void {
  e.ended(event, input);
  // PS3.8 table 9-26: the reason is 0 when the source is the service-user.
  e.sendAbort(ABORT_SOURCE.ServiceUser, ABORT_REASON.NotSpecified);
  e.startArtim();
}

function abortByProvider(e: StateMachineEffects, event: Event, input: unknown): void {
  e.ended(event, input);
  e.sendAbort(ABORT_SOURCE.ServiceProvider, abortReason(event, input));
  e.startArtim();
}

function stopAndClose(e: StateMachineEffects, event: Event, input: unknown): void {
  e.ended(event, input);
  e.stopArtim();
  e.closeTransport();
}

function endAndClose(e: StateMachineEffects, event: Event, input: unknown): void {
  e.ended(event, input);
  e.closeTransport();
}

function abortReason(event: Event, input: unknown): number {
  return event === 'Evt19' ? (input as PduError).reason : ABORT_REASON.UnexpectedPdu;
}
