import type { DimseStatus } from '../dimse/command-types.ts';
import type { ServiceHandlers } from '../dimse/service-handlers.ts';
import { STATUS } from '../dimse/status-table.ts';

/** Verification SCP (PS3.4 A.4): whoever was let in is answered. */
export function createEcho(): NonNullable<ServiceHandlers['echo']> {
  return (): DimseStatus => ({ code: STATUS.Success });
}
