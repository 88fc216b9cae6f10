import { UID } from '../dicom/uids.ts';
import type { AssociateRequest } from '../dimse/ul/associate-types.ts';
import type { AeRow } from '../index/index-types.ts';

/** An archive that this node forwards to, as far as its associations to us go. */
export interface ArchiveAe {
  readonly aet: string;
  readonly host: string;
}

/** What an archive may that the AE register does not know: C-ECHO, beside reporting on our own requests. */
export function archiveEntry({ aet, host }: ArchiveAe): AeRow {
  return {
    aet,
    host,
    port: 104,
    tls: false,
    organisation: null,
    addresses: [],
    calledAETs: [],
    services: ['echo'],
    maxSubAssociations: 1,
    qualityControl: false,
    description: 'an archive of egress.destination',
    certificates: [],
  };
}

/**
 * Whether an association is for storage commitment reports and nothing else: the requestor proposes itself as the SCP (PS3.4 J.3.3.1.1).
 * It calls the title under which we made the request, which need not be one that we answer to otherwise.
 */
export function isForReports({ contexts, roles }: Pick<AssociateRequest, 'contexts' | 'roles'>): boolean {
  const commitment = UID.StorageCommitmentPushModel;
  return (
    contexts.every(({ abstractSyntax }) => abstractSyntax === commitment) &&
    roles.some(({ sopClassUID, scp }) => sopClassUID === commitment && scp)
  );
}
