import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { errorCode, toError } from '../../core/errors.ts';
import type { NewAuditMessage } from '../../index/audit/audit-types.ts';
import type { EvictableInstance, EvictionFacts } from '../../index/eviction/eviction-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { NewInstance } from '../../index/index-types.ts';
import { ArchiveLinks } from '../archive/archive-links.ts';
import { archivedInstances } from '../archive/archived-instances.ts';
import type { Archives } from '../archive/archives.ts';
import { evictionVerdict } from './eviction-verdict.ts';
import type { EvictionPolicy, EvictionReason, EvictionVerdict } from './eviction-verdict.ts';

/** Port: the object tree. */
export interface EvictedObjects {
  /** What the index is to be told of an object after a reindex, from its own bytes; the file must be there and readable. */
  describe(instance: EvictableInstance): Promise<NewInstance>;
  /** False when there was no file. */
  remove(sha256: string): Promise<boolean>;
}

export interface EvictorDeps {
  readonly index: Pick<IndexService, 'read' | 'write'>;
  readonly objects: EvictedObjects;
  readonly archives: Archives;
  /** What the audit trail is told of a study that goes. */
  readonly audited: (study: FreedStudy) => Promise<readonly NewAuditMessage[]>;
}

export interface FreedStudy {
  readonly studyInstanceUid: string;
  /** That has it. */
  readonly destination: string;
  readonly instances: readonly { readonly sopClassUid: string }[];
}

/** What became of a study, or would. */
export interface EvictionOutcome {
  readonly studyInstanceUid: string;
  readonly accessionNumber: string;
  readonly studyDate: string;
  readonly instances: number;
  readonly bytes: number;
  readonly result: 'evicted' | 'would-go' | 'gone' | 'stays';
  readonly destination: string;
  readonly reasons: readonly EvictionReason[];
}

const deflate = promisify(deflateRaw);
const LEFT_AT_ONCE = 1000;

/**
 * Frees the files of studies that an archive has. The archive is asked for every single instance first; then the rows are written, in
 * one transaction that checks once more that nothing has come meanwhile; only then the files go. A crash in between leaves files that
 * nothing needs, which the next run removes.
 */
export class Evictor {
  readonly #deps: EvictorDeps;
  readonly #links: ArchiveLinks;

  constructor(deps: EvictorDeps) {
    this.#deps = deps;
    this.#links = new ArchiveLinks(deps.archives);
  }

  /** Removes files that an interrupted run has left; their number. */
  async finish(): Promise<number> {
    let removed = 0;
    for (;;) {
      const left = await this.#deps.index.read('evictedWithFile', LEFT_AT_ONCE);
      if (left.length === 0) return removed;
      for (const { sha256 } of left) if (await this.#deps.objects.remove(sha256)) removed += 1;
      await this.#deps.index.write(
        'evictFilesGone',
        left.map(({ sopInstanceUid }) => sopInstanceUid),
      );
    }
  }

  /** Looks at one study and, with `act`, frees its files. Never rejects because of what the archive does. */
  async evict(
    facts: EvictionFacts,
    policy: EvictionPolicy,
    act: boolean,
    signal: AbortSignal,
  ): Promise<EvictionOutcome> {
    const { studyInstanceUid, accessionNumber, studyDate, instances, bytes } = facts;
    const study = { studyInstanceUid, accessionNumber, studyDate, instances, bytes };
    const verdict = evictionVerdict(facts, policy);
    if (verdict.kind === 'gone') return { ...study, result: 'gone', destination: '', reasons: [] };
    if (verdict.kind === 'stays') return { ...study, result: 'stays', destination: '', reasons: verdict.reasons };
    const { destination, callingAet } = verdict;
    const stays = (code: string, text: string): EvictionOutcome => ({
      ...study,
      result: 'stays',
      destination,
      reasons: [{ code, text }],
    });
    const here = await this.#deps.index.read('evictableInstances', studyInstanceUid);
    try {
      const missing = await this.#missing(destination, callingAet, studyInstanceUid, here, signal);
      if (missing.length > 0) {
        const which = missing.slice(0, 3).join(', ');
        return stays(
          'NOT_IN_ARCHIVE',
          `${destination} does not show ${missing.length} of ${here.length} objects (${which}${missing.length > 3 ? ', …' : ''}): kuva queue reconcile sends them again`,
        );
      }
      if (!act) return { ...study, result: 'would-go', destination, reasons: [] };
      const reasons = await this.#free(verdict, studyInstanceUid, here, policy);
      return { ...study, result: 'evicted', destination, reasons };
    } catch (error) {
      signal.throwIfAborted();
      return stays(errorCode(error), `${destination}: ${toError(error).message}`);
    }
  }

  /** Ends the associations. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#links[Symbol.asyncDispose]();
  }

  async #missing(
    destination: string,
    callingAet: string,
    studyInstanceUid: string,
    here: readonly EvictableInstance[],
    signal: AbortSignal,
  ): Promise<string[]> {
    const assoc = await this.#links.to(destination, callingAet, signal);
    const series = new Set(here.map(({ seriesInstanceUid }) => seriesInstanceUid));
    const there = await archivedInstances(assoc, studyInstanceUid, series, signal);
    return here.map(({ sopInstanceUid }) => sopInstanceUid).filter((uid) => !there.has(uid));
  }

  async #free(
    { destination, callingAet }: Extract<EvictionVerdict, { kind: 'may-go' }>,
    studyInstanceUid: string,
    here: readonly EvictableInstance[],
    policy: EvictionPolicy,
  ): Promise<EvictionReason[]> {
    const instances = [];
    for (const instance of here) {
      const row = await this.#deps.objects.describe(instance);
      const described = await deflate(JSON.stringify(row));
      instances.push({ sopInstanceUid: instance.sopInstanceUid, sha256: instance.sha256, described });
    }
    const { index, objects } = this.#deps;
    const [archives, evictedAt] = [policy.destinations, policy.now];
    const audited = await this.#deps.audited({ studyInstanceUid, destination, instances: here });
    const eviction = { studyInstanceUid, archives, destination, callingAet, evictedAt, instances, audited };
    await index.write('evictStudy', eviction);
    try {
      for (const { sha256 } of here) await objects.remove(sha256);
      await index.write(
        'evictFilesGone',
        here.map(({ sopInstanceUid }) => sopInstanceUid),
      );
      return [];
    } catch (error) {
      const text = `not every file could be removed, the next kuva evict --yes does it: ${toError(error).message}`;
      return [{ code: 'FILES_LEFT', text }];
    }
  }
}
