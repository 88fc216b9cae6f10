import { identityOf, SHAPES } from './objects.ts';
import type { ObjectKind } from './objects.ts';
import { PreparedObject } from './prepared-object.ts';
import { RawAssociation } from './raw-association.ts';
import type { Target } from './raw-association.ts';

export interface StoreLoad {
  readonly target: Target;
  readonly kind: ObjectKind;
  readonly associations: number;
  readonly objects: number;
  /** 9 digits, unlike any other run against the same server */
  readonly run: number;
}

export interface LoadResult {
  /** from the first byte sent to the last response, association set-up and release left out */
  readonly seconds: number;
  /** milliseconds from a request's first byte handed over to its response, one per object */
  readonly latencies: readonly number[];
  readonly failures: number;
  readonly firstFailure: string | undefined;
}

/** Opens all associations, then lets each send its share of the objects one after another, as a modality does. */
export async function runStoreLoad(load: StoreLoad): Promise<LoadResult> {
  const lanes = await Promise.all(Array.from({ length: load.associations }, () => openLane(load)));
  const latencies: number[] = [];
  const errors: string[] = [];
  const started = performance.now();
  await Promise.all(lanes.map((lane, n) => sendShare(lane, load, n, latencies, errors)));
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(lanes.map(({ assoc }) => assoc.release().catch(() => assoc.destroy())));
  return { seconds, latencies, failures: load.objects - latencies.length, firstFailure: errors[0] };
}

interface Lane {
  readonly assoc: RawAssociation;
  readonly prepared: PreparedObject;
}

async function openLane(load: StoreLoad): Promise<Lane> {
  const assoc = await RawAssociation.open(load.target, SHAPES[load.kind].sopClassUid);
  return { assoc, prepared: new PreparedObject(load.kind, load.run, assoc.maxPdu) };
}

async function sendShare(lane: Lane, load: StoreLoad, n: number, latencies: number[], errors: string[]): Promise<void> {
  const first = Math.floor((load.objects * n) / load.associations);
  const end = Math.floor((load.objects * (n + 1)) / load.associations);
  try {
    for (let i = first; i < end; i++) {
      lane.prepared.become(identityOf(load.kind, load.run, i));
      const sent = performance.now();
      lane.assoc.write(lane.prepared.wire);
      const status = await lane.assoc.nextStatus();
      if (status === 0) latencies.push(performance.now() - sent);
      else errors.push(`status ${status.toString(16)}`);
    }
  } catch (error) {
    errors.push(error instanceof Error ? error.message : String(error));
  }
}
