import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { HealthServer } from './health.ts';
import { silentLoggers } from './loggers.ts';
import { createMetrics } from './metrics.ts';

describe('HealthServer', () => {
  let server: HealthServer | undefined;
  afterEach(async () => server?.close());

  async function start(ok: boolean) {
    const metrics = createMetrics();
    const levels = {
      patients: 1,
      studies: 2,
      series: 3,
      instances: 4,
      storedBytes: 5,
      freeBytes: 6,
      openAssociations: 7,
      pendingCommitments: 8,
      unindexed: 9,
      auditWaiting: 10,
      auditOldestSeconds: 11,
      auditOverdue: 0,
      auditBlocked: 1,
    };
    server = new HealthServer({
      host: '127.0.0.1',
      port: 0,
      logger: silentLoggers().http,
      report: async () => ({ ok, checks: { disk: { ok, detail: 'x' } }, facts: { aeTitle: 'KUVA' } }),
      metrics: () => metrics.scrape(async () => levels),
    });
    return server.listen();
  }

  function get(
    port: number,
    path: string,
    options: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, ...options }, (response) => {
        let body = '';
        response
          .on('data', (chunk) => (body += String(chunk)))
          .on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      })
        .on('error', reject)
        .end();
    });
  }

  test.each([
    [true, 200],
    [false, 503],
  ])('/healthz when ok is %s answers %i', async (ok, status) => {
    const answer = await get(await start(ok), '/healthz');
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ ok, facts: { aeTitle: 'KUVA' } });
  });

  test('/metrics takes the levels of now', async () => {
    const answer = await get(await start(true), '/metrics');
    expect(answer.body).toContain('kuva_count_instances 4');
    expect(answer.body).toMatch(/kuva_up_time_seconds \d/);
  });

  test('anything else is refused', async () => {
    const port = await start(true);
    expect((await get(port, '/')).status).toBe(404);
    expect((await get(port, '/healthz', { method: 'POST' })).status).toBe(405);
    expect((await get(port, '/healthz', { headers: { Host: 'evil.example' } })).status).toBe(421);
  });
});
