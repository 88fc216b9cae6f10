import type { AcceptedContext } from './association.ts';
import type { OperationInfo } from './association-events.ts';
import { COMMAND, NO_DATA_SET, RESPONSE, WITH_DATA_SET, commandName, type CommandSet } from './command-set.ts';
import type { DimseStatus, RetrieveResponse } from './command-types.ts';
import { errorComment } from './error-comment.ts';

/** One request of the peer's while it is performed. */
export class IncomingOperation {
  readonly pc: AcceptedContext;
  readonly set: CommandSet;
  readonly name: string;
  readonly startedAt = performance.now();
  readonly cancel = new LazyAbort();
  bytes = 0;

  constructor(pc: AcceptedContext, set: CommandSet) {
    this.pc = pc;
    this.set = set;
    this.name = commandName(set.CommandField!)!;
  }

  get messageID(): number {
    return this.set.MessageID!;
  }

  /** What is told of it when it is over. */
  summary(final: RetrieveResponse): OperationInfo {
    const { set } = this;
    return {
      command: this.name,
      status: final.status.code,
      bytes: this.bytes,
      durationMs: performance.now() - this.startedAt,
      outgoing: false,
      reason: final.status.errorComment ?? '',
      sopInstanceUID: storedUid(set),
      destination: set.MoveDestination,
      subOperations: countsOf(final),
      problems: final.problems ?? [],
    };
  }

  /** The response, PS3.7 9.3 and 10.3: UIDs as they came, unless they were not UIDs. */
  response(status: DimseStatus, withDataSet: boolean): CommandSet {
    const { set } = this;
    return {
      AffectedSOPClassUID: set.AffectedSOPClassUID || set.RequestedSOPClassUID || undefined,
      CommandField: set.CommandField! | RESPONSE,
      MessageIDBeingRespondedTo: set.MessageID,
      CommandDataSetType: withDataSet ? WITH_DATA_SET : NO_DATA_SET,
      Status: status.code,
      OffendingElement: status.offendingElement,
      ErrorComment: status.errorComment === undefined ? undefined : errorComment(status.errorComment),
      ErrorID: status.errorID,
      AffectedSOPInstanceUID: set.AffectedSOPInstanceUID || set.RequestedSOPInstanceUID || undefined,
    };
  }
}

/** The SOP Instance UID of a C-STORE-RQ. */
export function storedUid(set: CommandSet): string | undefined {
  return set.CommandField === COMMAND.CStoreRQ ? set.AffectedSOPInstanceUID : undefined;
}

/** PS3.7 9.1.3.1, 9.1.4.1: only C-MOVE and C-GET count sub-operations. */
function countsOf({ remaining = 0, completed, failed = 0, warning = 0 }: RetrieveResponse) {
  return completed === undefined ? undefined : { remaining, completed, failed, warning };
}

/** An AbortSignal that costs nothing until somebody wants it. */
export class LazyAbort {
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
