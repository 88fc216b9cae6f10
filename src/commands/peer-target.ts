import { readFileSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import type { Association } from '../dimse/association.ts';
import type { RequestedContext } from '../dimse/requestor.ts';
import { requestAssociation } from '../dimse/requestor.ts';
import type { DiagnosticTarget } from './diagnostic-scu.ts';
import type { CommandContext } from './command-context.ts';
import { UsageError } from './exit-codes.ts';
import { hasDatabase, withIndex } from './open-index.ts';

export interface PeerOptions {
  readonly host?: string;
  readonly port?: string;
  readonly tls?: boolean;
  readonly calling?: string;
}

/** A peer of the AE register, or one whose address is given on the command line. @throws UsageError when it is neither */
export async function peerTarget(
  context: CommandContext,
  aet: string,
  options: PeerOptions,
): Promise<DiagnosticTarget> {
  const { config } = context;
  const given = options.host !== undefined && options.port !== undefined;
  const entry = given || !hasDatabase(config) ? undefined : await withIndex(config, (index) => index.aeByTitle(aet));
  if (!given && entry === undefined) {
    throw new UsageError(
      `AE ${aet} is not in the register: give --host and --port, or kuva ae add ${aet} --host ADDRESS --port PORT`,
    );
  }
  const port = options.port === undefined ? (entry?.port ?? 0) : Number(options.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UsageError(`AE ${aet} has no port to call: give --port with a number from 1 to 65535`);
  }
  return {
    host: options.host ?? entry?.host ?? '',
    port,
    calledAET: aet,
    callingAET: options.calling ?? config.node.aeTitle,
    tls: options.tls === true || entry?.tls === true ? tlsMaterial(config) : undefined,
    connectMs: config.dicom.timeouts.connect,
    associateMs: config.dicom.timeouts.associate,
  };
}

/** An association of our own requestor. */
export function connectTo(
  target: DiagnosticTarget,
  config: Config,
  contexts: readonly RequestedContext[],
): Promise<Association> {
  return requestAssociation({
    host: target.host,
    port: target.port,
    callingAET: target.callingAET,
    calledAET: target.calledAET,
    contexts,
    maxPduLength: config.dicom.maxPduLength,
    timeouts: config.dicom.timeouts,
    ...(target.tls === undefined ? {} : { tls: target.tls }),
  });
}

export function tlsMaterial(config: Config): NonNullable<DiagnosticTarget['tls']> {
  const { tls } = config.dicom;
  if (tls === null) {
    throw new UsageError('the peer speaks TLS: configure dicom.tls with our certificate and key');
  }
  return {
    key: readFileSync(tls.key, 'utf8'),
    cert: readFileSync(tls.cert, 'utf8'),
    ca: tls.ca === null ? undefined : readFileSync(tls.ca, 'utf8'),
  };
}
