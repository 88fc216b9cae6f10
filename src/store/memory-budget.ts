import { BlockPool } from './block-pool.ts';

/** Sizes in bytes that keep the store's memory flat, whatever the number and size of objects on their way. */
export interface MemoryLimits {
  /** An object up to this size is held in memory until its hash, and so its final name, is known. */
  readonly direct: number;
  /** All such objects together; one that would exceed it goes to a spool file. */
  readonly directTotal: number;
  /** A reception pauses its sender above `high` and lets it go on below `low`. */
  readonly high: number;
  readonly low: number;
  /** All receptions together: above this every reception pauses until its own queue is on the disk. */
  readonly total: number;
}

const MIB = 1024 * 1024;
export const MEMORY_LIMITS: MemoryLimits = {
  direct: MIB,
  directTotal: 32 * MIB,
  high: 4 * MIB,
  low: 2 * MIB,
  total: 64 * MIB,
};

/**
 * Counts what all receptions hold. Nobody waits here for somebody else: a reception with an empty queue may always go on, so that
 * stalled senders cannot stop the others.
 */
export class MemoryBudget {
  readonly limits: MemoryLimits;
  /** Where the bytes lie. */
  readonly pool = new BlockPool();
  #used = 0;
  #direct = 0;

  constructor(limits: MemoryLimits) {
    this.limits = limits;
  }

  get used(): number {
    return this.#used;
  }

  get exceeded(): boolean {
    return this.#used > this.limits.total;
  }

  add(bytes: number): void {
    this.#used += bytes;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }

  /** Reserves room among the objects held whole in memory; false: spool it. */
  reserveDirect(bytes: number): boolean {
    if (this.#direct + bytes > this.limits.directTotal) return false;
    this.#direct += bytes;
    return true;
  }

  releaseDirect(bytes: number): void {
    this.#direct -= bytes;
  }
}
