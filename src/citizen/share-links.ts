import { createHash, randomBytes } from 'node:crypto';
import type { AccessEntry } from '../access-log/access-entry.ts';
import type { NewShare, OpenShare } from '../index/citizen/citizen-types.ts';
import { CitizenError } from './citizen-errors.ts';
import type { CitizenView, OpenedDocument, SharedDocument } from './citizen-view.ts';

/** Port: the links that have been given away. */
export interface ShareStore {
  add(share: NewShare): Promise<number>;
  /** Undefined when it cannot be opened, or not any more. */
  find(tokenSha256: string, at: number): Promise<OpenShare | undefined>;
  /** Opens it for its one time and records the entries, both or neither; false when that is not possible any more. */
  open(tokenSha256: string, at: number, entries: readonly AccessEntry[]): Promise<boolean>;
}

export interface ShareLinksOptions {
  readonly store: ShareStore;
  readonly view: Pick<CitizenView, 'share' | 'shared'>;
  readonly maxDays: number;
  readonly now: () => number;
}

/** What a link leads to, for its one time. */
export interface FoundShare {
  readonly documents: readonly OpenedDocument[];
  /** The link has been opened, and who got what is on record, when this resolves. @throws CitizenError when somebody else was faster */
  useUp(): Promise<void>;
}

const DAY_MS = 86_400_000;
const TOKEN_BYTES = 24;

/** Links with which a citizen lets somebody else, such as a private physician, read documents: once, and for a time. */
export class ShareLinks {
  readonly #o: ShareLinksOptions;

  constructor(options: ShareLinksOptions) {
    this.#o = options;
  }

  /** Only what the citizen sees can be shared. @throws CitizenError */
  async make(
    person: string,
    viewer: string,
    documents: readonly string[],
    days: number,
  ): Promise<{ readonly id: number; readonly token: string; readonly expiresAt: number }> {
    const { store, view, maxDays, now } = this.#o;
    if (days > maxDays)
      throw new CitizenError('SHARE_TOO_LONG', `a link lives for at most ${maxDays} days: give a shorter time`);
    await view.share(person, { id: viewer }, documents);
    // Typed and pasted as an argument: it must not begin with a dash, as base64url may.
    const token = randomBytes(TOKEN_BYTES).toString('hex');
    const madeAt = now();
    const expiresAt = madeAt + days * DAY_MS;
    const id = await store.add({ tokenSha256: hashOf(token), person, madeBy: viewer, documents, madeAt, expiresAt });
    return { id, token, expiresAt };
  }

  /**
   * What the link leads to. What its maker may no longer see has gone from it. The link is not used up yet, and nothing may be handed over
   * before `useUp`. @throws CitizenError: unknown, opened, expired and taken back are not told apart
   */
  async find(token: string): Promise<FoundShare> {
    const { store, view, now } = this.#o;
    const tokenSha256 = hashOf(token);
    const share = await store.find(tokenSha256, now());
    const found: SharedDocument[] = [];
    if (share !== undefined) {
      const { id, person, madeBy, documents } = share;
      for (const oid of documents) {
        const document = await view.shared(person, { id: madeBy }, oid, id).catch(gone);
        if (document !== undefined) found.push(document);
      }
    }
    if (found.length === 0) throw noSuchLink();
    return {
      documents: found.map(({ document }) => document),
      useUp: async () => {
        const entries = found.map(({ entry }) => entry);
        if (!(await store.open(tokenSha256, now(), entries))) throw noSuchLink();
      },
    };
  }
}

function noSuchLink(): CitizenError {
  return new CitizenError('NO_SUCH_LINK', 'this link leads nowhere: ask for a new one');
}

function gone(error: unknown): undefined {
  if (error instanceof CitizenError) return undefined;
  throw error;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
