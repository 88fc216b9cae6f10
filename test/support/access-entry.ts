import type { AccessEntry } from '../../src/access-log/access-entry.ts';

/** An entry of a use or disclosure log about a fictitious person. */
export function accessEntry(of: Partial<AccessEntry>): AccessEntry {
  return {
    log: 'disclosure',
    at: 0,
    person: '010181-900C',
    eventType: 'C-FIND',
    purpose: 'CARE',
    application: 'PACS1',
    organisation: 'Example Hospital District',
    user: 'Test Physician',
    role: 'physician',
    certificate: '',
    address: '127.0.0.1',
    calledAet: 'ARCHIVE',
    searchCriteria: 'PatientID',
    outcome: 'permitted',
    basis: 'consent',
    reasonCode: 'CONSENT',
    specialReason: '',
    policy: '703/2023',
    channel: 'KANTA',
    itemType: 'study',
    itemId: '1.2.3',
    items: 1,
    controller: '1.2.246.10.99999994.19.0',
    register: '2',
    registerSpecifier: '',
    serviceEvent: '',
    recipient: 'Example Hospital District',
    ...of,
  };
}
