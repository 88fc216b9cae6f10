import { dataSetOf, encodeDataSet, uid } from '../dicom/data-set.ts';
import { TAG } from '../dicom/tags.ts';
import type { RetrieveResponse } from '../dimse/command-types.ts';
import { STATUS, statusText } from '../dimse/status-table.ts';
import type { InstanceRef } from '../index/index-types.ts';

/** How one C-STORE sub-operation ended; `reason` is for the log and the Error Comment. */
export type SubOperationResult =
  | { readonly kind: 'completed' }
  | { readonly kind: 'warning'; readonly status: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** Different reasons that are told of, each with the first SOP Instance UID that it befell. */
const MAX_PROBLEMS = 3;

/** Counts sub-operations truly: each is remaining, or ended once as completed, warning or failed. */
export class SubOperationTally {
  #remaining: number;
  #completed = 0;
  #warning = 0;
  readonly #failedUids: string[] = [];
  #firstReason: string | undefined;
  readonly #problems = new Map<string, string>();

  constructor(total: number) {
    this.#remaining = total;
  }

  record(instance: InstanceRef, result: SubOperationResult): void {
    this.#remaining--;
    if (result.kind === 'completed') this.#completed++;
    else if (result.kind === 'warning') {
      this.#warning++;
      this.#problem(instance, `peer answered ${statusText(result.status)}`);
    } else {
      this.#failedUids.push(instance.sopInstanceUid);
      this.#firstReason ??= result.reason;
      this.#problem(instance, result.reason);
    }
  }

  #problem({ sopInstanceUid }: InstanceRef, reason: string): void {
    if (this.#problems.size < MAX_PROBLEMS && !this.#problems.has(reason)) this.#problems.set(reason, sopInstanceUid);
  }

  /** Why the first that failed did; '' when none did. */
  get firstReason(): string {
    return this.#firstReason ?? '';
  }

  get remaining(): number {
    return this.#remaining;
  }

  get completed(): number {
    return this.#completed;
  }

  get failed(): number {
    return this.#failedUids.length;
  }

  get warning(): number {
    return this.#warning;
  }

  /** PS3.4 C.4.2.1.8: counts while sub-operations go on. */
  pending(): RetrieveResponse {
    return { status: { code: STATUS.Pending }, remaining: this.remaining, ...this.#ended() };
  }

  /**
   * PS3.4 C.4.2.3.1 and tables C.4-2, C.4-3: 0000 when all completed, B000 when some failed or warned, A702 when nothing got
   * through, FE00 with the number remaining after a C-CANCEL that left something undone.
   */
  final(cancelled: boolean, transferSyntaxUid: string): RetrieveResponse {
    const failedList = this.failed === 0 ? {} : { identifier: encodeFailedList(this.#failedUids, transferSyntaxUid) };
    if (cancelled && this.remaining > 0) {
      return {
        status: { code: STATUS.Cancel },
        remaining: this.remaining,
        ...this.#ended(),
        ...this.#told(),
        ...failedList,
      };
    }
    const comment = this.#firstReason === undefined ? {} : { errorComment: this.#firstReason };
    return { status: { code: this.#finalCode(), ...comment }, ...this.#ended(), ...this.#told(), ...failedList };
  }

  #finalCode(): number {
    if (this.failed > 0 && this.completed + this.warning === 0) return STATUS.UnableToPerformSubOperations;
    if (this.failed > 0 || this.warning > 0) return STATUS.WarningSubOperations;
    return STATUS.Success;
  }

  #told(): { problems: string[] } {
    return { problems: [...this.#problems].map(([reason, uid]) => `${uid}: ${reason}`) };
  }

  #ended(): { completed: number; failed: number; warning: number } {
    return { completed: this.completed, failed: this.failed, warning: this.warning };
  }
}

/** Failed SOP Instance UID List (0008,0058). */
function encodeFailedList(uids: readonly string[], transferSyntaxUid: string): Buffer {
  return encodeDataSet(dataSetOf(uid(TAG.FailedSOPInstanceUIDList, uids.join('\\'))), transferSyntaxUid);
}
