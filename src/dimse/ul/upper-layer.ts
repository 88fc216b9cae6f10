import type { Socket } from 'node:net';
import { toError } from '../../core/errors.ts';
import { AssociationAbortedError, AssociationError, AssociationTimeoutError } from '../association-errors.ts';
import type { AssociationTimeouts } from '../association-limits.ts';
import type { AssociateAccept, AssociateReject, AssociateRequest } from './associate-types.ts';
import { encodeAssociateAccept, encodeAssociateRequest } from './associate-codec.ts';
import { AssociationTimers } from './association-timers.ts';
import { encodeAbort, encodeReject, encodeReleaseRequest, encodeReleaseResponse } from './control-codec.ts';
import { endCause } from './end-cause.ts';
import { PduError } from './pdu-error.ts';
import { PduReceiver } from './pdu-receiver.ts';
import { ABORT_SOURCE } from './pdu-types.ts';
import { StateMachine, type EventInputs, type StateMachineEffects } from './state-machine.ts';
import type { Event, State } from './state-table.ts';
import { TransportReader } from './transport-reader.ts';
import { TransportWriter } from './transport-writer.ts';
import type { UpperLayerOptions, UpperLayerUser } from './upper-layer-user.ts';

/** Answers to junk in Sta13 must not pile up for a peer that does not read. */
const MAX_ABORT_BACKLOG = 4096;

/** PS3.8 upper layer service over one transport connection: framer, state machine, timers, socket. */
export class UpperLayer implements StateMachineEffects {
  readonly isRequestor: boolean;
  readonly timeouts: AssociationTimeouts;
  /** The way out, for those who want to know more of it than `sendPDataPdus` tells. */
  readonly output: TransportWriter;
  readonly #o: UpperLayerOptions;
  readonly #socket: Socket;
  readonly #machine: StateMachine;
  readonly #receiver: PduReceiver;
  readonly #reader: TransportReader;
  readonly #timers: AssociationTimers;
  #user: UpperLayerUser;
  #over = false;
  #aborts = 0;
  #transportError: Error | undefined;

