import type { AuditAe } from './audit-actors.ts';
import { AuditBlockedError } from './audit-blocked-error.ts';
import type { AuditTrail } from './audit-trail.ts';
import { beginTransferring, instancesTransferred } from './events/transfer-events.ts';
import { StudyTally } from './study-tally.ts';

export interface TransferAuditOptions {
  readonly self: AuditAe;
  readonly emit: AuditTrail['emit'];
  /** Patient id of a study; '' when it has none. */
  readonly patientOf: (studyInstanceUid: string) => Promise<string>;
  readonly now: () => number;
}

/** One C-MOVE or C-GET: who asked, and where it goes. */
export interface TransferParties {
  readonly requester: AuditAe;
  readonly destination: AuditAe;
}

interface Leaving {
  readonly studyInstanceUid: string;
  readonly sopClassUid: string;
}

/** What the retrieve came to: without a reason everything arrived. Resolves when it is in the trail. */
type Ended = (failed: number, reason: string) => Promise<unknown>;

function requestorOf(requester: AuditAe, self: AuditAe, destination: AuditAe): 'source' | 'destination' | AuditAe {
  if (requester.aet === destination.aet) return 'destination';
  return requester.aet === self.aet ? 'source' : requester;
}

/** Tells the audit trail of instances that leave, a study at a time. */
export class TransferAudit {
  readonly #o: TransferAuditOptions;

  constructor(options: TransferAuditOptions) {
    this.#o = options;
  }

  /** Resolves when it is on the disk that they will leave. @throws AuditBlockedError: they may not */
  async begin({ requester, destination }: TransferParties, instances: readonly Leaving[]): Promise<Ended> {
    const { self, emit, now, patientOf } = this.#o;
    const patients = new Map<string, string>();
    for (const { studyInstanceUid } of instances)
      if (!patients.has(studyInstanceUid)) patients.set(studyInstanceUid, await patientOf(studyInstanceUid));
    const tally = new StudyTally();
    for (const instance of instances)
      tally.add({ ...instance, patientId: patients.get(instance.studyInstanceUid) ?? '' });
    const requestor = requestorOf(requester, self, destination);
    const transfers = tally.studies().map((study) => ({ source: self, destination, requestor, study }));
    if (!(await emit(...transfers.map((transfer) => beginTransferring({ ...transfer, at: now() })))))
      throw new AuditBlockedError();
    return (failed, reason) =>
      emit(
        ...transfers.map((transfer) =>
          instancesTransferred({
            ...transfer,
            at: now(),
            action: 'R',
            ...(failed === 0 ? { outcome: 0 } : { outcome: 4, outcomeText: `${failed} not transferred: ${reason}` }),
          }),
        ),
      );
  }
}
