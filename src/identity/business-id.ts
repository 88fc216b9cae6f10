const WEIGHTS = [7, 9, 10, 5, 8, 4, 2];

/**
 * A Finnish business id (Y-tunnus) in its display form `0204819-8`; undefined when the text is none. Leading zeros may be left out, as
 * in object identifiers. The last digit is a check digit: weights 7 9 10 5 8 4 2, 11 minus the remainder of 11; a remainder of 1 is never issued.
 */
export function parseBusinessId(text: string): string | undefined {
  const match = /^(\d{1,7})-?(\d)$/.exec(text.trim());
  const digits = match?.[1]?.padStart(7, '0');
  if (digits === undefined || Number(digits) === 0 || checkDigit(digits) !== Number(match?.[2])) return undefined;
  return `${digits}-${match?.[2]}`;
}

/** The node of a business id below 1.2.246.10: without hyphen and leading zeros (JHS 159). */
export function businessIdNode(businessId: string): string {
  return businessId.replace('-', '').replace(/^0+/, '');
}

function checkDigit(digits: string): number {
  const remainder = WEIGHTS.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0) % 11;
  return remainder === 0 ? 0 : 11 - remainder; // 10, of remainder 1, is no digit
}
