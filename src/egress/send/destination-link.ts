import type { Config } from '../../config/schema.ts';
import { UID } from '../../dicom/uids.ts';
import type { Association } from '../../dimse/association.ts';
import type { BlockSource } from '../../dimse/block-source.ts';
import type { RequestedContext } from '../../dimse/requestor.ts';
import type { ServiceHandlers } from '../../dimse/service-handlers.ts';
import type { QueueJob } from '../../index/egress/egress-types.ts';
import { readContent } from '../../retrieve/stored-data-set.ts';
import type { PeerConnector, RemoteAe } from '../../services/peer-connector.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { BreakerPolicy, BreakerReport } from './circuit-breaker.ts';
import { peerTrouble } from './peer-trouble.ts';
import type { PeerTrouble } from './peer-trouble.ts';
import { Schedule } from './schedule.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Sleep } from './token-bucket.ts';

export type Destination = Config['egress']['destinations'][number];

export interface DestinationLinkOptions {
  readonly destination: Destination;
  readonly breaker: BreakerPolicy;
  /** IANA name: the schedule is in it. */
  readonly timeZone: string;
  readonly connect: PeerConnector;
  /** For storage commitment reports on the association of the request. */
  readonly handlers: ServiceHandlers;
  /** ms since 1970 */
  readonly now: () => number;
  readonly sleep: Sleep;
}

/** Bytes that wait for the bandwidth limit at a time; few enough that a slow link moves steadily. */
const PIECE = 32 * 1024;

/** The way to one archive: who may go on it now, and how fast. Shared by all that is sent there. */
export class DestinationLink {
  readonly destination: Destination;
  readonly #o: DestinationLinkOptions;
  readonly #schedule: Schedule;
  readonly #bucket: TokenBucket;
  readonly #whole: CircuitBreaker;
  /** For an archive that knows some of our calling AE titles and others not. */
  readonly #titles = new Map<string, CircuitBreaker>();
  #lastRate: number | null = null;

  constructor(options: DestinationLinkOptions) {
    const { destination, breaker, timeZone, now, sleep } = options;
    this.destination = destination;
    this.#o = options;
    this.#schedule = new Schedule(destination.schedule, destination.bandwidth, timeZone);
    this.#whole = new CircuitBreaker(breaker, now);
    this.#bucket = new TokenBucket({ now, sleep, rate: () => this.#rate() });
  }

