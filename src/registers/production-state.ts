import type { EnablementRow, ProductionState } from '../index/registers/register-types.ts';

/**
 * How a deployment goes: planned, tested with the archive's test environment, commissioned, in production; suspended and resumed. A step
 * that failed goes back by one; nothing skips a step forward.
 */
const MOVES: Readonly<Record<ProductionState, readonly ProductionState[]>> = {
  PLANNED: ['TEST'],
  TEST: ['COMMISSIONING', 'PLANNED'],
  COMMISSIONING: ['PRODUCTION', 'TEST'],
  PRODUCTION: ['SUSPENDED'],
  SUSPENDED: ['PRODUCTION', 'TEST'],
};

/** Where a deployment may go from a state; from none, it has to be planned first. */
export function legalMoves(from: ProductionState | undefined): readonly ProductionState[] {
  return from === undefined ? ['PLANNED'] : MOVES[from];
}

/** The row that counts on a day (YYYYMMDD): the last whose day has come. Rows in the order of the register. */
export function enablementOn(
  rows: readonly EnablementRow[],
  contentType: string,
  day: string,
): EnablementRow | undefined {
  return rows.findLast((row) => row.contentType === contentType && row.from <= day);
}
