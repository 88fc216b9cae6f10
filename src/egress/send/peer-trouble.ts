import { errorCode } from '../../core/errors.ts';
import {
  AssociationAbortedError,
  AssociationError,
  AssociationRejectedError,
  AssociationTimeoutError,
} from '../../dimse/association-errors.ts';
import { tlsRefusal } from '../../dimse/tls-refusal.ts';

/** Why nothing more can be sent over an association, or none could be had. Each code is a metric label of its own. */
export interface PeerTrouble {
  readonly code: TroubleCode;
  /** In plain words. */
  readonly cause: string;
  /** What to do when it does not pass by itself; '' when that is for the archive to see to. */
  readonly remedy: string;
  /** Waiting alone will hardly help: one such failure is enough to stop sending. */
  readonly sure: boolean;
  /** Only this calling AE title is concerned, so other controllers may go on. */
  readonly onlyThisTitle: boolean;
}

export type TroubleCode =
  | 'REJECTED_TRANSIENT'
  | 'REJECTED_CALLING_AET'
  | 'REJECTED_CALLED_AET'
  | 'REJECTED_PERMANENT'
  | 'ABORTED'
  | 'TIMED_OUT'
  | 'CONNECTION_CLOSED'
  | 'CONNECT_FAILED'
  | 'TLS_FAILED'
  | 'PROTOCOL_ERROR'
  | 'LOCAL_TROUBLE';

interface Destination {
  readonly aeTitle: string;
  readonly host: string;
  readonly port: number;
}

// OpenSSL's names of what is wrong with a certificate, Node's own codes, and a peer that does not speak TLS at all.
const TLS_CODES =
  /^(ERR_SSL_|ERR_TLS_|EPROTO$|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_CERT_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_|HOSTNAME_MISMATCH$|TLS_NOT_CONFIGURED$)/;

/** Tells the ways apart in which an archive can be out of reach or leave. Whatever is not the archive's is LOCAL_TROUBLE. */
export function peerTrouble(error: unknown, callingAET: string, to: Destination): PeerTrouble {
  const where = `${to.aeTitle} (${to.host}:${to.port})`;
  const tls = tlsFault(error);
  if (tls !== undefined) {
    return trouble('TLS_FAILED', `no TLS connection to ${where}: ${tls.cause}`, tls.remedy, true);
  }
  if (error instanceof AssociationRejectedError) return rejection(error, callingAET, where);
  if (error instanceof AssociationAbortedError && error.byPeer) {
    return trouble('ABORTED', `${where} aborted the association`, `if it goes on, ask the archive what it logged`);
  }
  if (error instanceof AssociationTimeoutError) {
    return trouble(
      'TIMED_OUT',
      `${where} did not answer: ${error.message}`,
      `test it with: kuva peer echo ${to.aeTitle}`,
    );
  }
  if (error instanceof AssociationError) {
    switch (error.outcome) {
      case 'connect-failed':
        return trouble(
          'CONNECT_FAILED',
          error.message,
          `test it with: echoscu -aec ${to.aeTitle} ${to.host} ${to.port}`,
        );
      case 'protocol-error':
      case 'too-long':
        return trouble('PROTOCOL_ERROR', `${where} broke the protocol: ${error.message}`, 'report it to the archive');
      case 'closed':
        return trouble(
          'CONNECTION_CLOSED',
          `${where} closed the connection`,
          'if it goes on, look at firewalls between',
        );
      default:
        break;
    }
  }
  const text = error instanceof Error ? error.message : String(error);
  return trouble(
    'LOCAL_TROUBLE',
    `sending stopped on this side (${errorCode(error)}): ${text}`,
    'see the log of kuva egress',
  );
}

const TLS_REMEDY =
  'check dicom.tls, the validity of both certificates, and that the archive knows ours: kuva config check';

/** PS3.8 table 9-21. */
function rejection(
  { result, source, reason, message }: AssociationRejectedError,
  aet: string,
  where: string,
): PeerTrouble {
  if (result === 2) {
    return trouble('REJECTED_TRANSIENT', `${where} takes no association at present: ${message}`, '');
  }
  if (source === 1 && reason === 3) {
    const cause = `${where} does not know the calling AE title ${aet}`;
    const remedy = `have ${aet} registered at the archive, with the address of this node`;
    return { code: 'REJECTED_CALLING_AET', cause, remedy, sure: true, onlyThisTitle: true };
  }
  if (source === 1 && reason === 7) {
    const remedy = 'correct aeTitle of the destination in the configuration';
    return trouble('REJECTED_CALLED_AET', `${where} goes by another AE title`, remedy, true);
  }
  return trouble(
    'REJECTED_PERMANENT',
    `${where} refuses the association for good: ${message}`,
    'ask the archive why',
    true,
  );
}

function trouble(code: TroubleCode, cause: string, remedy: string, sure = false): PeerTrouble {
  return { code, cause, remedy, sure, onlyThisTitle: false };
}

/** What is wrong with TLS, looked for in the error and in what caused it: a peer may refuse our certificate after its handshake. */
function tlsFault(error: unknown): { cause: string; remedy: string } | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = errorCode(at);
    if (!TLS_CODES.test(code)) continue;
    return { cause: code, remedy: tlsRefusal(at, undefined)?.message ?? TLS_REMEDY };
  }
  return undefined;
}
