import { errorCode } from './core/errors.ts';
import type { RetrieveResponse } from './dimse/command-types.ts';
import { STATUS } from './dimse/status-table.ts';
import { seesRejected } from './policy/principal.ts';
import { collectInstances } from './retrieve/collect-instances.ts';
import type { DisclosureGate, GatedRequest, RequestGate } from './retrieve/disclosure-gate.ts';
import { RetrieveRefusedError, refusedForRecord } from './retrieve/retrieve-errors.ts';
import { claimOf, parseRetrieveIdentifier } from './retrieve/retrieve-identifier.ts';
import type { InformationModel } from './retrieve/retrieve-identifier.ts';
import type { Route } from './retrieve/route.ts';
import { withRecalled } from './retrieve/recall.ts';
import type { Recall } from './retrieve/recall.ts';
import type { RetrieveSource } from './retrieve/instance-source.ts';
import { SubOperationTally } from './retrieve/sub-operation-tally.ts';
import type { TransferParties, TransferRecord } from './retrieve/transfer-record.ts';

/** A C-MOVE or C-GET as it arrived. */
export interface RetrieveRequest {
  readonly model: InformationModel;
  readonly identifier: Buffer;
  /** of the presentation context: of the identifier and of the Failed SOP Instance UID List */
  readonly transferSyntaxUid: string;
  /** Who asks for what, for whom: as the gate is told. */
  readonly asked: Omit<GatedRequest, 'claim' | 'criteria'>;
  /** C-CANCEL */
  readonly cancel: AbortSignal;
  /** the requesting association has ended */
  readonly gone: AbortSignal;
  /** for the audit trail */
  readonly parties: TransferParties;
}

export interface RetrieveDeps {
  readonly index: RetrieveSource;
  readonly gate: DisclosureGate;
  /** undefined when nobody audits */
  readonly transfers?: TransferRecord | undefined;
  /** undefined: what is in an archive alone cannot be sent */
  readonly recall?: Recall | undefined;
}

/**
 * The read path of C-MOVE and C-GET: identifier → instances → what may be disclosed → log → what was given up comes back from the
 * archive → sub-operations → responses.
 * Yields pending responses, ends with the final one (PS3.4 C.4.2.3.1). Every instance selected is accounted for in it.
 */
export async function* retrieve(
  request: RetrieveRequest,
  route: Route,
  deps: RetrieveDeps,
): AsyncGenerator<RetrieveResponse, RetrieveResponse> {
  const stop = AbortSignal.any([request.cancel, request.gone]);
  let unrecorded: RequestGate | undefined;
  try {
    const named = parseRetrieveIdentifier(request.identifier, request.transferSyntaxUid, request.model);
    const selection = seesRejected(request.asked) ? named : { ...named, visibleOnly: true };
    const claim = claimOf(request.identifier, request.transferSyntaxUid, deps.gate.claimTag);
    const gate = await deps.gate.begin({
      ...request.asked,
      claim,
      criteria: Object.keys(named).join(' '),
    });
    unrecorded = gate;
    const instances = await collectInstances(deps.index, gate, selection, stop);
    unrecorded = undefined;
    await gate.reveal(
      instances.map(({ studyInstanceUid }) => studyInstanceUid),
      { items: instances.length },
    );

    const ended =
      instances.length === 0
        ? undefined
        : await deps.transfers?.begin(request.parties, instances).catch(async (error: unknown) => {
            await gate.undelivered(errorCode(error));
            throw refusedForRecord(error);
          });
    const tally = new SubOperationTally(instances.length);
    try {
      const present = yield* withRecalled(instances, tally, deps.recall, stop);
      if (present.length > 0) {
        for await (const _ of route(present, tally, stop)) yield tally.pending();
      }
    } finally {
      await ended?.(tally.failed + tally.remaining, tally.firstReason);
      if (instances.length > 0 && tally.completed + tally.warning === 0)
        await gate.undelivered(stop.aborted ? 'cancelled' : tally.firstReason);
    }
    return tally.final(stop.aborted, request.transferSyntaxUid);
  } catch (error) {
    // Too much, or cancelled before it was known what there is to send: asked it was.
    await unrecorded?.reveal([], { items: 0 });
    const refused = refusedForRecord(error);
    if (refused instanceof RetrieveRefusedError) return { status: refused.status };
    if (stop.aborted) return { status: { code: STATUS.Cancel } };
    throw error;
  }
}
