import type { Config } from '../config/schema.ts';
import { ConfigError } from '../config/config-error.ts';
import { isLoopback } from '../config/loopback.ts';

/**
 * Called before the node listens. Beyond loopback it does not start without an AE register entry, and never with access for any AE: most
 * archives that are open on the internet were left so by a default.
 * @returns warnings for the log
 * @throws ConfigError that says what to do
 */
export function checkExposure(config: Config, registeredAes: number): string[] {
  const { host, port, tls } = config.dicom;
  const loopback = isLoopback(host);
  if (!loopback && config.access.anyCallingAet) {
    throw new ConfigError([
      `access.anyCallingAet is true but dicom.host ${host} is reached from other machines: set it to false and name the peers with kuva ae add`,
    ]);
  }
  if (!loopback && registeredAes === 0) {
    throw new ConfigError([
      `dicom.host ${host} is reached from other machines and the AE register is empty, so nobody could be told apart: name the first peer with kuva ae add AET --host ADDRESS --port PORT, or set dicom.host to 127.0.0.1`,
    ]);
  }
  const warnings: string[] = [];
  if (config.access.anyCallingAet) {
    warnings.push(
      'development default: every calling AE on this machine may store and query; access.anyCallingAet: false ends that',
    );
  }
  if (!loopback && tls === null) {
    warnings.push(
      `port ${port} on ${host} speaks DICOM without TLS: patient data and AE titles can be read and forged on the network; configure dicom.tls`,
    );
  }
  if (!loopback && tls !== null && !tls.requireClientCertificate) {
    warnings.push('dicom.tls.requireClientCertificate is false: peers are known only by AE title and address');
  }
  if (config.http.enabled && !isLoopback(config.http.host)) {
    warnings.push(
      `http.host ${config.http.host} is reached from other machines and has no access control: keep it on 127.0.0.1 behind a proxy`,
    );
  }
  return warnings;
}
