import type { SuspiciousKind } from '../association-events.ts';
import type { AssociationLimits } from '../association-limits.ts';
import { decodeAssociateAccept, decodeAssociateRequest } from './associate-codec.ts';
import { decodeAbort, decodeReject } from './control-codec.ts';
import type { FramerHandler, PduFate } from './framer.ts';
import { PduError } from './pdu-error.ts';
import { foreignProtocol, lengthError } from './pdu-limits.ts';
import { ABORT_REASON, PDU } from './pdu-types.ts';
import type { StateMachine } from './state-machine.ts';
import type { Event } from './state-table.ts';

const RECEIVED: Readonly<Record<number, Event>> = {
  [PDU.AssociateRQ]: 'Evt6',
  [PDU.AssociateAC]: 'Evt3',
  [PDU.AssociateRJ]: 'Evt4',
  [PDU.PDataTF]: 'Evt10',
  [PDU.ReleaseRQ]: 'Evt12',
  [PDU.ReleaseRP]: 'Evt13',
  [PDU.Abort]: 'Evt16',
};

export interface PduReceiverOptions {
  readonly machine: StateMachine;
  readonly limits: AssociationLimits;
  readonly maxPduLength: number;
  readonly suspicious: (kind: SuspiciousKind) => void;
  /** Throw `PduError` or `AssociationError` to have the association aborted. */
  readonly pdvHeader: (contextId: number, flags: number, length: number) => void;
  readonly pdvData: (view: Buffer, end: boolean) => void;
}

/** Turns what the framer finds into events of the state machine, header first: nothing unexpected is ever buffered. */
export class PduReceiver implements FramerHandler {
  readonly #o: PduReceiverOptions;
  #first = true;

  constructor(o: PduReceiverOptions) {
    this.#o = o;
  }

  pduHeader(type: number, length: number): PduFate {
    const { machine } = this.#o;
    const event = RECEIVED[type];
    const first = this.#first;
    this.#first = false;
    if (event === undefined) {
      if (first && machine.state === 'Sta2') this.#o.suspicious(foreignProtocol(type, length));
      return this.invalid(new PduError(ABORT_REASON.UnrecognizedPdu, 'unrecognized PDU type', { type }));
    }
    const wrong = lengthError(type, length, this.#o.limits, this.#o.maxPduLength);
    const action = machine.actionFor(event);
    const expected = action !== 'AA-1' && action !== 'AA-8' && action !== 'AA-6' && action !== 'AA-7';
    if (wrong !== undefined && (expected || wrong.tooLong)) return this.invalid(wrong);
    if (!expected) {
      if (action !== undefined) machine.fire(event, undefined);
      return 'skip';
    }
    if (event !== 'Evt10') return action === undefined ? 'stop' : 'collect';
    if (action === undefined) return 'stop';
    machine.fire(event, undefined);
    return 'data';
  }

  controlPdu(type: number, body: Buffer): void {
    const { machine } = this.#o;
    try {
      switch (type) {
        case PDU.AssociateRQ:
          return machine.fire('Evt6', decodeAssociateRequest(body));
        case PDU.AssociateAC:
          return machine.fire('Evt3', decodeAssociateAccept(body));
        case PDU.AssociateRJ:
          return machine.fire('Evt4', decodeReject(body));
        case PDU.ReleaseRQ:
          return machine.fire('Evt12', undefined);
        case PDU.ReleaseRP:
          return machine.fire('Evt13', undefined);
        default:
          return machine.fire('Evt16', decodeAbort(body));
      }
    } catch (error) {
      if (!(error instanceof PduError)) throw error;
      this.invalid(error);
    }
  }

  pdvHeader(contextId: number, flags: number, length: number): void {
    this.#o.pdvHeader(contextId, flags, length);
  }

  pdvData(view: Buffer, end: boolean): void {
    this.#o.pdvData(view, end);
  }

  framingError(error: PduError): void {
    this.invalid(error);
  }

  /** Event Evt19; a state in which it cannot happen has no use for bytes either. */
  invalid(error: PduError): 'stop' {
    if (this.#o.machine.actionFor('Evt19') !== undefined) this.#o.machine.fire('Evt19', error);
    return 'stop';
  }
}
