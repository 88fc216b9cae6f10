import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { makeCertificates } from '../../test/dimse/certificates.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import { configSchema } from '../config/schema.ts';
import { DEFAULT_PROFILE, shippedFile } from '../config/shipped-files.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { watchCertificates } from './certificate-watch.ts';

test('a certificate that ends within 60 days is told of, and when it ends in any case', async () => {
  const dir = await tempDir();
  onTestFinished(() => dir[Symbol.asyncDispose]());
  const { server } = makeCertificates();
  writeFileSync(dir.file('cert'), server.cert);
  writeFileSync(dir.file('key'), server.key);
  const config = configSchema.parse({ dicom: { tls: { cert: dir.file('cert'), key: dir.file('key') } } });
  const profile = loadProfile(shippedFile(DEFAULT_PROFILE));
  const watched = (now: number) => {
    const ends: number[] = [];
    const warnings: string[] = [];
    using _ = watchCertificates({
      config,
      profile,
      ends: (_file, seconds) => void ends.push(seconds),
      warn: (text) => void warnings.push(text),
      now: () => now,
    });
    return { ends, warnings };
  };
  const now = Date.now();
  expect(watched(now).warnings).toEqual([expect.stringMatching(/ends in [123] days/)]);
  expect(watched(now).ends[0]! - now / 1000).toBeCloseTo(2 * 86_400, -3);
  expect(watched(now - 62 * 86_400_000).warnings).toHaveLength(0);
});
