import type { Route } from './route.ts';
import { closeInstance, openInstance, sendInstance } from './send-instance.ts';
import type { OpenedInstance, SendOptions } from './send-instance.ts';
import type { StoreAssociation } from './sub-association.ts';

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
        tally.record(instance, await sendInstance(assoc, instance, options, opened));
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
