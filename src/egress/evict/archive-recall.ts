import type { AuditRecord } from '../../audit/audit-record.ts';
import { beginTransferring } from '../../audit/events/transfer-events.ts';
import { StudyTally } from '../../audit/study-tally.ts';
import { errorCode, toError } from '../../core/errors.ts';
import { dataSetOf, encodeDataSet, text, uid } from '../../dicom/data-set.ts';
import { TAG } from '../../dicom/tags.ts';
import { UID } from '../../dicom/uids.ts';
import type { AcceptedContext, Association } from '../../dimse/association.ts';
import type { RetrieveResponse } from '../../dimse/command-types.ts';
import type { RequestedContext } from '../../dimse/requestor.ts';
import type { ServiceHandlers } from '../../dimse/service-handlers.ts';
import { statusCategory, statusName, statusText } from '../../dimse/status-table.ts';
import type { IndexService } from '../../index/index-service.ts';
import type { InstanceRef } from '../../index/index-types.ts';
import type { Ingest } from '../../ingest.ts';
import type { Recall } from '../../retrieve/recall.ts';
import type { Archives } from '../archive/archives.ts';

/** Port: the object tree. Undefined when there is no such file. */
export interface RecalledObjects {
  stat(sha256: string): Promise<{ readonly size: number } | undefined>;
}

export interface ArchiveRecallDeps {
  readonly index: Pick<IndexService, 'read' | 'write'>;
  readonly objects: RecalledObjects;
  readonly archives: Archives;
  readonly ingest: Ingest;
  /** Our AE title as the archive knows it: the destination of a C-MOVE. */
  readonly ownAet: string;
  readonly pendingInterval: number;
  readonly record: AuditRecord;
  readonly now: () => number;
  readonly log: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}

const MESSAGE_SYNTAXES = [UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian];
const GET: RequestedContext = { abstractSyntax: UID.StudyRootGet, transferSyntaxes: MESSAGE_SYNTAXES };
const MOVE: RequestedContext = { abstractSyntax: UID.StudyRootMove, transferSyntaxes: MESSAGE_SYNTAXES };
// PS3.8 9.3.2.2 allows 128 contexts; two are for C-GET and C-MOVE themselves.
const MAX_STORAGE_CONTEXTS = 126;
const UIDS_A_REQUEST = 200;

const NOTHING_CAME =
  'the archive sent no object, or another one (kuva conflicts); without C-GET it must be in the AE register to send here (kuva ae add)';

/**
 * Brings evicted instances back by C-GET over an association of our own where the archive takes that, else by C-MOVE to ourselves. They
 * come in like every object, so that other bytes than those that went are kept apart as a conflict and never served. An instance counts
 * as back when the very file is on the disk again.
 */
export class ArchiveRecall implements Recall {
  readonly #deps: ArchiveRecallDeps;
  /** A second request for a study waits for the first, and fetches what that one left. */
  readonly #running = new Map<string, Promise<string | undefined>>();

  constructor(deps: ArchiveRecallDeps) {
    this.#deps = deps;
  }

  get pendingInterval(): number {
    return this.#deps.pendingInterval;
  }

