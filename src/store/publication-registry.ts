/** Bytes that are being kept, or removed, at present. */
export interface RegistryEntry {
  readonly startedAt: number;
  /** True when the file is there and durable; false when it is not and the name is free again. Never rejects. */
  readonly settled: Promise<boolean>;
}

interface Held extends RegistryEntry {
  holders: number;
}

/** One hold on an entry. */
export interface RegistryHold {
  readonly entry: RegistryEntry;
  /** Lets go; the entry is gone when everybody has. May be called again. */
  readonly release: () => void;
}

/** The objects that this process is working on, by hash. An entry lasts until the last of those who share it has its row in the index. */
export class PublicationRegistry {
  readonly #entries = new Map<string, Held>();

  /** When the oldest entry began, in milliseconds since 1970; undefined when there is none. */
  oldest(): number | undefined {
    // A Map keeps the order of insertion, and an entry is inserted when it begins.
    return this.#entries.values().next().value?.startedAt;
  }

  /** Shares the entry of the same bytes; undefined when there is none. */
  join(sha256: string): RegistryHold | undefined {
    const entry = this.#entries.get(sha256);
    return entry === undefined ? undefined : this.#hold(sha256, entry);
  }

  /** Begins an entry, of which there must be none. `settle(false)` takes it out of the way at once. */
  begin(sha256: string, startedAt: number): RegistryHold & { readonly settle: (kept: boolean) => void } {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const entry: Held = { startedAt, settled: promise, holders: 0 };
    this.#entries.set(sha256, entry);
    const settle = (kept: boolean): void => {
      if (!kept) this.#forget(sha256, entry);
      resolve(kept);
    };
    return { ...this.#hold(sha256, entry), settle };
  }

  #hold(sha256: string, entry: Held): RegistryHold {
    entry.holders += 1;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      entry.holders -= 1;
      if (entry.holders === 0) this.#forget(sha256, entry);
    };
    return { entry, release };
  }

  // A later one of the same bytes stays.
  #forget(sha256: string, entry: Held): void {
    if (this.#entries.get(sha256) === entry) this.#entries.delete(sha256);
  }
}
