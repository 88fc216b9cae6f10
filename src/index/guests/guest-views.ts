import type { StatementCache } from '../reader/statement-cache.ts';
import { GuestView } from './guest-view.ts';

// Each is a connection with its tables in memory.
const MOST = 8;

/** The views of one reader thread, by organisation, as they are now. */
export class GuestViews {
  readonly #path: string;
  readonly #views = new Map<string, GuestView>();

  constructor(path: string) {
    this.#path = path;
  }

  /** A cursor of a view that was made anew goes on in the last one: that is closed when nobody holds it any more. */
  of(organisation: string): StatementCache {
    const known = this.#views.get(organisation);
    if (known?.bringUpToDate() === true) return known.statements;
    this.#views.delete(organisation);
    const [oldest] = this.#views.keys();
    if (oldest !== undefined && this.#views.size >= MOST) this.#views.delete(oldest);
    const view = new GuestView(this.#path, organisation);
    this.#views.set(organisation, view);
    return view.statements;
  }
}
