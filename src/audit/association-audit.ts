import { errorCode } from '../core/errors.ts';
import type { Association } from '../dimse/association.ts';
import type { AssociationEvents } from '../dimse/association-events.ts';
import type { PeerAddress } from '../dimse/association-policy.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import { TlsRefusedError } from '../dimse/tls-refusal.ts';
import { STATUS } from '../dimse/status-table.ts';
import type { AuditAe } from './audit-actors.ts';
import type { AuditTrail } from './audit-trail.ts';
import { query } from './events/query-event.ts';
import { securityAlert, userAuthentication } from './events/security-events.ts';
import { instancesTransferred } from './events/transfer-events.ts';

/** Whose object was refused. */
export interface RefusedObject {
  readonly associationId: string | number;
  readonly callingAET: string;
  readonly address: string | null;
}

export interface AssociationAuditOptions {
  readonly self: AuditAe;
  readonly emit: AuditTrail['emit'];
  readonly now: () => number;
}

// PS3.4 table C.4-1.
const NOT_AUDITED = { code: STATUS.OutOfResources, errorComment: 'the audit trail cannot be written' };

/** Tells the audit trail of what peers do: who came in or did not, what they searched, what of theirs was refused. */
export class AssociationAudit {
  readonly #o: AssociationAuditOptions;
  readonly #refused = new Map<string | number, { readonly peer: AuditAe; readonly reasons: Map<string, number> }>();

  constructor(options: AssociationAuditOptions) {
    this.#o = options;
  }

  /** An object of this association was not taken. The first for each reason is told at once, their number when the association ends. */
  refused({ associationId, callingAET, address }: RefusedObject, reason: string): void {
    let refused = this.#refused.get(associationId);
    if (refused === undefined) {
      const peer = { aet: callingAET, ...(address === null ? {} : { address }) };
      this.#refused.set(associationId, (refused = { peer, reasons: new Map() }));
    }
    const before = refused.reasons.get(reason) ?? 0;
    refused.reasons.set(reason, before + 1);
    if (before === 0) this.#tellRefused(refused.peer, `an object was refused: ${reason}`);
  }

  get events(): Pick<AssociationEvents, 'opened' | 'rejected' | 'dropped' | 'suspicious' | 'closed'> {
    const { self, emit, now } = this.#o;
    const alert = (peer: AuditAe, what: string): void => void emit(securityAlert(now(), self, peer, what));
    return {
      opened: (assoc) => {
        if (userOf(assoc) !== undefined) void emit(userAuthentication(now(), self, askerOf(assoc)));
      },
      rejected: ({ callingAET, peer, log, refusedUser }) => {
        const asker = { aet: callingAET, address: peer.address };
        if (refusedUser === undefined) alert(asker, log);
        else
          void emit(userAuthentication(now(), self, refusedUser === '' ? asker : { ...asker, user: refusedUser }, log));
      },
      dropped: (peer, _outcome, cause) => {
        // A connection that just went away is nobody's attempt; a handshake that was refused is.
        if (cause instanceof TlsRefusedError) alert(nameless(peer), `the TLS handshake failed: ${cause.message}`);
      },
      suspicious: (peer, kind) => alert(nameless(peer), `the peer does not speak DICOM: ${kind}`),
      closed: (assoc) => this.#closed(assoc),
    };
  }

  /** C-FIND with its identifier and how it ended. */
  withQueries(find: NonNullable<ServiceHandlers['find']>): NonNullable<ServiceHandlers['find']> {
    const { self, emit, now } = this.#o;
    return async function* (assoc, pc, command, identifier, cancel) {
      const facts = {
        at: now(),
        source: askerOf(assoc),
        destination: self,
        sopClassUid: pc.abstractSyntax,
        transferSyntaxUid: pc.transferSyntax,
        identifier,
      };
      // On the disk before anything is answered: a peer that leaves in the middle has seen what it has seen.
      if (!(await emit(query({ ...facts, outcome: 0 })))) return { status: NOT_AUDITED };
      try {
        const final = yield* find(assoc, pc, command, identifier, cancel);
        const code = final?.status.code ?? 0;
        if (code >= 0xa000 && code < 0xfe00)
          await emit(query({ ...facts, outcome: 4, outcomeText: final?.status.errorComment ?? code.toString(16) }));
        return final;
      } catch (error) {
        await emit(query({ ...facts, outcome: 8, outcomeText: errorCode(error) }));
        throw error;
      }
    };
  }

  #closed({ id }: Association): void {
    const refused = this.#refused.get(id);
    this.#refused.delete(id);
    if (refused === undefined) return;
    for (const [reason, objects] of refused.reasons)
      if (objects > 1) this.#tellRefused(refused.peer, `${objects} objects were refused in all: ${reason}`);
  }

  #tellRefused(source: AuditAe, outcomeText: string): void {
    const { self, emit, now } = this.#o;
    // Of which study they are is not known of what could not be read.
    const study = { studyInstanceUid: '(not kept)', patientId: '', sopClasses: [] };
    const transfer = { at: now(), source, destination: self, requestor: 'source', study, action: 'C' } as const;
    void emit(instancesTransferred({ ...transfer, outcome: 8, outcomeText }));
  }
}

/** The application entity at the other end of an association. */
export function askerOf(assoc: Association): AuditAe {
  const user = userOf(assoc);
  return { aet: assoc.callingAET, address: assoc.peer.address, ...(user === undefined ? {} : { user }) };
}

// The policy's principal lies above this folder; only the name of its verified user matters here.
function userOf({ principal }: Association): string | undefined {
  const user = typeof principal === 'object' && principal !== null && 'user' in principal ? principal.user : undefined;
  return typeof user === 'string' ? user : undefined;
}

function nameless(peer: PeerAddress): AuditAe {
  return { aet: '(unknown)', address: peer.address };
}
