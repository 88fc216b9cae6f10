import { KuvaError, errorCode } from '../core/errors.ts';
import type { Loggers } from './loggers.ts';
import type { Metrics } from './metrics.ts';

// Facts as the DIMSE layer reports them. Declared here, since observability lies below the DIMSE layer, and kept
// structurally assignable to its port AssociationEvents.
interface PeerFacts {
  readonly address: string;
  readonly port: number;
  readonly tls: { readonly subject: string } | undefined;
}

interface AssociationFacts {
  readonly id: string | number;
  readonly parent: string | number | undefined;
  readonly callingAET: string;
  readonly calledAET: string;
  readonly peer: PeerFacts;
}

interface SummaryFacts {
  readonly outcome: string;
  readonly cause: Error | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly operations: number;
  readonly durationMs: number;
}

interface RejectionFacts {
  readonly peer: PeerFacts;
  readonly callingAET: string;
  readonly calledAET: string;
  readonly result: number;
  readonly source: number;
  readonly reason: number;
  readonly log: string;
}

interface OperationFacts {
  readonly command: string;
  readonly status: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly outgoing: boolean;
  readonly reason: string;
  readonly sopInstanceUID: string | undefined;
  readonly destination: string | undefined;
  readonly subOperations: Readonly<Record<'remaining' | 'completed' | 'failed' | 'warning', number>> | undefined;
  readonly problems: readonly string[];
}

export interface IngestFacts {
  readonly associationId: string | number | null;
  readonly callingAET: string;
  readonly result: 'new' | 'duplicate' | 'conflict' | 'refused';
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
  readonly bytes: number;
  /** From the last fragment to the moment the response may be sent. */
  readonly ackMs: number;
  /** Why it was refused: a code and a sentence without patient data. */
  readonly reason?: { readonly code: string; readonly text: string };
}

interface RejectionNoteFacts {
  readonly callingAET: string;
  readonly sopInstanceUid: string;
  readonly code: string;
  readonly instances: number;
  readonly ownObjectsOnly: boolean;
}

