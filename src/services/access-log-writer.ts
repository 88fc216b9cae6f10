import type { AccessEntry } from '../access-log/access-entry.ts';
import { recordEntries } from '../access-log/access-log.ts';
import type { LogStore } from '../access-log/access-log.ts';
import { registeredId } from '../index/disclosure/registered-id.ts';
import type { DisclosureEntry, DisclosureLog } from '../disclosure/disclosure-log.ts';

/** Disclosure control's entries as the use log and the disclosure log keep them. */
export function accessLogWriter(store: Pick<LogStore, 'append'>): DisclosureLog {
  return { record: (entries) => recordEntries(store, entries.map(accessEntry)) };
}

function accessEntry(entry: DisclosureEntry): AccessEntry {
  const { request } = entry;
  const common = {
    at: entry.at,
    // At this machine the command says more than that it was one.
    eventType: request.operation === 'LOCAL' ? request.criteria : request.operation,
    purpose: request.purpose ?? 'UNKNOWN',
    application: request.callingAET,
    organisation: request.requester.organisation ?? '',
    user: request.requester.person,
    role: request.requester.role,
    certificate: request.tlsSubject,
    address: request.address,
    calledAet: request.calledAET,
    searchCriteria: request.operation === 'LOCAL' ? '' : request.criteria,
    specialReason: request.specialReason,
    channel: request.channel,
    recipient: request.recipientOrganisation ?? request.recipientAET,
  };
  // That something was asked concerns nobody yet: it is the asker's own use.
  if (entry.event === 'REQUEST') {
    return {
      ...common,
      log: 'use',
      person: '',
      outcome: 'permitted',
      basis: '',
      reasonCode: '',
      policy: request.policy,
      itemType: 'study',
      itemId: '',
      items: entry.itemsReturned,
      controller: '',
      register: '',
      registerSpecifier: '',
      serviceEvent: request.serviceEvent,
    };
  }
  const { decision } = entry;
  const administered = decision.reasonCode === 'ADMINISTRATION';
  return {
    ...common,
    // Whoever administers a register has not seen it in care.
    ...(administered ? { purpose: 'ADMINISTRATION', role: 'administrator' } : {}),
    log: decision.logKind === 'USE' ? 'use' : 'disclosure',
    // As it is asked for: objects have it in any case, and with spaces.
    person: registeredId(entry.patientId),
    outcome: outcomeOf(entry),
    basis: decision.basis ?? (administered ? 'administration' : ''),
    reasonCode: reasonOf(entry),
    policy: `${request.policy} ${decision.law}`.trim(),
    itemType: entry.event === 'STUDY' ? 'study' : 'document',
    itemId: entry.itemId,
    items: entry.failure === undefined ? 1 : 0,
    controller: entry.controller,
    register: entry.registerCode,
    registerSpecifier: entry.specifier,
    serviceEvent: entry.resourceServiceEvent,
  };
}

type JudgedEntry = Exclude<DisclosureEntry, { event: 'REQUEST' }>;

function outcomeOf({ decision, failure }: JudgedEntry): AccessEntry['outcome'] {
  if (failure !== undefined) return 'failed';
  return decision.outcome === 'permit' ? 'permitted' : 'denied';
}

function reasonOf({ decision, failure }: JudgedEntry): string {
  if (failure !== undefined) return `NOT_DELIVERED ${failure}`.trim();
  return decision.flagged ? `${decision.reasonCode} FLAGGED` : decision.reasonCode;
}
