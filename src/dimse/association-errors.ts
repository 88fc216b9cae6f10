import { KuvaError, errorCode } from '../core/errors.ts';

/** The ways in which an association can end; each is a metric label and a retry decision of its own. */
export type AssociationOutcome =
  | 'released'
  | 'rejected'
  | 'aborted-by-peer'
  | 'aborted-by-us'
  | 'protocol-error'
  | 'too-long'
  | 'timed-out'
  | 'closed'
  | 'connect-failed';

/** Base of the errors that end an association or its establishment. */
export class AssociationError extends KuvaError {
  override readonly name: string = 'AssociationError';
  readonly outcome: AssociationOutcome;

  constructor(outcome: AssociationOutcome, code: string, message: string, facts = {}, cause?: unknown) {
    super(code, message, facts, cause);
    this.outcome = outcome;
  }
}

/** PS3.8 9.3.4: the peer answered A-ASSOCIATE-RJ. */
export class AssociationRejectedError extends AssociationError {
  override readonly name = 'AssociationRejectedError';
  readonly result: number;
  readonly source: number;
  readonly reason: number;

  constructor(result: number, source: number, reason: number, text: string) {
    super('rejected', 'ASSOCIATION_REJECTED', `association rejected: ${text}`, { result, source, reason });
    this.result = result;
    this.source = source;
    this.reason = reason;
  }
}

/** PS3.8 9.3.8: A-ABORT, sent by the peer (`byPeer`) or by us. */
export class AssociationAbortedError extends AssociationError {
  override readonly name = 'AssociationAbortedError';
  readonly byPeer: boolean;
  readonly source: number;
  readonly reason: number;

  constructor(byPeer: boolean, source: number, reason: number, text: string, cause?: unknown) {
    super(
      byPeer ? 'aborted-by-peer' : 'aborted-by-us',
      'ASSOCIATION_ABORTED',
      `association aborted ${byPeer ? 'by the peer' : 'by us'}: ${text}`,
      { byPeer, source, reason },
      cause,
    );
    this.byPeer = byPeer;
    this.source = source;
    this.reason = reason;
  }
}

/** The peer broke PS3.7 or PS3.8; we sent A-ABORT. `outcome` is `too-long` when a length limit was passed. */
export class AssociationProtocolError extends AssociationError {
  override readonly name = 'AssociationProtocolError';
  /** PS3.8 table 9-26 with source 2 (service-provider); undefined is an abort by the service-user. */
  readonly reason: number | undefined;

  constructor(outcome: 'protocol-error' | 'too-long', reason: number | undefined, message: string, facts = {}) {
    super(outcome, outcome === 'too-long' ? 'PEER_TOO_LONG' : 'PEER_PROTOCOL', message, facts);
    this.reason = reason;
  }
}

export type TimerName = 'artim' | 'idle' | 'response' | 'release' | 'connect' | 'associate' | 'writeStall' | 'sink';

export class AssociationTimeoutError extends AssociationError {
  override readonly name = 'AssociationTimeoutError';
  readonly timer: TimerName;

  constructor(timer: TimerName, milliseconds: number) {
    super('timed-out', 'ASSOCIATION_TIMEOUT', `the ${timer} timer ran out after ${milliseconds} ms`, {
      timer,
      milliseconds,
    });
    this.timer = timer;
  }
}

/** The transport connection ended without release or abort. */
export class ConnectionClosedError extends AssociationError {
  override readonly name = 'ConnectionClosedError';

  constructor(message: string, cause?: unknown) {
    super('closed', 'CONNECTION_CLOSED', message, {}, cause);
  }
}

/** No transport connection could be made (refused, unknown host, TLS handshake). */
export class ConnectError extends AssociationError {
  override readonly name = 'ConnectError';

  constructor(host: string, port: number, cause: unknown) {
    // The system's own texts repeat where to (`connect ECONNREFUSED 10.0.0.7:104`); Error Comments have no room for that.
    const bare = cause instanceof Error && 'syscall' in cause;
    const why = bare ? errorCode(cause) : cause instanceof Error ? cause.message : String(cause);
    super('connect-failed', 'CONNECT_FAILED', `cannot connect to ${host}:${port}: ${why}`, { host, port }, cause);
  }
}
