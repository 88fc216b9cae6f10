/** A code list of examinations or procedures, by its object identifier. */
export interface CodeListRow {
  readonly oid: string;
  readonly name: string;
  /** The imported file. */
  readonly source: string;
  /** Milliseconds since 1970 UTC. */
  readonly importedAt: number;
  /** Periods of validity that are kept; a code may have several. */
  readonly entries: number;
}

/** One period of validity of one code. Days are YYYYMMDD. */
export interface CodeEntry {
  readonly code: string;
  readonly listOid: string;
  readonly validFrom: string;
  /** The last day; '' while it goes on. */
  readonly validTo: string;
  readonly name: string;
}

export interface CodesImport {
  readonly oid: string;
  readonly name: string;
  readonly source: string;
  readonly importedAt: number;
  readonly entries: readonly Omit<CodeEntry, 'listOid'>[];
  /** Whether codes that are not among the entries are removed from the list. */
  readonly replace: boolean;
}

/** Codes that were added, changed or removed, and how many stayed as they were. */
export interface CodesImported {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}
