import { expect, test } from 'vitest';
import type { AssociationEvents } from '../dimse/association-events.ts';
import { statusName } from '../dimse/status-table.ts';
import { createEvents } from '../observability/events.ts';
import { silentLoggers } from '../observability/loggers.ts';
import { createMetrics } from '../observability/metrics.ts';

// Observability lies below the DIMSE layer and cannot name its port; the compiler checks here that it fits.
test('the events fit the port of the DIMSE layer', () => {
  const events: AssociationEvents = createEvents(silentLoggers(), createMetrics(), statusName);
  expect(Object.keys(events)).toEqual(
    expect.arrayContaining(['opened', 'rejected', 'closed', 'operation', 'failure', 'dropped', 'suspicious']),
  );
});
