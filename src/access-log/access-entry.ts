import type { AccessLogName, NewLogEntry } from '../index/access-log/access-log-types.ts';

/**
 * Who saw or got what of whom, and on what ground. The fields are those of the log that the archive's operator has published, with what
 * DICOM adds; texts are empty where nothing applies.
 */
export interface AccessEntry {
  readonly log: AccessLogName;
  /** ms since 1970. */
  readonly at: number;
  /** Patient id of the person concerned. */
  readonly person: string;
  /** What was done: C-FIND, C-MOVE, C-GET, document, report … */
  readonly eventType: string;
  /** What for: CARE, EMERGENCY, OUTSOURCED … */
  readonly purpose: string;
  /** Calling AE title, or the program. */
  readonly application: string;
  /** Organisation that asked: its key or OID. */
  readonly organisation: string;
  /** The person who asked, and in which role. */
  readonly user: string;
  readonly role: string;
  /** Subject of the TLS certificate, and the address. */
  readonly certificate: string;
  readonly address: string;
  readonly calledAet: string;
  /** Keys that were searched with; no values. */
  readonly searchCriteria: string;
  readonly outcome: 'permitted' | 'denied' | 'failed';
  /** Ground of the decision, its code, and the policy that was in force. */
  readonly basis: string;
  readonly reasonCode: string;
  readonly specialReason: string;
  readonly policy: string;
  readonly channel: string;
  /** What was revealed. */
  readonly itemType: 'study' | 'document' | 'log' | 'will';
  readonly itemId: string;
  readonly items: number;
  /** Whose data it is. */
  readonly controller: string;
  readonly register: string;
  readonly registerSpecifier: string;
  readonly serviceEvent: string;
  /** Whom it went to, for a disclosure. */
  readonly recipient: string;
}

/** The record as it is hashed and kept: fields in this order, `log` being told by where it stands. */
export function encodeEntry(entry: AccessEntry): NewLogEntry {
  const { log: _, ...fields } = entry;
  return { at: entry.at, person: entry.person, record: JSON.stringify(fields) };
}

/** An entry from its kept record; `log` is where it stands. */
export function decodeEntry(log: AccessLogName, record: string): AccessEntry {
  return { ...(JSON.parse(record) as Omit<AccessEntry, 'log'>), log };
}
