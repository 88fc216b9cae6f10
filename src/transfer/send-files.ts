import { errorCode } from '../core/errors.ts';
import type { FileMeta } from '../dicom/file-meta.ts';
import { canRecode, recode } from '../dicom/recode.ts';
import { UID } from '../dicom/uids.ts';
import type { Association } from '../dimse/association.ts';
import type { AcceptedContext } from '../dimse/association.ts';
import type { RequestedContext } from '../dimse/requestor.ts';
import { STATUS, statusName, statusText } from '../dimse/status-table.ts';
import { findFiles } from './find-files.ts';
import { ImportRefusal, kindOfRefused } from './import-refusal.ts';
import { openInstanceFile } from './instance-file.ts';

export interface SendCounts {
  readonly sent: number;
  readonly warnings: number;
  readonly failed: number;
  /** Texts, tables of contents and the like, in folders. */
  readonly notDicom: number;
  readonly bytes: number;
}

export interface SendStep {
  readonly file: string;
  readonly ok: boolean;
  /** Why it was not sent, or what the peer said. */
  readonly reason?: string;
  readonly counts: SendCounts;
}

interface Sendable {
  readonly path: string;
  readonly meta: FileMeta;
}

// PS3.8 9.3.2.2: odd ids up to 255.
const MAX_CONTEXTS = 128;

/** Little endian forms that every peer must take one of, for objects that are stored uncompressed. */
const FALLBACKS: readonly string[] = [UID.ExplicitVRLittleEndian, UID.ImplicitVRLittleEndian];

/**
 * Sends the instances below the paths, as many associations one after the other as their presentation contexts need. A file that
 * cannot be read, or that the peer does not take, is counted and told, one that is no DICOM is counted apart; only a lost association rejects.
 */
export async function sendFiles(
  paths: readonly string[],
  connect: (contexts: readonly RequestedContext[]) => Promise<Association>,
  onStep: (step: SendStep) => void,
): Promise<SendCounts> {
  const counts = { sent: 0, warnings: 0, failed: 0, notDicom: 0, bytes: 0 };
  const tell = (file: string, ok: boolean, reason?: string): void => {
    counts[ok ? 'sent' : 'failed'] += 1;
    onStep({ file, ok, counts: { ...counts }, ...(reason === undefined ? {} : { reason }) });
  };
  const files: Sendable[] = [];
  for await (const found of findFiles(paths)) {
    try {
      if ('reason' in found) throw new ImportRefusal('UNREADABLE', found.reason);
      await using file = await openInstanceFile(found.path);
      files.push({ path: found.path, meta: file.meta });
    } catch (error) {
      const kind = error instanceof ImportRefusal ? kindOfRefused(found.path, error) : 'refused';
      if (kind === 'notDicom') counts.notDicom += 1;
      if (kind === 'refused') tell(found.path, false, reasonOf(error));
    }
  }
  for (const group of groupByContexts(files)) {
    const assoc = await connect(group.contexts);
    try {
      for (const { path, meta } of group.files) {
        const { status, bytes, reason } = await sendOne(assoc, path, meta);
        const ok = status === STATUS.Success || status >>> 12 === 0xb;
        counts.bytes += ok ? bytes : 0;
        counts.warnings += ok && status !== STATUS.Success ? 1 : 0;
        tell(path, ok, reason);
      }
      await assoc.release();
    } finally {
      if (assoc.isOpen) assoc.abort('sending ended early');
    }
  }
  return counts;
}

interface ContextGroup {
  readonly contexts: RequestedContext[];
  readonly files: Sendable[];
}

/** One context for each SOP class and transfer syntax, with the uncompressed ones beside it, dealt out to associations of at most 128. */
function groupByContexts(files: readonly Sendable[]): ContextGroup[] {
  const groups: ContextGroup[] = [];
  for (const [sopClass, ofClass] of Map.groupBy(files, (file) => file.meta.sopClassUid)) {
    const stored = [...new Set(ofClass.map((file) => file.meta.transferSyntaxUid))];
    const others = FALLBACKS.filter((uid) => stored.some((from) => canRecode(from, uid)));
    const contexts = [...new Set([...stored, ...others])].map((uid) => ({
      abstractSyntax: sopClass,
      transferSyntaxes: [uid],
    }));
    let group = groups.find((candidate) => candidate.contexts.length + contexts.length <= MAX_CONTEXTS);
    if (group === undefined) groups.push((group = { contexts: [], files: [] }));
    group.contexts.push(...contexts);
    group.files.push(...ofClass);
  }
  return groups;
}

async function sendOne(
  assoc: Association,
  path: string,
  meta: FileMeta,
): Promise<{ status: number; bytes: number; reason?: string }> {
  const pc = contextFor(assoc, meta);
  if (pc === undefined) {
    return {
      status: STATUS.SOPClassNotSupported,
      bytes: 0,
      reason: `the peer takes no ${meta.sopClassUid} in ${meta.transferSyntaxUid}`,
    };
  }
  await using file = await openInstanceFile(path);
  const asStored = pc.transferSyntax === meta.transferSyntaxUid;
  const { code, errorComment } = await assoc.store({
    pc,
    affectedSOPClassUID: meta.sopClassUid,
    affectedSOPInstanceUID: meta.sopInstanceUid,
    priority: 0,
    dataSet: asStored
      ? { fd: file.fd, offset: file.dataSetOffset, length: file.size - file.dataSetOffset }
      : recode(file.chunks(), meta.transferSyntaxUid, pc.transferSyntax),
  });
  const name = `${statusText(code)} ${statusName(code)}`;
  const reason = errorComment === undefined ? name : `${name}: ${errorComment}`;
  return { status: code, bytes: file.size, ...(code === STATUS.Success ? {} : { reason }) };
}

function contextFor(assoc: Association, meta: FileMeta): AcceptedContext | undefined {
  const other = FALLBACKS.find(
    (uid) => canRecode(meta.transferSyntaxUid, uid) && assoc.contextFor(meta.sopClassUid, uid) !== undefined,
  );
  return (
    assoc.contextFor(meta.sopClassUid, meta.transferSyntaxUid) ??
    (other === undefined ? undefined : assoc.contextFor(meta.sopClassUid, other))
  );
}

function reasonOf(error: unknown): string {
  return error instanceof ImportRefusal ? error.message : `the file cannot be read (${errorCode(error)})`;
}