  async bringBack(instances: readonly InstanceRef[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const failed = new Map<string, string>();
    for (const [studyUid, ofStudy] of Map.groupBy(instances, ({ studyInstanceUid }) => studyInstanceUid)) {
      let reason: string | undefined;
      for (const [destination, wanted] of Map.groupBy(await this.#away(ofStudy), ({ evictedTo }) => evictedTo ?? '')) {
        const key = `${destination}\0${studyUid}`;
        const other = this.#running.get(key);
        if (other !== undefined) await other;
        const rest = other === undefined ? wanted : await this.#away(wanted);
        if (rest.length > 0) reason = (await this.#start(key, destination, rest, signal)) ?? reason;
      }
      const back = await this.#settle(ofStudy, failed, reason);
      this.#deps.log('brought back from the archive', {
        studyInstanceUid: studyUid,
        instances: back,
        missing: ofStudy.length - back,
      });
    }
    return failed;
  }

  #start(
    key: string,
    destination: string,
    wanted: readonly InstanceRef[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const work = this.#fetch(destination, wanted, signal)
      .catch((error: unknown) => `${errorCode(error)}: ${toError(error).message}`)
      .finally(() => this.#running.delete(key));
    this.#running.set(key, work);
    return work;
  }

  /** Those whose file is not here all the same: a request before this one, or a re-send, may have brought it. */
  async #away(instances: readonly InstanceRef[]): Promise<InstanceRef[]> {
    const found = await Promise.all(instances.map(({ sha256 }) => this.#deps.objects.stat(sha256)));
    return instances.filter((instance, i) => found[i]?.size !== instance.size);
  }

  async #settle(
    instances: readonly InstanceRef[],
    failed: Map<string, string>,
    reason: string | undefined,
  ): Promise<number> {
    const away = new Set((await this.#away(instances)).map(({ sopInstanceUid }) => sopInstanceUid));
    const back = instances.map(({ sopInstanceUid }) => sopInstanceUid).filter((uid) => !away.has(uid));
    if (back.length > 0) await this.#deps.index.write('evictRestored', back);
    for (const sopUid of away) failed.set(sopUid, reason ?? NOTHING_CAME);
    return back.length;
  }

  /** Why not everything came; undefined when nothing is known against it. */
  async #fetch(destination: string, wanted: readonly InstanceRef[], signal: AbortSignal): Promise<string | undefined> {
    const [known] = await this.#deps.index.read('evictedAmong', [wanted[0]?.sopInstanceUid ?? '']);
    await this.#begin(destination, wanted);
    const assoc = await this.#deps.archives.open(
      {
        destination,
        callingAet: known?.callingAet ?? '',
        contexts: [GET, MOVE, ...storageContexts(wanted)],
        handlers: { store: this.#receive(this.#deps.archives.aetOf(destination)) },
      },
      signal,
    );
    try {
      let problem: string | undefined;
      for (const identifier of identifiers(wanted)) {
        for await (const response of this.#request(assoc, identifier, signal)) problem = problemOf(response) ?? problem;
      }
      await assoc.release();
      return problem;
    } finally {
      if (assoc.isOpen) assoc.abort('the recall has ended');
    }
  }

  /** What comes is told when it has come, as what every association brings. */
  async #begin(destination: string, wanted: readonly InstanceRef[]): Promise<void> {
    const { archives, index, record, now } = this.#deps;
    const tally = new StudyTally();
    const patientId = (await index.read('showStudy', wanted[0]?.studyInstanceUid ?? ''))?.patientId ?? '';
    for (const { studyInstanceUid, sopClassUid } of wanted) tally.add({ studyInstanceUid, sopClassUid, patientId });
    const source = { aet: archives.aetOf(destination), address: archives.hostOf(destination) };
    await record((self) =>
      tally
        .studies()
        .map((study) => beginTransferring({ at: now(), source, destination: self, requestor: 'destination', study })),
    );
  }

  #request(
    assoc: Association,
    identifier: ReturnType<typeof dataSetOf>,
    signal: AbortSignal,
  ): AsyncGenerator<RetrieveResponse, void> {
    const options = (pc: AcceptedContext) => ({
      pc,
      priority: 0 as const,
      identifier: encodeDataSet(identifier, pc.transferSyntax),
      signal,
    });
    const get = assoc.contextFor(UID.StudyRootGet);
    if (get !== undefined) return assoc.get(options(get));
    const move = assoc.contextFor(UID.StudyRootMove);
    if (move === undefined) throw new Error('the archive takes neither C-GET nor C-MOVE');
    return assoc.move({ ...options(move), moveDestination: this.#deps.ownAet });
  }

  /** Sub-operations of a C-GET come in as from any sender. */
  #receive(archiveAet: string): NonNullable<ServiceHandlers['store']> {
    return (assoc, pc, command) =>
      this.#deps.ingest.begin(
        { callingAET: archiveAet, organisation: null, address: assoc.peer.address, associationId: assoc.id },
        {
          sopClassUid: command.AffectedSOPClassUID,
          sopInstanceUid: command.AffectedSOPInstanceUID,
          transferSyntaxUid: pc.transferSyntax,
        },
      );
  }
}

/** In the transfer syntax in which they went, so that the bytes that come are the same. */
function storageContexts(wanted: readonly InstanceRef[]): RequestedContext[] {
  const pairs = new Map(
    wanted.map(({ sopClassUid, transferSyntaxUid }): [string, RequestedContext] => [
      `${sopClassUid} ${transferSyntaxUid}`,
      {
        abstractSyntax: sopClassUid,
        transferSyntaxes: [transferSyntaxUid],
        roles: { scu: false, scp: true },
      },
    ]),
  );
  return [...pairs.values()].slice(0, MAX_STORAGE_CONTEXTS);
}

function* identifiers(wanted: readonly InstanceRef[]): Generator<ReturnType<typeof dataSetOf>> {
  for (const ofSeries of Map.groupBy(wanted, ({ seriesInstanceUid }) => seriesInstanceUid).values()) {
    for (let at = 0; at < ofSeries.length; at += UIDS_A_REQUEST) {
      const part = ofSeries.slice(at, at + UIDS_A_REQUEST);
      const [first] = part as [InstanceRef, ...InstanceRef[]];
      yield dataSetOf(
        uid(TAG.SOPInstanceUID, part.map(({ sopInstanceUid }) => sopInstanceUid).join('\\')),
        text(TAG.QueryRetrieveLevel, 'CS', 'IMAGE', ''),
        uid(TAG.StudyInstanceUID, first.studyInstanceUid),
        uid(TAG.SeriesInstanceUID, first.seriesInstanceUid),
      );
    }
  }
}

function problemOf({ status }: RetrieveResponse): string | undefined {
  const category = statusCategory(status.code);
  if (category === 'pending' || category === 'success') return undefined;
  return `the archive answered ${statusText(status.code)} ${statusName(status.code)}`;
}
