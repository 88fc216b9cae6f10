import { randomUUID } from 'node:crypto';
import { errorCode, toError } from '../core/errors.ts';
import { uidFromUuid } from '../dicom/uid-syntax.ts';
import { UID } from '../dicom/uids.ts';
import type { AcceptedContext, Association } from '../dimse/association.ts';
import type { NActionRequest, NResponse } from '../dimse/command-types.ts';
import { STATUS, statusText } from '../dimse/status-table.ts';
import type {
  CommitmentFailure,
  CommitmentOutcome,
  CommitmentReference,
} from '../services/commitment/commitment-outcome.ts';
import { encodeCommitmentReport, eventTypeOf } from '../services/commitment/commitment-report.ts';
import { CommitmentRefusedError, parseCommitmentRequest } from '../services/commitment/commitment-request.ts';
import { pause } from './pause.ts';
import type { RuleBook } from './rule-book.ts';
import type { SimCaller } from './sim-caller.ts';
import type { SimListener } from './sim-events.ts';
import type { SimObjects } from './sim-objects.ts';
import type { SimRuleOf } from './sim-script.ts';

export interface SimCommitmentDeps {
  readonly rules: RuleBook;
  readonly objects: SimObjects;
  readonly tell: SimListener;
  readonly call: SimCaller;
  /** Fires when the archive ends. */
  readonly ended: AbortSignal;
}

type Rule = SimRuleOf<'commitment'> | undefined;

const CONTEXT = {
  abstractSyntax: UID.StorageCommitmentPushModel,
  transferSyntaxes: [UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian],
  roles: { scu: false, scp: true },
};

/** Storage Commitment SCP (PS3.4 J.3) that answers as the script says, else truly. */
export class SimCommitment {
  readonly #deps: SimCommitmentDeps;

  constructor(deps: SimCommitmentDeps) {
    this.#deps = deps;
  }

  async action(
    assoc: Association,
    pc: AcceptedContext,
    command: NActionRequest,
    dataSet: Buffer | undefined,
  ): Promise<NResponse> {
    const rule: Rule = this.#deps.rules.match('commitment', { callingAet: assoc.callingAET });
    let request: ReturnType<typeof parseCommitmentRequest>;
    try {
      request = parseCommitmentRequest(command, dataSet, pc.transferSyntax);
    } catch (error) {
      if (error instanceof CommitmentRefusedError) return { status: error.status };
      throw error;
    }
    if (rule !== undefined) await pause(rule.delay, assoc.signal);
    const code = rule?.status ?? STATUS.Success;
    this.#deps.tell({
      event: 'commitment-request',
      callingAet: assoc.callingAET,
      transaction: request.transactionUid,
      instances: request.references.length,
      status: statusText(code),
    });
    if (code !== STATUS.Success) return { status: { code } };
    return {
      status: { code },
      afterResponse: () => void this.#answer(assoc, request.transactionUid, request.references, rule),
    };
  }

  async #answer(
    assoc: Association,
    asked: string,
    references: readonly CommitmentReference[],
    rule: Rule,
  ): Promise<void> {
    const times = { never: 0, once: 1, twice: 2 }[rule?.answer ?? 'once'];
    const transaction = rule?.transaction === 'foreign' ? uidFromUuid(randomUUID()) : asked;
    await pause(rule?.reportAfter ?? 0, this.#deps.ended);
    const outcome = this.#outcome(references, rule);
    for (let time = 0; time < times && !this.#deps.ended.aborted; time += 1) {
      try {
        const via = await this.#report(assoc, transaction, outcome, rule?.via ?? 'any');
        this.#deps.tell({
          event: 'commitment-report',
          callingAet: assoc.callingAET,
          transaction,
          committed: outcome.committed.length,
          failed: outcome.failed.length,
          via,
        });
      } catch (error) {
        const reason = `${errorCode(error)}: ${toError(error).message}`;
        this.#deps.tell({ event: 'report-failed', callingAet: assoc.callingAET, transaction, reason });
      }
    }
  }

  #outcome(references: readonly CommitmentReference[], rule: Rule): CommitmentOutcome {
    const committed: CommitmentReference[] = [];
    const failed: CommitmentFailure[] = [];
    const toFail = rule?.fail === 'all' ? references.length : (rule?.fail ?? 0);
    for (const [i, reference] of references.entries()) {
      const object = this.#deps.objects.get(reference.sopInstanceUid);
      if (rule !== undefined && i < toFail) {
        if (rule.forget) this.#deps.objects.forget(reference.sopInstanceUid);
        failed.push({ ...reference, failureReason: rule.reason });
      } else if (object === undefined) {
        failed.push({ ...reference, failureReason: STATUS.NoSuchObjectInstance });
      } else if (object.sopClassUid !== reference.sopClassUid) {
        failed.push({ ...reference, failureReason: STATUS.ClassInstanceConflict });
      } else {
        committed.push(reference);
      }
    }
    return { committed, failed };
  }

  async #report(
    asking: Association,
    transaction: string,
    outcome: CommitmentOutcome,
    via: 'any' | 'same' | 'new',
  ): Promise<'same' | 'new'> {
    if (via === 'same' || (via === 'any' && asking.isOpen)) {
      try {
        await send(asking, transaction, outcome);
        return 'same';
      } catch (error) {
        if (via === 'same') throw error;
      }
    }
    const assoc = await this.#deps.call(asking.callingAET, asking.calledAET, [CONTEXT], this.#deps.ended);
    try {
      await send(assoc, transaction, outcome);
      await assoc.release();
      return 'new';
    } finally {
      if (assoc.isOpen) assoc.abort('the report failed');
    }
  }
}

async function send(assoc: Association, transaction: string, outcome: CommitmentOutcome): Promise<void> {
  const pc = [...assoc.contexts.values()].find(({ abstractSyntax }) => abstractSyntax === CONTEXT.abstractSyntax);
  if (pc === undefined) throw new Error('the requester takes no storage commitment report');
  const { status } = await assoc.nEventReport({
    pc,
    affectedSOPInstanceUID: UID.StorageCommitmentPushModelInstance,
    eventTypeID: eventTypeOf(outcome),
    dataSet: encodeCommitmentReport(transaction, assoc.calledAET, outcome, pc.transferSyntax),
  });
  if (status.code !== STATUS.Success) throw new Error(`the requester answered ${statusText(status.code)}`);
}
