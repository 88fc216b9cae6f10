import { parseOrganisationOid } from './finnish-oid.ts';

/** Who issued a temporary patient id, and when; it is unique within that organisation or unit only. */
export interface TemporaryIdIssuer {
  readonly businessId: string;
  /** Node of the unit; null when the organisation itself issued it. */
  readonly unit: string | null;
  readonly year: number;
}

/**
 * Reads an issuer of temporary patient ids: `1.2.246.10.<business id>.22.<year>`, or with the issuing unit
 * `1.2.246.10.<business id>.10.<unit>.22.<year>`. Undefined for any other issuer.
 */
export function parseTemporaryIssuer(issuer: string): TemporaryIdIssuer | undefined {
  const oid = parseOrganisationOid(issuer);
  const match = /^1\.2\.246\.10\.\d+(?:\.10\.(\d+))?\.22\.(\d{4})$/.exec(issuer);
  return oid === undefined || match === null
    ? undefined
    : { businessId: oid.businessId, unit: match[1] ?? null, year: Number(match[2]) };
}

/** The display form of a temporary id has eleven characters, as a personal identity code. */
export function isTemporaryIdText(text: string): boolean {
  return /^[0-9A-Z+-]{11}$/i.test(text.trim());
}
