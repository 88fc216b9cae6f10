import type { StatementCache } from '../reader/statement-cache.ts';
import { guestState, openGuestView } from './guest-view.ts';

interface Kept {
  readonly state: string;
  readonly statements: StatementCache;
}

// Each is a connection with its tables in memory.
const MOST = 8;

/** The views of one reader thread, by organisation; made anew when what they were made of has changed. */
export class GuestViews {
  readonly #path: string;
  readonly #archive: StatementCache;
  readonly #views = new Map<string, Kept>();

  constructor(path: string, archive: StatementCache) {
    this.#path = path;
    this.#archive = archive;
  }

  /** A cursor of the last view goes on in that: it is closed when nobody holds it any more. */
  of(organisation: string): StatementCache {
    const state = guestState(this.#archive, organisation);
    const known = this.#views.get(organisation);
    if (known?.state === state) return known.statements;
    this.#views.delete(organisation);
    const [oldest] = this.#views.keys();
    if (oldest !== undefined && this.#views.size >= MOST) this.#views.delete(oldest);
    const statements = openGuestView(this.#path, organisation);
    this.#views.set(organisation, { state, statements });
    return statements;
  }
}
