import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import { retrieve } from '../retrieve.ts';
import type { RetrieveDeps } from '../retrieve.ts';
import type { DigestCheck } from '../retrieve/digest-check.ts';
import { getRoute } from '../retrieve/get-route.ts';
import type { ObjectSource } from '../retrieve/object-source.ts';
import { priorityOf } from './priority.ts';
import { notThisModel, retrieveModelOf } from './information-models.ts';

export interface GetOptions extends RetrieveDeps {
  readonly objects: ObjectSource;
  readonly digests: DigestCheck;
  /** re-encode between the uncompressed syntaxes for a peer that refuses the stored one */
  readonly recode: boolean;
  /** milliseconds between pending responses */
  readonly pendingInterval: number;
  readonly now: () => number;
}

/** C-GET SCP (PS3.4 C.4.3): instances come back on the requester's own association, where it took the SCP role for their class. */
export function createGet(options: GetOptions): NonNullable<ServiceHandlers['get']> {
  return async function* (assoc, pc, command, identifier, cancel) {
    const model = retrieveModelOf(pc.abstractSyntax);
    if (model === undefined) return { status: notThisModel() };
    const { objects, digests, recode, pendingInterval, now } = options;
    const priority = priorityOf(command.Priority);
    const route = getRoute(assoc, { objects, digests, recode, pendingInterval, now, priority });
    const peer = { aet: assoc.callingAET, address: assoc.peer.address };
    const request = {
      model,
      identifier,
      transferSyntaxUid: pc.transferSyntax,
      asked: {
        principal: assoc.principal,
        associationId: assoc.id,
        operation: 'C-GET' as const,
        destination: '',
      },
      cancel,
      gone: assoc.signal,
      parties: { requester: peer, destination: peer },
    };
    return yield* retrieve(request, route, options);
  };
}