  constructor(o: UpperLayerOptions) {
    this.#o = o;
    this.#user = o.user;
    this.#socket = o.socket;
    this.timeouts = o.timeouts;
    this.isRequestor = o.request !== undefined;
    this.#machine = new StateMachine(this);
    this.#timers = new AssociationTimers(
      o.timeouts.idle,
      () => this.#artimExpired(),
      (timer, milliseconds) => this.abort(new AssociationTimeoutError(timer, milliseconds)),
    );
    this.#receiver = new PduReceiver({
      machine: this.#machine,
      limits: o.limits,
      maxPduLength: o.maxPduLength,
      suspicious: o.suspicious,
      pdvHeader: (contextId, flags, length) => {
        if (!this.#over) this.#user.pdvHeader(contextId, flags, length);
      },
      pdvData: (view, end) => {
        if (!this.#over) this.#user.pdvData(view, end);
      },
    });
    this.#reader = new TransportReader(
      o.socket,
      this.#receiver,
      () => this.#timers.moved(),
      (error) => this.#userFailed(error),
    );
    this.output = new TransportWriter({
      socket: o.socket,
      stallMs: o.timeouts.writeStall,
      stalled: () => this.#writeStalled(),
      drained: () => this.#timers.moved(),
    });
    o.socket.on('end', () => this.#transportEnded());
    o.socket.on('error', (error) => (this.#transportError ??= error));
    o.socket.on('close', () => {
      this.#transportEnded();
      this.#timers.stop();
      this.output.close();
      this.#reader.stop();
      this.#user.transportClosed();
    });
  }

  get state(): State {
    return this.#machine.state;
  }

  get bytesIn(): number {
    return this.#reader.bytes;
  }

  get bytesOut(): number {
    return this.output.bytes;
  }

  /** P-DATA may be sent. */
  get canSend(): boolean {
    return this.#machine.state === 'Sta6' || this.#machine.state === 'Sta8';
  }

  attach(user: UpperLayerUser): void {
    this.#user = user;
  }

  /** Acceptor: the transport connection is there; ARTIM has `artim` milliseconds left. */
  transportAccepted(artimMs: number): void {
    this.#fire('Evt5', undefined);
    this.#timers.startArtim(artimMs);
  }

  /** Requestor: the transport is connecting; `transportConnected` is due within the connect timer. */
  requestAssociation(): void {
    this.#fire('Evt1', undefined);
  }

  transportConnected(): void {
    if (this.state === 'Sta4') this.#fire('Evt2', undefined);
  }

  acceptAssociation(accept: AssociateAccept): void {
    if (this.state === 'Sta3') this.#fire('Evt7', accept);
  }

  rejectAssociation(reject: AssociateReject): void {
    if (this.state === 'Sta3') this.#fire('Evt8', reject);
  }

  sendPDataPdus(pdus: readonly Buffer[]): void {
    if (this.canSend) this.#fire('Evt9', pdus);
  }

  requestRelease(): void {
    if (this.state === 'Sta6') this.#fire('Evt11', undefined);
  }

  respondRelease(): void {
    if (this.#machine.actionFor('Evt14') !== undefined) this.#fire('Evt14', undefined);
  }

  abort(cause: AssociationError): void {
    if (this.#machine.actionFor('Evt15') !== undefined) this.#fire('Evt15', cause);
  }

  /** Ends the transport without ceremony. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Undefined when the peer keeps up with what we send. */
  outputDrained(): Promise<void> | undefined {
    return this.output.drained();
  }

  /** Reading is stopped by us. */
  get paused(): boolean {
    return this.#reader.paused;
  }

  /** Stops reading until every `pause` has had its `resume`. */
  pause(): void {
    this.#reader.pause();
  }

  resume(): void {
    this.#reader.resume();
  }

  /** A local operation runs: the idle timer stands still until as many `quiet` calls. */
  busy(): void {
    this.#timers.busy();
  }

  quiet(): void {
    this.#timers.quiet();
  }

  // Actions of the state machine, PS3.8 tables 9-6 to 9-9.

  connectTransport(): void {
    this.#timers.await('connect', this.timeouts.connect);
  }

  closeTransport(): void {
    // What is still to be sent gets out when the peer reads it within ARTIM.
    this.#timers.startArtim(this.timeouts.artim);
    if (this.#socket.connecting) this.#socket.destroy();
    else this.#socket.destroySoon();
  }

  startArtim(): void {
    this.#timers.startArtim(this.timeouts.artim);
  }

  stopArtim(): void {
    this.#timers.stopArtim();
  }

  sendAssociateRequest(): void {
    this.output.write(encodeAssociateRequest(this.#o.request!));
    this.#timers.await('associate', this.timeouts.associate);
  }

  sendAssociateAccept(accept: AssociateAccept): void {
    this.output.write(encodeAssociateAccept(accept));
    this.#timers.established();
  }

  sendAssociateReject(reject: AssociateReject): void {
    this.output.write(encodeReject(reject));
  }

  sendPData(pdus: readonly Buffer[]): void {
    for (const bytes of pdus) this.output.write(bytes);
  }

  sendReleaseRequest(): void {
    this.output.write(encodeReleaseRequest());
    this.#timers.await('release', this.timeouts.release);
  }

  sendReleaseResponse(): void {
    this.output.write(encodeReleaseResponse());
  }

  sendAbort(source: number, reason: number): void {
    if (this.output.backlog < MAX_ABORT_BACKLOG || this.#aborts++ === 0)
      this.output.write(encodeAbort({ source, reason }));
  }

  providerRejects(request: AssociateRequest): AssociateReject | undefined {
    return this.#o.providerRejects(request);
  }

  indicateAssociate(request: AssociateRequest): void {
    this.#timers.await('associate', this.timeouts.associate);
    this.#user.associateRequested(request);
  }

  confirmAssociate(accept: AssociateAccept): void {
    this.#timers.established();
    this.#user.associateAccepted(accept);
  }

  /** The data follow piece by piece through `pdvData`. */
  indicatePData(): void {}

  indicateRelease(): void {
    this.#user.releaseRequested();
  }

  confirmRelease(): void {
    if (this.state === 'Sta12') this.#user.releaseConfirmed();
  }

  ended(event: Event, input: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#timers.over();
    this.#reader.release();
    const cause = endCause(event, input, this.timeouts.artim);
    this.#user.ended(cause?.outcome ?? 'released', cause);
  }

  #fire<E extends Event>(event: E, input: EventInputs[E]): void {
    this.#machine.fire(event, input);
  }

  #transportEnded(): void {
    if (this.#machine.actionFor('Evt17') !== undefined) this.#fire('Evt17', this.#transportError);
    // The peer may have ended only its own direction: AR-5 leaves the rest to us.
    if (!this.#socket.destroyed) this.closeTransport();
  }

  #artimExpired(): void {
    if (this.#machine.actionFor('Evt18') !== undefined) this.#fire('Evt18', undefined);
    this.#socket.destroy();
  }

  #writeStalled(): void {
    // An A-ABORT could not be read either.
    this.abort(new AssociationTimeoutError('writeStall', this.timeouts.writeStall));
    this.#socket.destroy();
  }

  /** A callback threw: the peer broke a rule (`PduError`, `AssociationError`), or we have a defect. */
  #userFailed(error: unknown): void {
    if (error instanceof PduError) {
      this.#receiver.invalid(error);
    } else if (error instanceof AssociationError) {
      this.abort(error);
    } else {
      this.abort(
        new AssociationAbortedError(false, ABORT_SOURCE.ServiceUser, 0, 'an error of our own', toError(error)),
      );
    }
  }
}
