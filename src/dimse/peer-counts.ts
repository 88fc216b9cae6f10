/** Counts in total and per address, each with a limit. */
export class PeerCounts {
  readonly #maxTotal: number;
  readonly #maxPerPeer: number;
  readonly #perPeer = new Map<string, number>();
  #total = 0;

  constructor(maxTotal: number, maxPerPeer: number) {
    this.#maxTotal = maxTotal;
    this.#maxPerPeer = maxPerPeer;
  }

  get total(): number {
    return this.#total;
  }

  hasRoom(address: string): boolean {
    return this.#total < this.#maxTotal && (this.#perPeer.get(address) ?? 0) < this.#maxPerPeer;
  }

  /** False, and nothing counted, when there is no room. */
  add(address: string): boolean {
    if (!this.hasRoom(address)) return false;
    this.#total++;
    this.#perPeer.set(address, (this.#perPeer.get(address) ?? 0) + 1);
    return true;
  }

  remove(address: string): void {
    this.#total--;
    const left = (this.#perPeer.get(address) ?? 1) - 1;
    if (left === 0) this.#perPeer.delete(address);
    else this.#perPeer.set(address, left);
  }
}
