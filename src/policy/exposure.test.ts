import { expect, test } from 'vitest';
import { loadConfig } from '../config/load.ts';
import { checkExposure } from './exposure.ts';

function config(env: Record<string, string>) {
  return loadConfig({ home: '/nonexistent', cwd: '/', file: undefined, env, flags: [] }).config;
}

test('on loopback: starts with the development default, and says so', () => {
  expect(checkExposure(config({}), 0)).toEqual([
    expect.stringContaining('every calling AE on this machine may store and query'),
  ]);
  expect(checkExposure(config({ KUVA_ACCESS__ANY_CALLING_AET: 'false' }), 0)).toEqual([]);
});

test('beyond loopback: refuses without an AE register entry and names the command', () => {
  expect(() => checkExposure(config({ KUVA_DICOM__HOST: '0.0.0.0' }), 0)).toThrow(/AE register is empty.*kuva ae add/);
  expect(() => checkExposure(config({ KUVA_DICOM__HOST: '::' }), 0)).toThrow(/AE register is empty/);
});

test('beyond loopback: never for any calling AE', () => {
  expect(() => checkExposure(config({ KUVA_DICOM__HOST: '0.0.0.0', KUVA_ACCESS__ANY_CALLING_AET: 'true' }), 1)).toThrow(
    /anyCallingAet/,
  );
});

test('beyond loopback: warns without TLS, and without client certificates', () => {
  expect(checkExposure(config({ KUVA_DICOM__HOST: '0.0.0.0' }), 1)).toEqual([expect.stringContaining('without TLS')]);
  const tls = { KUVA_DICOM__TLS__CERT: 'c', KUVA_DICOM__TLS__KEY: 'k' };
  expect(checkExposure(config({ KUVA_DICOM__HOST: '0.0.0.0', ...tls }), 1)).toEqual([]);
  const lax = { ...tls, KUVA_DICOM__TLS__REQUIRE_CLIENT_CERTIFICATE: 'false' };
  expect(checkExposure(config({ KUVA_DICOM__HOST: '0.0.0.0', ...lax }), 1)).toEqual([
    expect.stringContaining('requireClientCertificate'),
  ]);
});

test('warns when monitoring is reached from other machines', () => {
  expect(checkExposure(config({ KUVA_HTTP__HOST: '0.0.0.0', KUVA_ACCESS__ANY_CALLING_AET: 'false' }), 0)).toEqual([
    expect.stringContaining('http.host'),
  ]);
});
