import type { CommandSet } from './command-set.ts';
import type { DimseStatus, RetrieveResponse } from './command-types.ts';
import type { IncomingOperation } from './incoming-operation.ts';
import type { MessageWriter } from './message-writer.ts';
import { STATUS, statusCategory } from './status-table.ts';
import type { UpperLayer } from './ul/upper-layer.ts';

export interface ResponseStream {
  readonly op: IncomingOperation;
  readonly responses: AsyncIterable<RetrieveResponse, RetrieveResponse | void>;
  /** C-FIND: we stop at a C-CANCEL; C-MOVE and C-GET end by themselves, since they know their counts. */
  readonly stopsOnCancel: boolean;
  readonly writer: MessageWriter;
  readonly ul: UpperLayer;
  /** Reports what the handler threw, and gives the status for it. */
  readonly failed: (error: unknown) => DimseStatus;
}

/** Sends the responses of C-FIND, C-MOVE or C-GET as fast as the peer reads them. Never rejects; gives the final response. */
export async function respondAll(s: ResponseStream): Promise<RetrieveResponse> {
  const final = await sendPending(s);
  const wait = s.writer.send(s.op.pc.id, responseSet(s.op, final), final.identifier);
  if (wait !== undefined) await wait;
  return final;
}

async function sendPending(s: ResponseStream): Promise<RetrieveResponse> {
  const { op, writer, ul } = s;
  let iterator: AsyncIterator<RetrieveResponse, RetrieveResponse | void> | undefined;
  try {
    iterator = s.responses[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) return value ?? { status: { code: op.cancel.aborted ? STATUS.Cancel : STATUS.Success } };
      if (statusCategory(value.status.code) !== 'pending') {
        leave(s, iterator);
        return value;
      }
      if (!ul.canSend || (s.stopsOnCancel && op.cancel.aborted)) {
        leave(s, iterator);
        return { status: { code: STATUS.Cancel } };
      }
      op.bytes += value.identifier?.length ?? 0;
      const wait = writer.send(op.pc.id, responseSet(op, value), value.identifier);
      if (wait !== undefined) await wait;
    }
  } catch (error) {
    return { status: s.failed(error) };
  }
}

/** Lets the handler clean up; the peer does not wait for it. */
function leave(s: ResponseStream, iterator: AsyncIterator<RetrieveResponse, RetrieveResponse | void>): void {
  iterator.return?.().catch((error: unknown) => s.failed(error));
}

function responseSet(op: IncomingOperation, response: RetrieveResponse): CommandSet {
  const set = op.response(response.status, response.identifier !== undefined);
  set.NumberOfRemainingSuboperations = response.remaining;
  set.NumberOfCompletedSuboperations = response.completed;
  set.NumberOfFailedSuboperations = response.failed;
  set.NumberOfWarningSuboperations = response.warning;
  return set;
}
