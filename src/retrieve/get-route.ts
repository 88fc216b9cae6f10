import { sopClassName } from '../dicom/sop-class-table.ts';
import type { InstanceRef } from '../index/index-types.ts';
import type { Route } from './route.ts';
import { closeInstance, openInstance, sendInstance } from './send-instance.ts';
import type { OpenedInstance, SendOptions } from './send-instance.ts';
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
    let ahead: OpenedInstance | undefined;
    try {
      for (const [at, instance] of instances.entries()) {
        if (cancel.aborted) return;
        const opened = ahead;
        const next = instances[at + 1];
        ahead = next === undefined ? undefined : openInstance(next, options);
        const refusal = withoutRole(assoc, instance);
        if (refusal !== undefined) await closeInstance(opened);
        tally.record(instance, refusal ?? (await sendInstance(assoc, instance, options, opened)));
        if (tally.remaining > 0 && options.now() - lastPending >= options.pendingInterval) {
          yield;
          lastPending = options.now();
        }
      }
    } finally {
      await closeInstance(ahead);
    }
  };
}

/** PS3.4 C.5.3.1: only a requestor that proposed to be SCP of the class, and was taken as such, can be sent its objects. */
function withoutRole(assoc: StoreAssociation, { sopClassUid }: InstanceRef): SubOperationResult | undefined {
  const ofClass = [...assoc.contexts.values()].filter((pc) => pc.abstractSyntax === sopClassUid);
  if (ofClass.length === 0 || ofClass.some((pc) => pc.role.scu)) return undefined;
  return { kind: 'failed', reason: `requestor did not propose the SCP role for ${sopClassName(sopClassUid)}` };
}
