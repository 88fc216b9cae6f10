import type { Route } from './route.ts';
import { sendInstance } from './send-instance.ts';
import type { SendOptions } from './send-instance.ts';
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
    for (const instance of instances) {
      if (cancel.aborted) return;
      tally.record(instance, await sendInstance(assoc, instance, options));
      if (tally.remaining > 0 && options.now() - lastPending >= options.pendingInterval) {
        yield;
        lastPending = options.now();
      }
    }
  };
}