/** One method per business event: it writes the log line and counts the metric together. */
export function createEvents(loggers: Loggers, metrics: Metrics, statusName: (code: number) => string) {
  const who = (assoc: AssociationFacts) => ({
    assoc: assoc.id,
    for: assoc.parent,
    callingAET: assoc.callingAET,
    peer: address(assoc.peer),
  });
  // What became of the object whose C-STORE is answered next: an association performs one operation at a time (PS3.7 D.3.3.3).
  const ingested = new Map<string | number, IngestFacts>();
  return {
    opened(assoc: AssociationFacts): void {
      loggers.dicom.debug('association accepted', {
        ...who(assoc),
        calledAET: assoc.calledAET,
        tls: assoc.peer.tls?.subject,
      });
    },

    rejected(info: RejectionFacts): void {
      metrics.rejections.inc({ cause: `${info.result}/${info.source}/${info.reason}` });
      metrics.associations.inc({ outcome: 'rejected' });
      loggers.policy.warn(`association rejected: ${info.log}`, {
        callingAET: info.callingAET,
        calledAET: info.calledAET,
        peer: address(info.peer),
        rejection: `${info.result}/${info.source}/${info.reason}`,
      });
    },

    closed(assoc: AssociationFacts, summary: SummaryFacts): void {
      metrics.associations.inc({ outcome: summary.outcome });
      metrics.associationBytes.inc({ direction: 'in' }, summary.bytesIn);
      metrics.associationBytes.inc({ direction: 'out' }, summary.bytesOut);
      const orderly = summary.outcome === 'released';
      loggers.dicom[orderly ? 'info' : 'warn'](`association ${summary.outcome}`, {
        ...who(assoc),
        calledAET: assoc.calledAET,
        operations: summary.operations,
        bytesIn: summary.bytesIn,
        bytesOut: summary.bytesOut,
        ms: Math.round(summary.durationMs),
        cause: orderly ? undefined : summary.cause?.message,
      });
    },

    operation(assoc: AssociationFacts, operation: OperationFacts): void {
      const outcome = kind(operation.status);
      metrics.operations.inc({ command: operation.command, status: outcome });
      metrics.operationSeconds.observe({ command: operation.command }, operation.durationMs / 1000);
      if (operation.outgoing && operation.command === 'C-STORE') metrics.sent.inc({ result: outcome });
      // The operation that a sub-operation belongs to has a line of its own, with the counts.
      const routine = operation.outgoing && operation.command === 'C-STORE' ? 'debug' : 'info';
      const object = operation.outgoing ? undefined : ingested.get(assoc.id);
      if (object !== undefined) ingested.delete(assoc.id);
      const { subOperations, problems } = operation;
      const bad = outcome === 'failure' || object?.result === 'conflict' || (subOperations?.failed ?? 0) > 0;
      const level = bad ? 'warn' : routine;
      if (!loggers.dicom.isLevelEnabled(level)) return;
      const reason = object?.reason?.text ?? operation.reason;
      loggers.dicom[level](
        `${operation.command}${operation.outgoing ? ' sent' : ''} ${statusName(operation.status)}${reason === '' ? '' : `: ${reason}`}`,
        {
          ...who(assoc),
          status: hex(operation.status),
          sop: operation.sopInstanceUID,
          // A new object is the usual case.
          result: object?.result === 'new' ? undefined : object?.result,
          code: object?.reason?.code,
          destination: operation.destination,
          ...subOperations,
          problems: problems.length === 0 ? undefined : problems,
          bytes: operation.bytes,
          ms: Math.round(operation.durationMs * 10) / 10,
        },
      );
    },

    failure(assoc: AssociationFacts, command: string, error: Error): void {
      loggers.dicom.error(`${command} failed inside the node and was answered 0110`, { ...who(assoc), error });
    },

    dropped(peer: PeerFacts, outcome: string, cause: Error | undefined): void {
      metrics.associations.inc({ outcome });
      const refused = cause !== undefined && errorCode(cause) === 'TLS_REFUSED';
      loggers.dicom[refused ? 'warn' : 'info'](
        refused ? `TLS handshake failed: ${cause.message}` : 'connection ended before an association was made',
        { peer: address(peer), outcome, ...(refused ? { reason: reasonOf(cause) } : { cause: cause?.message }) },
      );
    },

    suspicious(peer: PeerFacts, kindSeen: SuspiciousKind): void {
      metrics.suspicious.inc({ kind: kindSeen });
      loggers.dicom.warn(SUSPICIOUS[kindSeen], { peer: address(peer) });
    },

    ingested(facts: IngestFacts): void {
      metrics.received.inc({ result: facts.result });
      if (facts.result !== 'refused') {
        metrics.receivedBytes.inc(facts.bytes);
        metrics.ackSeconds.observe(facts.ackMs / 1000);
      }
      // The line of the C-STORE tells it; what comes from files has none.
      if (facts.associationId !== null) {
        ingested.set(facts.associationId, facts);
        return;
      }
      const { reason, ackMs, ...rest } = facts;
      const level = facts.result === 'new' ? 'debug' : facts.result === 'duplicate' ? 'info' : 'warn';
      loggers.ingest[level](reason === undefined ? `instance ${facts.result}` : `instance refused: ${reason.text}`, {
        ...rest,
        code: reason?.code,
        ms: Math.round(ackMs * 10) / 10,
      });
    },

    found(level: string, ms: number): void {
      metrics.findSeconds.observe({ level }, ms / 1000);
    },

    rejectionNoted(facts: RejectionNoteFacts): void {
      loggers.ingest.info('rejection note: what it names is hidden from regular use, kuva rejections list', {
        ...facts,
      });
    },

    unindexed(count: number, error: Error): void {
      loggers.ingest.warn(`object kept but not indexed, its sender was told to try again: ${error.message}`, {
        code: errorCode(error),
        waiting: count,
      });
    },

    indexedLater(count: number): void {
      loggers.ingest.info('objects that were kept but not indexed are indexed now', { objects: count });
    },

    damaged(instance: { readonly sha256: string; readonly sopInstanceUid: string }, error: Error): void {
      metrics.corrupt.inc();
      loggers.store.error(`${error.message}: not sent as whole; run kuva verify, and restore the file from a backup`, {
        sop: instance.sopInstanceUid,
        sha256: instance.sha256,
      });
    },

    /** A failed sync means that nothing acknowledged from now on would be true; the node stops. */
    fatal(what: string, error: Error): void {
      loggers.node.error(`fatal: ${what}; the node stops acknowledging and ends, restart it to recover`, { error });
    },
  };
}

type SuspiciousKind = 'tls-client-hello' | 'http' | 'clear' | 'unknown';

const SUSPICIOUS: Readonly<Record<SuspiciousKind, string>> = {
  'tls-client-hello': 'the peer speaks TLS, this port does not: turn TLS off at the peer, or configure dicom.tls',
  http: 'the peer speaks HTTP, this port speaks DICOM: monitoring belongs to the http port (/healthz, /metrics)',
  clear:
    'the peer speaks in clear, most likely DICOM (A-ASSOCIATE-RQ) without TLS, and this port speaks TLS: turn TLS on at the peer',
  unknown: 'the peer speaks neither DICOM nor anything known',
};

function reasonOf(cause: Error): unknown {
  return cause instanceof KuvaError ? cause.facts['reason'] : undefined;
}

function address(peer: PeerFacts): string {
  return peer.address.includes(':') ? `[${peer.address}]:${peer.port}` : `${peer.address}:${peer.port}`;
}

function hex(status: number): string {
  return status.toString(16).toUpperCase().padStart(4, '0');
}

// PS3.7 annex C: coarse, so that the label takes five values.
function kind(status: number): 'success' | 'pending' | 'cancel' | 'warning' | 'failure' {
  if (status === 0) return 'success';
  if (status === 0xff00 || status === 0xff01) return 'pending';
  if (status === 0xfe00) return 'cancel';
  return status === 0x0001 || status === 0x0107 || status === 0x0116 || status >>> 12 === 0xb ? 'warning' : 'failure';
}
