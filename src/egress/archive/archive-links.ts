import type { Association } from '../../dimse/association.ts';
import { FIND_CONTEXTS } from './archived-instances.ts';
import type { Archives } from './archives.ts';

/** Associations for questions: one to each archive under each title, as long as it lasts. */
export class ArchiveLinks implements AsyncDisposable {
  readonly #archives: Archives;
  readonly #open = new Map<string, Association>();

  constructor(archives: Archives) {
    this.#archives = archives;
  }

  /** @throws KuvaError ARCHIVE_UNKNOWN, AssociationError */
  async to(destination: string, callingAet: string, signal: AbortSignal): Promise<Association> {
    const key = `${destination}\0${callingAet}`;
    const known = this.#open.get(key);
    if (known?.isOpen === true) return known;
    const assoc = await this.#archives.open({ destination, callingAet, contexts: FIND_CONTEXTS }, signal);
    this.#open.set(key, assoc);
    return assoc;
  }

  /** Ends them. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const assoc of this.#open.values()) await assoc.release().catch(() => undefined);
    this.#open.clear();
  }
}
