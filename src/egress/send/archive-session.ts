import { UID } from '../../dicom/uids.ts';
import type { Association } from '../../dimse/association.ts';
import type { RequestedContext } from '../../dimse/requestor.ts';
import type { ProposedContext } from '../../retrieve/presentation-contexts.ts';
import { COMMITMENT_CONTEXT } from '../commitment/request-commitment.ts';
import type { DestinationLink } from './destination-link.ts';

const MANIFEST_CONTEXT: RequestedContext = {
  abstractSyntax: UID.KeyObjectSelectionDocumentStorage,
  transferSyntaxes: [UID.ExplicitVRLittleEndian],
};

/** Contexts for objects on one association, beside those for commitment and manifest. */
export const MAX_OBJECT_CONTEXTS = 126;

/**
 * The association of one job: opened when it is needed, kept for what comes after, so that objects, commitment request, its report and
 * the manifest go over one association where the archive allows it.
 */
export class ArchiveSession implements AsyncDisposable {
  readonly #link: DestinationLink;
  readonly #callingAET: string;
  readonly #signal: AbortSignal;
  #assoc: Association | undefined;
  #calling: Promise<unknown> | undefined;
  #proposed: ReadonlySet<string> = new Set();

  constructor(link: DestinationLink, callingAET: string, signal: AbortSignal) {
    this.#link = link;
    this.#callingAET = callingAET;
    this.#signal = signal;
  }

  /** Calls the archive when contexts will be needed; whether it answers is seen by who asks for the association, or by nobody. */
  prepare(contexts: Promise<readonly ProposedContext[]>): void {
    this.#calling = contexts.then((wanted) => (wanted.length === 0 ? undefined : this.#open(withOwn(wanted))));
    this.#calling.catch(() => undefined);
  }

  /** An association on which these contexts have been proposed. @throws when it cannot be had */
  async association(contexts: readonly ProposedContext[] = []): Promise<Association> {
    await this.#called();
    const wanted = withOwn(contexts);
    if (this.#assoc?.isOpen === true && wanted.every((context) => this.#proposed.has(keyOf(context))))
      return this.#assoc;
    await this.#end();
    return this.#open(wanted);
  }

  async #called(): Promise<void> {
    const calling = this.#calling;
    this.#calling = undefined;
    await calling;
  }

  async #open(wanted: readonly RequestedContext[]): Promise<Association> {
    const assoc = await this.#link.open(this.#callingAET, wanted, this.#signal);
    this.#assoc = assoc;
    this.#proposed = new Set(wanted.map(keyOf));
    const stop = (): void => assoc.abort('sending is stopped');
    this.#signal.addEventListener('abort', stop, { once: true });
    assoc.signal.addEventListener('abort', () => this.#signal.removeEventListener('abort', stop), { once: true });
    return assoc;
  }

  /** Undefined when none is open. */
  get open(): Association | undefined {
    return this.#assoc?.isOpen === true ? this.#assoc : undefined;
  }

  async #end(): Promise<void> {
    const assoc = this.#assoc;
    this.#assoc = undefined;
    // All that matters has been answered.
    if (assoc?.isOpen === true) await assoc.release().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#called().catch(() => undefined);
    await this.#end();
  }
}

function withOwn(contexts: readonly RequestedContext[]): RequestedContext[] {
  const all = new Map([...contexts, COMMITMENT_CONTEXT, MANIFEST_CONTEXT].map((context) => [keyOf(context), context]));
  return [...all.values()];
}

function keyOf({ abstractSyntax, transferSyntaxes }: RequestedContext): string {
  return `${abstractSyntax} ${transferSyntaxes.join(' ')}`;
}
