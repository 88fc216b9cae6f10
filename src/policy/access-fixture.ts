import type { AeRow } from '../index/index-types.ts';
import { UID } from '../dicom/uids.ts';
import type { AssociationRequest, PeerAddress } from '../dimse/association-policy.ts';
import { Access } from './access.ts';
import type { AccessOptions } from './access.ts';

// What the tests of this folder share.

export const CT: AeRow = {
  aet: 'CT1',
  host: '10.0.0.7',
  port: 104,
  tls: false,
  organisation: 'District',
  addresses: ['192.168.4.0/24'],
  calledAETs: [],
  services: ['echo', 'store'],
  maxSubAssociations: 1,
  qualityControl: false,
  description: '',
  certificates: [],
};

export function access(over: Partial<AccessOptions> = {}, entries: readonly AeRow[] = [CT]) {
  const warnings: string[] = [];
  const policy = new Access({
    titles: ['KUVA', 'ALIAS'],
    organisation: 'Default',
    checkCalledAet: true,
    anyCallingAet: false,
    userIdentity: { policy: 'ignore', allowPasscodeWithoutTls: false, users: [] },
    storage: { extraSopClasses: [], acceptUnknownSopClasses: false },
    register: { aeByTitle: async (aet) => entries.find((entry) => entry.aet === aet) },
    archives: [],
    resolve: async () => {
      throw new Error('ENOTFOUND');
    },
    warn: (message) => warnings.push(message),
    ...over,
  });
  return { policy, warnings };
}

export function request(over: Partial<AssociationRequest> = {}): AssociationRequest {
  return {
    protocolVersion: 1,
    calledAET: 'KUVA',
    callingAET: 'CT1',
    applicationContext: UID.ApplicationContext,
    contexts: [],
    maxPduLength: 16384,
    implementationClassUID: '1.2',
    implementationVersionName: '',
    asyncWindow: undefined,
    roles: [],
    extended: [],
    commonExtended: [],
    userIdentity: undefined,
    userIdentityResponse: undefined,
    unknown: [],
    ...over,
  };
}

export function from(address: string, tls = false): PeerAddress {
  return {
    address,
    port: 40_000,
    tls: tls
      ? { subject: '', issuer: '', fingerprint256: '', authorized: true, protocol: 'TLSv1.3', cipher: '' }
      : undefined,
  };
}

export const HOME = from('10.0.0.7');
