import { expect, test } from 'vitest';
import { loadConfig } from '../config/load.ts';
import { reportHealth } from './health-report.ts';

const { config } = loadConfig({ home: '/nonexistent', cwd: '/', file: undefined, env: {}, flags: [] });

test.each([true, false])('storage that takes files: %s', async (ok) => {
  const report = await reportHealth({
    config,
    index: {
      totals: async () => ({ patients: 0, studies: 0, series: 0, instances: 0, bytes: 0, duplicates: 0, conflicts: 0 }),
      pendingCommitments: async () => [],
      size: () => ({ databaseBytes: 0, walBytes: 0 }),
    },
    store: { freeBytes: async () => 2 ** 50 },
    acceptor: { associations: () => 0 },
    ingest: { unindexed: { count: 0, blocked: undefined } },
    audit: { blocked: undefined },
    writable: async () => ({ ok, detail: 'x' }),
    failure: () => undefined,
  });
  expect(report).toMatchObject({ ok, checks: { disk: { ok: true }, storage: { ok, detail: 'x' } } });
});