  /** What is under way when the window closes is finished at the pace that it had. */
  #rate(): number | null {
    const rate = this.#schedule.rateAt(this.#o.now());
    if (rate !== 0) this.#lastRate = rate;
    return this.#lastRate;
  }

  /** Whether the schedule lets this job go on; an emergency always may. */
  isOpenFor({ priority }: Pick<QueueJob, 'priority'>): boolean {
    return priority === 0 || this.#schedule.isOpen(this.#o.now());
  }

  /** Whether it makes sense to begin with a job now. */
  mayBegin(job: Pick<QueueJob, 'priority' | 'callingAet'>): boolean {
    return this.isOpenFor(job) && !this.#whole.blocks && this.#titles.get(job.callingAet)?.blocks !== true;
  }

  /** Calling AE titles that the archive refuses, and that are not due to be tried again. */
  refusedTitles(): string[] {
    return [...this.#titles].filter(([, breaker]) => breaker.blocks).map(([title]) => title);
  }

  /** Finds out whether the archive takes associations again when it did not before. False: not now; the next time may be long after. */
  async isReady(callingAET: string, signal: AbortSignal): Promise<boolean> {
    for (const breaker of [this.#whole, this.#title(callingAET)]) {
      const admitted = breaker.admit();
      if (admitted === 'wait') return false;
      if (admitted === 'probe' && !(await this.#probe(breaker, callingAET, signal))) return false;
    }
    return true;
  }

  async #probe(breaker: CircuitBreaker, callingAET: string, signal: AbortSignal): Promise<boolean> {
    try {
      const context = { abstractSyntax: UID.Verification, transferSyntaxes: [UID.ImplicitVRLittleEndian] };
      const assoc = await this.#connect(callingAET, [context], signal);
      // An archive that takes the association and no C-ECHO is there, too.
      const pc = assoc.contextFor(UID.Verification);
      if (pc !== undefined) await assoc.echo(pc);
      await assoc.release();
      breaker.succeeded();
      return true;
    } catch (error) {
      if (signal.aborted) breaker.abandon();
      else this.#probeFailed(breaker, callingAET, peerTrouble(error, callingAET, this.destination));
      return false;
    }
  }

  /** An archive that refuses one title is there for the others, and one that is away says nothing of any title. */
  #probeFailed(probed: CircuitBreaker, callingAET: string, { onlyThisTitle, cause, sure }: PeerTrouble): void {
    const concerned = onlyThisTitle ? this.#title(callingAET) : this.#whole;
    if (concerned !== probed) {
      if (onlyThisTitle) probed.succeeded();
      else probed.abandon();
    }
    concerned.failed(cause, sure);
  }

  /** Opens an association; the caller ends it, and tells `failed` when it could not be had. @throws AssociationError and others */
  open(callingAET: string, contexts: readonly RequestedContext[], signal: AbortSignal): Promise<Association> {
    return this.#connect(callingAET, contexts, signal);
  }

  #connect(callingAET: string, contexts: readonly RequestedContext[], signal: AbortSignal): Promise<Association> {
    const { aeTitle: aet, host, port, tls } = this.destination;
    const remote: RemoteAe = { aet, host, port, tls, maxSubAssociations: 1 };
    return this.#o.connect(remote, { callingAET, contexts, handlers: this.#o.handlers }, signal);
  }

  /** The archive has answered an operation: it is there. */
  answered(callingAET: string): void {
    this.#whole.succeeded();
    this.#titles.get(callingAET)?.succeeded();
  }

  /** An association was lost or could not be had. */
  lost(error: unknown, callingAET: string): PeerTrouble {
    const trouble = peerTrouble(error, callingAET, this.destination);
    if (trouble.code === 'LOCAL_TROUBLE') return trouble;
    const breaker = trouble.onlyThisTitle ? this.#title(callingAET) : this.#whole;
    breaker.failed(trouble.cause, trouble.sure);
    return trouble;
  }

  /** The archive itself said that it is in trouble. */
  refused(cause: string): void {
    this.#whole.failed(cause);
  }

  #title(callingAET: string): CircuitBreaker {
    let breaker = this.#titles.get(callingAET);
    if (breaker === undefined) {
      breaker = new CircuitBreaker(this.#o.breaker, this.#o.now);
      this.#titles.set(callingAET, breaker);
    }
    return breaker;
  }

  /** A data set as it may leave under the bandwidth limit; what has none is left as it is. An emergency takes from the others. */
  paced(
    content: Buffer | BlockSource | AsyncIterable<Buffer>,
    emergency: boolean,
    signal: AbortSignal,
  ): Buffer | BlockSource | AsyncIterable<Buffer> {
    if (!this.#bucket.limited) return content;
    const blocks = Buffer.isBuffer(content) || 'take' in content ? readContent(content) : content;
    return pieces(blocks, (bytes) => (emergency ? this.#bucket.spend(bytes) : this.#bucket.take(bytes, signal)));
  }

  /** An administrator wants to know at once whether the archive is back. */
  probeNow(): void {
    for (const breaker of [this.#whole, ...this.#titles.values()]) breaker.probeNow();
  }

  /** The breaker that matters most: of the destination, else of a calling AE title that is refused. */
  report(): BreakerReport {
    const all = [this.#whole, ...this.#titles.values()].map((breaker) => breaker.report());
    return all.find(({ state }) => state !== 'closed') ?? all[0]!;
  }
}

async function* pieces(
  blocks: AsyncIterable<Buffer>,
  take: (bytes: number) => Promise<void> | void,
): AsyncGenerator<Buffer> {
  for await (const block of blocks) {
    for (let at = 0; at < block.length; at += PIECE) {
      const piece = block.subarray(at, at + PIECE);
      await take(piece.length);
      yield piece;
    }
  }
}
