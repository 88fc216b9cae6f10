import { dataSetOf, decodeDataSet, encodeDataSet, getString, text, uid } from '../../src/dicom/data-set.ts';
import { TAG } from '../../src/dicom/tags.ts';
import { UID } from '../../src/dicom/uids.ts';
import type { RetrieveResponse } from '../../src/dimse/command-types.ts';
import type { ServiceHandlers } from '../../src/dimse/service-handlers.ts';
import type { Peer } from './dcmtk.ts';
import { associate } from './own-sender.ts';

export interface ReceivedStore {
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly dataSet: Buffer;
}

export interface GetAnswer {
  readonly received: readonly ReceivedStore[];
  readonly responses: readonly RetrieveResponse[];
}

/** What of the stored instances a C-GET requester is ready to take. */
export interface Wanted {
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
}

const TS = UID.ExplicitVRLittleEndian;

/** C-GET at study level with our own requestor, taking exactly the given (SOP class, transfer syntax) pairs. */
export async function getStudies(
  peer: Peer,
  studyUids: readonly string[],
  wanted: readonly Wanted[],
  cancelAfter = Infinity,
): Promise<GetAnswer> {
  const received: ReceivedStore[] = [];
  const cancel = new AbortController();
  const pairs = new Map(wanted.map((w) => [`${w.sopClassUid} ${w.transferSyntaxUid}`, w]));
  const contexts = [...pairs.values()].map((w) => ({
    abstractSyntax: w.sopClassUid,
    transferSyntaxes: [w.transferSyntaxUid],
    roles: { scu: false, scp: true },
  }));
  const handlers: ServiceHandlers = {
    store: (_assoc, pc, command) => {
      const chunks: Buffer[] = [];
      return {
        write: (chunk) => chunks.push(Buffer.from(chunk)) > 0,
        drained: () => Promise.resolve(),
        finish: () => {
          received.push({
            sopInstanceUid: command.AffectedSOPInstanceUID,
            transferSyntaxUid: pc.transferSyntax,
            dataSet: Buffer.concat(chunks),
          });
          if (received.length >= cancelAfter) cancel.abort();
          return Promise.resolve({ code: 0 });
        },
        abort: () => undefined,
      };
    },
  };
  const assoc = await associate(
    peer,
    [{ abstractSyntax: UID.StudyRootGet, transferSyntaxes: [TS] }, ...contexts],
    handlers,
  );
  const identifier = studyIdentifier(studyUids);
  const responses: RetrieveResponse[] = [];
  for await (const response of assoc.get({
    pc: assoc.contextFor(UID.StudyRootGet)!,
    priority: 0,
    identifier,
    signal: cancel.signal,
  })) {
    responses.push(response);
  }
  await assoc.release();
  return { received, responses };
}

/** C-MOVE at study level with our own requestor: every response with its counts and identifier; C-CANCEL after so many. */
export async function moveStudies(
  peer: Peer,
  destination: string,
  studyUids: readonly string[],
  cancelAfter = Infinity,
): Promise<RetrieveResponse[]> {
  const cancel = new AbortController();
  const assoc = await associate(peer, [{ abstractSyntax: UID.StudyRootMove, transferSyntaxes: [TS] }]);
  const responses: RetrieveResponse[] = [];
  const pc = assoc.contextFor(UID.StudyRootMove)!;
  const move = {
    pc,
    priority: 0,
    moveDestination: destination,
    identifier: studyIdentifier(studyUids),
    signal: cancel.signal,
  } as const;
  for await (const response of assoc.move(move)) {
    responses.push(response);
    if (responses.length >= cancelAfter) cancel.abort();
  }
  await assoc.release();
  return responses;
}

/** Begins a C-MOVE and aborts its association at the first pending response. */
export async function abandonMove(peer: Peer, destination: string, studyUids: readonly string[]): Promise<void> {
  const assoc = await associate(peer, [{ abstractSyntax: UID.StudyRootMove, transferSyntaxes: [TS] }]);
  const move = {
    pc: assoc.contextFor(UID.StudyRootMove)!,
    priority: 0,
    moveDestination: destination,
    identifier: studyIdentifier(studyUids),
  } as const;
  try {
    for await (const _ of assoc.move(move)) assoc.abort('test');
  } catch (error) {
    if (assoc.isOpen) throw error;
  }
}

/** The UIDs of a Failed SOP Instance UID List. */
export function failedUids(response: RetrieveResponse): string[] {
  if (response.identifier === undefined) return [];
  return (getString(decodeDataSet(response.identifier, TS), TAG.FailedSOPInstanceUIDList, '') ?? '').split('\\');
}

function studyIdentifier(studyUids: readonly string[]): Buffer {
  return encodeDataSet(
    dataSetOf(text(TAG.QueryRetrieveLevel, 'CS', 'STUDY', ''), uid(TAG.StudyInstanceUID, studyUids.join('\\'))),
    TS,
  );
}

/** Everything in these studies, 100 of the needed contexts an association. */
export async function getEverything(
  peer: Peer,
  studyUids: readonly string[],
  wanted: readonly Wanted[],
): Promise<ReceivedStore[]> {
  const pairs = [...new Map(wanted.map((w) => [`${w.sopClassUid} ${w.transferSyntaxUid}`, w])).values()];
  const received: ReceivedStore[] = [];
  for (let start = 0; start < pairs.length; start += 100) {
    received.push(...(await getStudies(peer, studyUids, pairs.slice(start, start + 100))).received);
  }
  return received;
}
