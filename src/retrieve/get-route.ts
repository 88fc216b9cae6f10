import { sopClassName } from '../dicom/sop-class-table.ts';
import type { InstanceRef } from '../index/index-types.ts';
import type { Route } from './route.ts';
import { closeObject, openObject } from './opened-object.ts';
import { ReadAhead } from './read-ahead.ts';
import type { Ahead } from './read-ahead.ts';
import { sendInstance } from './send-instance.ts';
import type { SendOptions } from './send-instance.ts';
import type { StoreAssociation } from './sub-association.ts';
import type { SubOperationResult } from './sub-operation-tally.ts';

export interface GetRouteOptions extends SendOptions {
  /** milliseconds between pending responses */
  readonly pendingInterval: number;
  readonly now: () => number;
}

/**
 * C-GET (PS3.4 C.4.3): back over the association of the request, one after the other. Pending responses go out between
 * sub-operations only, never into the middle of one.
 */
export function getRoute(assoc: StoreAssociation, options: GetRouteOptions): Route {
  return async function* (instances, tally, cancel) {
    let lastPending = options.now();
    await using ahead = new ReadAhead(instances, (instance) => openObject(instance, options));
    let next: Ahead<InstanceRef> | undefined;
    while (!cancel.aborted && (next = ahead.take()) !== undefined) {
      const refusal = withoutRole(assoc, next.item);
      if (refusal !== undefined) await closeObject(next.opened);
      tally.record(next.item, refusal ?? (await sendInstance(assoc, next, options)));
      if (tally.remaining > 0 && options.now() - lastPending >= options.pendingInterval) {
        yield;
        lastPending = options.now();
      }
    }
  };
}

/** PS3.4 C.5.3.1: only a requestor that proposed to be SCP of the class, and was taken as such, can be sent its objects. */
function withoutRole(assoc: StoreAssociation, { sopClassUid }: InstanceRef): SubOperationResult | undefined {
  const ofClass = [...assoc.contexts.values()].filter((pc) => pc.abstractSyntax === sopClassUid);
  if (ofClass.length === 0 || ofClass.some((pc) => pc.role.scu)) return undefined;
  return { kind: 'failed', reason: `requestor did not propose the SCP role for ${sopClassName(sopClassUid)}` };
}
