import type { DisclosureControl } from '../disclosure/disclosure-control.ts';
import type { IndexService } from '../index/index-service.ts';
import type { InstanceRef, InstanceSelection } from '../index/index-types.ts';
import { organisationOf } from '../policy/organisation-of.ts';
import type { CommitmentIndex } from '../services/commitment/commitment-check.ts';

/**
 * The index as storage commitment may tell of it: only what the requester's own organisation sent, or might see. Otherwise anyone
 * could ask by UID what is kept of others.
 */
export function commitmentScope(
  index: Pick<IndexService, 'read' | 'selectInstances' | 'suspects' | 'aeByTitle' | 'guestView'>,
  control: DisclosureControl,
  ofNode: string | null,
): (callingAET: string) => CommitmentIndex {
  return (callingAET) => ({
    suspects: () => index.suspects(),
    async *selectInstances(selection: InstanceSelection, signal: AbortSignal) {
      const known = new Set<string>();
      for await (const batch of index.selectInstances(selection, signal)) {
        const shown = await told(batch, callingAET);
        for (const { sopInstanceUid } of shown) known.add(sopInstanceUid);
        yield shown;
      }
      // What it sent itself under UIDs of others is kept as well.
      const organisation = organisationOf(await index.aeByTitle(callingAET), ofNode);
      const guests = organisation === null ? undefined : index.guestView(organisation);
      if (guests === undefined) return;
      for await (const batch of guests.selectInstances(selection, signal))
        yield batch.filter(({ sopInstanceUid }) => !known.has(sopInstanceUid));
    },
  });

  async function told(batch: readonly InstanceRef[], callingAET: string): Promise<InstanceRef[]> {
    const organisation = organisationOf(await index.aeByTitle(callingAET), ofNode);
    const own = await sentBy(batch, callingAET, organisation);
    const others = batch.filter((instance) => !own.has(instance.sopInstanceUid));
    if (others.length === 0) return [...batch];
    const session = control.begin({
      operation: 'COMMITMENT',
      peer: {
        aet: callingAET,
        calledAET: '',
        address: '',
        tlsSubject: '',
        associationId: '',
        organisation,
        user: null,
        claim: '',
        trusted: false,
      },
      claim: '',
      destination: '',
      criteria: '',
    });
    const permitted = await session.permitted(others.map(({ studyInstanceUid }) => studyInstanceUid));
    return batch.filter(
      ({ sopInstanceUid, studyInstanceUid }) => own.has(sopInstanceUid) || permitted.has(studyInstanceUid),
    );
  }

  async function sentBy(
    batch: readonly InstanceRef[],
    callingAET: string,
    organisation: string | null,
  ): Promise<ReadonlySet<string>> {
    const senders = await index.read(
      'instanceSenders',
      batch.map(({ sopInstanceUid }) => sopInstanceUid),
    );
    const owners = new Map<string, boolean>([[callingAET, true]]);
    for (const aet of new Set(senders.map((sender) => sender.aet))) {
      if (owners.has(aet)) continue;
      const owner = organisationOf(await index.aeByTitle(aet), ofNode);
      owners.set(aet, owner !== null && owner === organisation);
    }
    return new Set(senders.filter(({ aet }) => owners.get(aet) === true).map(({ sopInstanceUid }) => sopInstanceUid));
  }
}
