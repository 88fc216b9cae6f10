import { proposeContexts } from './presentation-contexts.ts';
import type { ProposedContext } from './presentation-contexts.ts';
import type { Route } from './route.ts';
import { openObject } from './opened-object.ts';
import type { Ahead } from './read-ahead.ts';
import { sendInstance } from './send-instance.ts';
import type { SendOptions } from './send-instance.ts';
import { SendQueue } from './send-queue.ts';
import type { InstanceRef } from '../index/index-types.ts';
import type { OwnedAssociation } from './sub-association.ts';
import type { SubOperationTally } from './sub-operation-tally.ts';

export interface MoveRouteOptions extends SendOptions {
  /** opens one association to the destination; rejects when it cannot be had */
  readonly connect: (contexts: readonly ProposedContext[], signal: AbortSignal) => Promise<OwnedAssociation>;
  readonly maxAssociations: number;
  /** milliseconds between pending responses */
  readonly pendingInterval: number;
  /** told of every association lost or not obtained, for the log */
  readonly lost: (error: unknown) => void;
}

/** One set of presentation contexts and what is to be sent over them. */
interface Delivery {
  readonly contexts: readonly ProposedContext[];
  readonly queue: SendQueue;
  readonly tally: SubOperationTally;
  readonly cancel: AbortSignal;
}

/** A destination that takes nothing on so many associations in a row is given up. */
const MAX_FRUITLESS = 2;

/** C-MOVE (PS3.4 C.4.2): over associations of our own to the destination, several at once where it allows them. */
export function moveRoute(options: MoveRouteOptions): Route {
  return async function* (instances, tally, cancel) {
    const work = deliver(instances, tally, cancel, options);
    while (!(await settledWithin(work, options.pendingInterval))) yield;
    await work;
  };
}

async function deliver(
  instances: readonly InstanceRef[],
  tally: SubOperationTally,
  cancel: AbortSignal,
  options: MoveRouteOptions,
): Promise<void> {
  for (const group of proposeContexts(instances, options.recode)) {
    await using queue = new SendQueue(group.instances, (instance) => openObject(instance, options));
    const delivery = { contexts: group.contexts, queue, tally, cancel };
    const workers = Array.from({ length: Math.min(options.maxAssociations, group.instances.length) }, () =>
      work(delivery, options),
    );
    const reasons = await Promise.all(workers);
    if (cancel.aborted) return;
    // Nobody is left to send these: no association could be had, or none would stay.
    const reason = reasons.findLast((text) => text !== undefined) ?? 'no association to the destination';
    for (const instance of queue.rest()) tally.record(instance, { kind: 'failed', reason });
  }
}

/** Sends from the shared queue until it is empty, over one association after the other; gives the reason when it gives up. */
async function work(delivery: Delivery, options: MoveRouteOptions): Promise<string | undefined> {
  const { queue, cancel, contexts } = delivery;
  let reason: string | undefined;
  let fruitless = 0;
  while (!queue.isEmpty && !cancel.aborted && fruitless < MAX_FRUITLESS) {
    let assoc: OwnedAssociation;
    try {
      assoc = await options.connect(contexts, cancel);
    } catch (error) {
      options.lost(error);
      return reasonOf(error);
    }
    const before = delivery.tally.remaining;
    reason = await sendOver(assoc, delivery, options);
    // Other workers also count down, so this may forgive too much; it never gives up too early.
    fruitless = delivery.tally.remaining < before ? 0 : fruitless + 1;
  }
  return reason;
}

/** Sends over this association until the queue is empty or the association is lost, and ends it. */
async function sendOver(
  assoc: OwnedAssociation,
  delivery: Delivery,
  options: MoveRouteOptions,
): Promise<string | undefined> {
  const { queue, tally, cancel } = delivery;
  let next: Ahead<InstanceRef> | undefined;
  try {
    // A file that fails while it is sent takes the association along, not the files after it.
    while (!cancel.aborted && assoc.isOpen && (next = queue.take()) !== undefined) {
      tally.record(next.item, await sendInstance(assoc, next, options));
    }
    next = undefined;
    await assoc.release();
    return undefined;
  } catch (error) {
    assoc.abort('sub-operation failed');
    options.lost(error);
    const reason = reasonOf(error);
    // Whether the peer kept it is unknown: storing it twice does no harm, so it gets a second chance elsewhere.
    if (next !== undefined && !queue.putBack(next.item)) tally.record(next.item, { kind: 'failed', reason });
    return reason;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True when the work has ended within so many milliseconds; its failure is the caller's to await. */
async function settledWithin(work: Promise<void>, milliseconds: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, milliseconds, false);
  const settled = () => resolve(true);
  work.then(settled, settled);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
