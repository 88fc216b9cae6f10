import { errorCode, toError } from '../../core/errors.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { ReconcilableStudy, ReconcileResult } from '../../index/reconcile/reconcile-types.ts';
import { ArchiveLinks } from '../archive/archive-links.ts';
import { archivedInstances } from '../archive/archived-instances.ts';
import type { Archives } from '../archive/archives.ts';

export interface ReconcilerDeps {
  readonly index: Pick<IndexService, 'read' | 'write'>;
  readonly archives: Archives;
  /** ms since 1970 */
  readonly now: () => number;
  readonly tell: (result: ReconcileResult, again: number) => void;
}

export interface ReconcileRun {
  /** Only studies that were not asked about since then, ms. */
  readonly before: number;
  readonly studyUid: string | null;
  readonly limit: number;
}

export interface ReconcileCounts {
  readonly studies: number;
  readonly whole: number;
  /** Objects that go to the archive again. */
  readonly again: number;
  /** Objects that neither the archive nor this node has. */
  readonly lost: number;
  readonly notAsked: number;
}

const PAGE = 100;
/** An archive that fails so often in a row is asked another time. */
const MAX_FAILURES = 3;

/**
 * Asks the archives whether they still show every object that they have committed to, and sends again what they do not. "Committed" was true
 * when it was said; only asking again notices what was lost since.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  async run({ before, studyUid, limit }: ReconcileRun, signal: AbortSignal): Promise<ReconcileCounts> {
    const counts = { studies: 0, whole: 0, again: 0, lost: 0, notAsked: 0 };
    const failures = new Map<string, number>();
    await using links = new ArchiveLinks(this.#deps.archives);
    for (let after = 0; counts.studies < limit && !signal.aborted;) {
      const page = await this.#deps.index.read('reconcilable', after, before, studyUid, PAGE);
      for (const study of page) {
        if (counts.studies >= limit || signal.aborted) break;
        if ((failures.get(study.destination) ?? 0) >= MAX_FAILURES) continue;
        const { result, again } = await this.#one(study, links, signal);
        failures.set(study.destination, result.problem === '' ? 0 : (failures.get(study.destination) ?? 0) + 1);
        counts.studies += 1;
        counts.lost += result.lost;
        counts.again += again;
        if (result.problem !== '') counts.notAsked += 1;
        else if (result.missing === 0) counts.whole += 1;
        this.#deps.tell(result, again);
      }
      after = page.at(-1)?.jobId ?? 0;
      if (page.length < PAGE) break;
    }
    return counts;
  }

  async #one(
    study: ReconcilableStudy,
    links: ArchiveLinks,
    signal: AbortSignal,
  ): Promise<{ result: ReconcileResult; again: number }> {
    const { studyInstanceUid, destination, instances } = study;
    const base = { studyInstanceUid, destination, at: this.#deps.now(), expected: instances.length };
    let result: ReconcileResult;
    let missing: ReconcilableStudy['instances'] = [];
    try {
      const assoc = await links.to(destination, study.callingAet, signal);
      const series = new Set(instances.map(({ seriesInstanceUid }) => seriesInstanceUid));
      const shown = await archivedInstances(assoc, studyInstanceUid, series, signal);
      missing = instances.filter(({ sopInstanceUid }) => !shown.has(sopInstanceUid));
      const lost = missing.filter(({ evicted }) => evicted).length;
      result = { ...base, missing: missing.length, lost, problem: '' };
    } catch (error) {
      signal.throwIfAborted();
      result = { ...base, missing: 0, lost: 0, problem: `${errorCode(error)}: ${toError(error).message}` };
    }
    const again = missing.filter(({ evicted }) => !evicted).map(({ sopInstanceUid }) => sopInstanceUid);
    return { result, again: await this.#deps.index.write('reconcileDone', result, again) };
  }
}
