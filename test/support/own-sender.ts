import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import { requestAssociation } from '../../src/dimse/requestor.ts';
import type { RequestedContext } from '../../src/dimse/requestor.ts';
import type { Association } from '../../src/dimse/association.ts';
import type { ServiceHandlers } from '../../src/dimse/service-handlers.ts';
import type { Peer } from './dcmtk.ts';
import { readPart10 } from './part10.ts';

/** An association of our own requestor to a node on loopback. */
export function associate(
  peer: Peer,
  contexts: readonly RequestedContext[],
  handlers: ServiceHandlers = {},
): Promise<Association> {
  return requestAssociation({
    host: '127.0.0.1',
    port: peer.port,
    callingAET: peer.callingAET,
    calledAET: peer.calledAET,
    tls: peer.tls,
    contexts,
    maxPduLength: 131_072,
    timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
    handlers,
  });
}

/** Fragments have an even length (PS3.8 annex E), so a deflated data set gets a NUL where its file has none (PS3.5 A.5). */
function even(dataSet: Buffer): Buffer {
  return dataSet.length % 2 === 0 ? dataSet : Buffer.concat([dataSet, Buffer.alloc(1)]);
}

/** Stores files with our own requestor, the data set as it is in the file; gives the status of each, undefined when no context was accepted. */
export async function sendWithOwnRequestor(peer: Peer, paths: readonly string[]): Promise<(number | undefined)[]> {
  const files = paths.map(readPart10).filter((file) => file.sopClassUid !== '');
  const wanted = new Map(files.map((file) => [`${file.sopClassUid} ${file.transferSyntaxUid}`, file]));
  const contexts = [...wanted.values()].map((file) => ({
    abstractSyntax: file.sopClassUid,
    transferSyntaxes: [file.transferSyntaxUid],
  }));
  if (contexts.length === 0) return [];
  const assoc = await associate(peer, contexts);
  const statuses: (number | undefined)[] = [];
  for (const file of files) {
    const pc = assoc.contextFor(file.sopClassUid, file.transferSyntaxUid);
    const status =
      pc === undefined
        ? undefined
        : await assoc.store({
            pc,
            affectedSOPClassUID: file.sopClassUid,
            affectedSOPInstanceUID: file.sopInstanceUid,
            priority: 0,
            dataSet: even(file.dataSet),
          });
    statuses.push(status?.code);
  }
  await assoc.release();
  return statuses;
}
