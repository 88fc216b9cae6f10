import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import type { Association } from '../../src/dimse/association.ts';
import { requestAssociation, type RequestorOptions } from '../../src/dimse/requestor.ts';
import type { TestNode } from './harness.ts';
import { CT, EXPLICIT, IMPLICIT, STUDY_FIND, STUDY_GET, VERIFICATION } from './raw-peer.ts';

export const STUDY_MOVE = '1.2.840.10008.5.1.4.1.2.2.2';
export const COMMITMENT = '1.2.840.10008.1.20.1';

/** Our requestor against a test node, with a context for everything. */
export function associate(node: TestNode, o: Partial<RequestorOptions> = {}): Promise<Association> {
  return requestAssociation({
    host: '127.0.0.1',
    port: node.port,
    callingAET: 'SCU',
    calledAET: 'KUVA',
    contexts: [VERIFICATION, CT, STUDY_FIND, STUDY_GET, STUDY_MOVE, COMMITMENT].map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: [EXPLICIT, IMPLICIT],
    })),
    maxPduLength: 131_072,
    timeouts: DEFAULT_ASSOCIATION_TIMEOUTS,
    ...o,
  });
}

/** Everything that an iterable yields. */
export async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}
