import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.ts';
import { configSchema } from '../config/schema.ts';
import { acceptorOptions } from './acceptor-options.ts';

it.each([true, false])(
  'a client certificate is asked for without dicom.tls.ca, too, and required: %s',
  async (required) => {
    await using dir = await tempDir();
    writeFileSync(dir.file('pem'), 'pem');
    const tls = { cert: dir.file('pem'), key: dir.file('pem'), requireClientCertificate: required };
    const { tls: options } = acceptorOptions(configSchema.parse({ dicom: { tls } }));
    expect(options).toMatchObject({ requestCert: true, rejectUnauthorized: required, ca: undefined });
  },
);
