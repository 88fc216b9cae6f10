import { createHash, randomBytes } from 'node:crypto';
import type { NewShare, Share } from '../index/citizen/citizen-types.ts';
import { CitizenError } from './citizen-errors.ts';
import type { CitizenView, OpenedDocument } from './citizen-view.ts';

/** Port: the links that have been given away. */
export interface ShareStore {
  add(share: NewShare): Promise<number>;
  /** Opens it for its one time; undefined when that is not possible any more. */
  open(tokenSha256: string, at: number): Promise<Pick<Share, 'id' | 'person' | 'madeBy' | 'documents'> | undefined>;
}

export interface ShareLinksOptions {
  readonly store: ShareStore;
  readonly view: Pick<CitizenView, 'share' | 'openShared'>;
  readonly maxDays: number;
  readonly now: () => number;
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
   * What the link leads to, this one time. What its maker may no longer see has gone from it. @throws CitizenError: unknown, opened, expired
   * and taken back are not told apart
   */
  async open(token: string): Promise<readonly OpenedDocument[]> {
    const { store, view, now } = this.#o;
    const share = await store.open(hashOf(token), now());
    const opened: OpenedDocument[] = [];
    if (share !== undefined) {
      const { id, person, madeBy, documents } = share;
      for (const oid of documents) {
        const document = await view.openShared(person, { id: madeBy }, oid, id).catch(gone);
        if (document !== undefined) opened.push(document);
      }
    }
    if (opened.length === 0) throw new CitizenError('NO_SUCH_LINK', 'this link leads nowhere: ask for a new one');
    return opened;
  }
}

function gone(error: unknown): undefined {
  if (error instanceof CitizenError) return undefined;
  throw error;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
