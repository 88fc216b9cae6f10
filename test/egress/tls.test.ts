import { writeFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { DEFAULT_ASSOCIATION_TIMEOUTS } from '../../src/dimse/association-limits.ts';
import type { TlsOptions } from '../../src/dimse/tls-options.ts';
import { createPeerConnector } from '../../src/services/peer-connector.ts';
import { makeCertificates } from '../dimse/certificates.ts';
import { EgressWorld, modality } from '../soak/egress-world.ts';
import { jobs } from '../soak/egress-soak.ts';
import { soakStudies } from '../soak/soak-studies.ts';
import { SimProcess } from '../support/sim-archive.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';
import { sendObjects } from '../support/test-objects.ts';
import { waitFor } from '../support/wait-for.ts';

const ours = makeCertificates();
const theirs = makeCertificates();
let dir: TempDir;

beforeAll(async () => {
  dir = await tempDir('kuva-egress-tls-');
  for (const name of ['server', 'client', 'expired'] as const) {
    writeFileSync(dir.file(`${name}.pem`), ours[name].cert);
    writeFileSync(dir.file(`${name}.key`), ours[name].key);
  }
  writeFileSync(dir.file('ca.pem'), ours.ca);
});
afterAll(() => dir?.[Symbol.asyncDispose]());

const archive = (cert: 'server' | 'expired'): Promise<SimProcess> => {
  const files = ['--tls-cert', dir.file(`${cert}.pem`), '--tls-key', dir.file(`${cert}.key`)];
  return SimProcess.start(dir.path, ...files, '--tls-ca', dir.file('ca.pem'));
};

/** What becomes of a C-ECHO of ours. */
async function echo(port: number, tls: TlsOptions | undefined): Promise<number | string> {
  const timeouts = { ...DEFAULT_ASSOCIATION_TIMEOUTS, associate: 2000, artim: 1000 };
  const connect = createPeerConnector({ maxPduLength: 131_072, timeouts, tls, events: {} });
  const remote = { aet: 'ARCHIVE', host: '127.0.0.1', port, tls: tls !== undefined, maxSubAssociations: 1 };
  const contexts = [{ abstractSyntax: UID.Verification, transferSyntaxes: [UID.ImplicitVRLittleEndian] }];
  try {
    const assoc = await connect(remote, { callingAET: 'KUVA', contexts }, new AbortController().signal);
    const { code } = await assoc.echo(assoc.contextFor(UID.Verification)!);
    await assoc.release();
    return code;
  } catch (error) {
    return `refused ${describeError(error)}`;
  }
}

/** The message with those of its causes. */
function describeError(error: unknown): string {
  return error instanceof Error ? `${error.message} ${describeError(error.cause)}` : '';
}

const material = (from: typeof ours, ca: Buffer): TlsOptions => ({
  ...from.client,
  ca,
  requestCert: true,
  rejectUnauthorized: true,
});

describe('TLS towards the archive', () => {
  test('both sides show certificates of an authority that the other trusts; anything else is refused', async () => {
    await using sim = await archive('server');
    expect(await echo(sim.port, material(ours, ours.ca))).toBe(0);
    // The archive's certificate is of an authority that we do not trust; ours is of one that the archive does not.
    expect(await echo(sim.port, material(ours, theirs.ca))).toMatch(/refused .*(self-signed|unable to verify|issuer)/i);
    expect(await echo(sim.port, material(theirs, ours.ca))).toMatch(/^refused/);
    expect(await echo(sim.port, undefined)).toMatch(/^refused/);
    await expect.poll(() => sim.events().filter(({ event }) => event === 'fault').length).toBeGreaterThanOrEqual(2);
    expect(sim.events().filter(({ event }) => event === 'echo')).toHaveLength(1);
  });

  test('a certificate that has expired is refused', async () => {
    await using sim = await archive('expired');
    expect(await echo(sim.port, material(ours, ours.ca))).toMatch(/refused .*expired/i);
  });

  test('a server with nothing but old cipher suites gets no association (BCP 195)', async () => {
    const server = createServer({
      ...ours.server,
      ciphers: 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0',
      maxVersion: 'TLSv1.2',
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      expect(await echo((server.address() as AddressInfo).port, material(ours, ours.ca))).toMatch(/refused/);
    } finally {
      server.close();
    }
  });

  test('studies go all the way, and reports come back on associations of the archive, over mutual TLS', async () => {
    const tls = { cert: dir.file('server.pem'), key: dir.file('server.key'), ca: dir.file('ca.pem') };
    await using world = await EgressWorld.start(dir, [{ on: 'commitment', via: 'new' }], tls);
    for (const { organisation, objects } of soakStudies(3)) {
      const peer = { ...world.node.peer(modality(organisation)), tls: material(ours, ours.ca) };
      expect(await sendObjects(peer, objects)).toEqual(objects.map(() => 0));
    }
    await waitFor(
      'the studies to be archived',
      () => jobs(world).filter(({ state }) => state === 'ARCHIVED').length === 3,
      90_000,
    );
    const reports = world.archive.events().filter(({ event }) => event === 'commitment-report');
    expect(new Set(reports.map(({ via }) => via))).toEqual(new Set(['new']));
  }, 180_000);
});
