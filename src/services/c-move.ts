import { printable } from '../core/text.ts';
import type { Association } from '../dimse/association.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import { STATUS } from '../dimse/status-table.ts';
import type { Logger } from '../observability/loggers.ts';
import { retrieve } from '../retrieve.ts';
import type { RetrieveDeps } from '../retrieve.ts';
import type { DigestCheck } from '../retrieve/digest-check.ts';
import { moveRoute } from '../retrieve/move-route.ts';
import type { ObjectSource } from '../retrieve/object-source.ts';
import { notThisModel, retrieveModelOf } from './information-models.ts';
import type { PeerConnector, RemoteAeRegister } from './peer-connector.ts';
import { priorityOf } from './priority.ts';

export interface MoveOptions extends RetrieveDeps {
  readonly objects: ObjectSource;
  readonly digests: DigestCheck;
  readonly register: RemoteAeRegister;
  readonly connect: PeerConnector;
  readonly recode: boolean;
  readonly pendingInterval: number;
  /** upper bound for what a destination's own entry allows */
  readonly maxSubAssociations: number;
  readonly log: Logger;
}

/** C-MOVE SCP (PS3.4 C.4.2): to destinations in the AE register only, over associations of our own. */
export function createMove(options: MoveOptions): NonNullable<ServiceHandlers['move']> {
  return async function* (assoc, pc, command, identifier, cancel) {
    const model = retrieveModelOf(pc.abstractSyntax);
    if (model === undefined) return { status: notThisModel() };
    const destination = await options.register.aeByTitle(command.MoveDestination);
    if (destination === undefined) {
      const title = printable(command.MoveDestination);
      options.log.warn(`unknown move destination ${title}: register it with kuva ae add ${title}`, {
        assoc: assoc.id,
        callingAET: assoc.callingAET,
      });
      return {
        status: { code: STATUS.MoveDestinationUnknown, errorComment: `destination ${title} is not registered` },
      };
    }
    const route = moveRoute({
      objects: options.objects,
      digests: options.digests,
      recode: options.recode,
      priority: priorityOf(command.Priority),
      originator: { aet: assoc.callingAET, messageID: command.MessageID },
      maxAssociations: Math.max(1, Math.min(destination.maxSubAssociations, options.maxSubAssociations)),
      pendingInterval: options.pendingInterval,
      connect: async (contexts, signal) => {
        const sub = await options.connect(
          destination,
          { callingAET: assoc.calledAET, contexts, parent: assoc.id },
          signal,
        );
        endWith(sub, assoc.signal);
        return sub;
      },
      lost: (error) =>
        options.log.warn('association to the move destination lost', {
          assoc: assoc.id,
          destination: destination.aet,
          error,
        }),
    });
    const request = {
      model,
      identifier,
      transferSyntaxUid: pc.transferSyntax,
      asked: {
        principal: assoc.principal,
        associationId: assoc.id,
        operation: 'C-MOVE' as const,
        destination: destination.aet,
      },
      cancel,
      gone: assoc.signal,
      parties: {
        requester: { aet: assoc.callingAET, address: assoc.peer.address },
        destination: { aet: destination.aet, address: destination.host },
      },
    };
    return yield* retrieve(request, route, options);
  };
}

/** When the requester has left, or the node stops, nobody waits for what a slow destination still answers. */
function endWith(sub: Association, requester: AbortSignal): void {
  const abort = (): void => sub.abort('the requester of the C-MOVE has left');
  if (requester.aborted) abort();
  requester.addEventListener('abort', abort, { once: true });
  sub.signal.addEventListener('abort', () => requester.removeEventListener('abort', abort), { once: true });
}
