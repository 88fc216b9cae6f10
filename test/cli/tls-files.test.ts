import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { openCli } from './kuva.ts';

// Each command is a process of its own; on a busy machine they take a while.
vi.setConfig({ testTimeout: 60_000 });

test.each([
  ['config', 'check'],
  ['start', '--port', '0', '--http-port', '0'],
])('%s: TLS files that cannot be used end it with code 2, before the storage is touched', async (...command) => {
  await using cli = await openCli({ KUVA_DICOM__TLS__CERT: '/nowhere.pem', KUVA_DICOM__TLS__KEY: '/dev/null' });
  const { code, stderr } = await cli.run(...command);
  expect(code).toBe(2);
  expect(stderr).toMatch(/dicom\.tls\.cert is "\/nowhere\.pem": cannot be read \(ENOENT\); write/);
  expect(stderr).toMatch(/dicom\.tls\.key is "\/dev\/null": there is no "-----BEGIN PRIVATE KEY-----" in it; write/);
  expect(existsSync(cli.storage)).toBe(false);
});
