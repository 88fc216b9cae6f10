import type { LogEntryRow } from '../index/access-log/access-log-types.ts';
import { decodeEntry } from './access-entry.ts';
import type { AccessEntry } from './access-entry.ts';

/** One line of what the patient is told: who, when, what, on what ground. */
export interface ReportLine {
  readonly at: number;
  readonly log: 'use' | 'disclosure';
  readonly organisation: string;
  /** '' when persons are not named. */
  readonly user: string;
  readonly role: string;
  readonly event: string;
  readonly item: string;
  readonly controller: string;
  readonly recipient: string;
  readonly purpose: string;
  readonly basis: string;
  readonly specialReason: string;
}

export interface ReportRules {
  /** Entries older than so many years need a special reason. */
  readonly reportYears: number;
  readonly namesPersons: boolean;
  readonly specialReason: string;
  readonly now: number;
}

export interface PatientReport {
  readonly from: number;
  readonly lines: readonly ReportLine[];
  /** Entries that are not told, being older than the limit, when no special reason was given. */
  readonly older: number;
}

/** Since when (ms) the patient is told without a special reason: the same day, so many years ago. */
export function reportSince(now: number, years: number): number {
  const date = new Date(now);
  date.setUTCFullYear(date.getUTCFullYear() - years);
  return date.getTime();
}

/** What the log says of one patient, oldest first; what was refused to others is no use of the data and not told. */
export function patientReport(rows: readonly LogEntryRow[], rules: ReportRules): PatientReport {
  const from = rules.specialReason === '' ? reportSince(rules.now, rules.reportYears) : 0;
  const entries = rows
    .flatMap(({ log, record }) => (record === null ? [] : [decodeEntry(log, record)]))
    .filter((entry) => entry.outcome === 'permitted')
    .sort((a, b) => a.at - b.at);
  const told = entries.filter((entry) => entry.at >= from);
  return { from, lines: told.map((entry) => line(entry, rules)), older: entries.length - told.length };
}

function line(entry: AccessEntry, { namesPersons }: ReportRules): ReportLine {
  return {
    at: entry.at,
    log: entry.log,
    organisation: entry.organisation,
    user: namesPersons ? entry.user : '',
    role: entry.role,
    event: entry.eventType,
    item: entry.itemId,
    controller: entry.controller,
    recipient: entry.recipient,
    purpose: entry.purpose,
    basis: entry.basis,
    specialReason: entry.specialReason,
  };
}
