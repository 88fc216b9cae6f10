import type { Command } from 'commander';
import { localUser } from '../audit/audit-actors.ts';
import { securityConfiguration } from '../audit/events/security-events.ts';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import type { IndexService } from '../index/index-service.ts';
import { AE_SERVICES } from '../index/index-types.ts';
import type { AeRow, AeService } from '../index/index-types.ts';
import { isAddressBlock } from '../policy/ae-register.ts';
import { certificateIdentity } from '../policy/certificate-identity.ts';
import { addCommand, addGroup, collect, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { noteAudit } from './note-audit.ts';
import { withIndex, withNewIndex, withReading } from './open-index.ts';

interface AddOptions {
  readonly host?: string;
  readonly port?: string;
  readonly tls?: boolean;
  readonly organisation?: string;
  readonly address?: readonly string[];
  readonly removeAddress?: readonly string[];
  readonly called?: readonly string[];
  readonly removeCalled?: readonly string[];
  readonly certificate?: readonly string[];
  readonly removeCertificate?: readonly string[];
  readonly service?: readonly string[];
  readonly maxSubAssociations?: string;
  readonly qualityControl?: boolean;
  readonly description?: string;
}

export function addAeCommands(program: Command, environment: CliEnvironment): void {
  const ae = addGroup(program, 'ae', 'the AE register: who may call this node, and where C-MOVE may send', [
    'kuva ae list',
    'kuva ae add CT1 --host 10.0.0.7 --port 104',
  ]);

  addCommand(ae, {
    usage: 'list',
    summary: 'all registered AEs',
    examples: ['kuva ae list', 'kuva ae list --json'],
  }).action(async (_options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    const rows = await withReading(config, (index) => index.read('aeList'));
    out.list(
      rows,
      [
        { title: 'AE', value: (row) => row.aet },
        { title: 'host', value: (row) => row.host },
        { title: 'port', value: (row) => row.port, align: 'right' },
        { title: 'TLS', value: (row) => (row.tls ? 'yes' : 'no') },
        { title: 'services', value: (row) => row.services.join(',') },
        { title: 'organisation', value: (row) => row.organisation },
        { title: 'description', value: (row) => row.description },
      ],
      'the AE register is empty: kuva ae add AET --host ADDRESS --port PORT',
    );
  });

  addCommand(ae, { usage: 'show <aet>', summary: 'one AE', examples: ['kuva ae show CT1'] }).action(
    async (aet: string, _options: unknown, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const row = await withReading(config, (index) => index.read('aeByTitle', aet));
      if (row === undefined) throw unknownAe(aet);
      out.record(row, fields(row));
    },
  );

  addCommand(ae, {
    usage: 'add <aet>',
    summary: 'register an AE, or change what is given of one that is registered; a running node follows at once',
    examples: [
      'kuva ae add CT1 --host 10.0.0.7 --port 104 --service echo,store',
      'kuva ae add PACS --host pacs.example.org --port 11112 --tls --organisation "Example Hospital District"',
      'kuva ae add CT1 --address 10.0.4.0/24        # it may call from there, too',
      'kuva ae add CT1 --remove-address 10.0.4.0/24',
      'kuva ae add CT1 --certificate "O=Example Hospital District, CN=CT1"        # it must show that one over TLS',
      'storescu -aet CT1 -aec KUVA 127.0.0.1 11112 image.dcm        # then, from that AE',
    ],
  })
    .option('--host <address>', 'where it is: address or host name; it may call from there')
    .option('--port <number>', 'where it listens, for C-MOVE and commitment reports (default: 104)')
    .option('--tls', 'call it with TLS')
    .option('--no-tls', 'call it without TLS')
    .option('--organisation <name>', 'owner of what it sends (default: node.organisation)')
    .option('--address <cidr>', 'a further address or block that it may call from; may be repeated', collect, undefined)
    .option('--remove-address <cidr>', 'one that it may no longer call from; may be repeated', collect, undefined)
    .option(
      '--called <title>',
      'a called AE title that it may use (default: all of this node); may be repeated',
      collect,
      undefined,
    )
    .option('--remove-called <title>', 'one that it may no longer use; may be repeated', collect, undefined)
    .option(
      '--certificate <identity>',
      'subject or SHA-256 fingerprint of the TLS certificate that it must show; of several, one; may be repeated',
      collect,
      undefined,
    )
    .option('--remove-certificate <identity>', 'one that it is no longer known by; may be repeated', collect, undefined)
    .option(
      '--service <names>',
      `services it may use, of ${AE_SERVICES.join(',')} (default: all); may be repeated`,
      collect,
      undefined,
    )
    .option('--max-sub-associations <number>', 'associations at once when C-MOVE sends to it (default: 1)')
    .option('--quality-control', 'it sees objects that a rejection note has hidden, too')
    .option('--no-quality-control', 'it sees what regular use sees')
    .option('--description <text>', 'a note for people')
    .action(async (aet: string, options: AddOptions, command: Command) => {
      const { out, config } = contextOf(environment, command);
      checkTitle(aet);
      const { row, known } = await withNewIndex(storagePaths(config), async (index) => {
        const current = await index.aeByTitle(aet);
        const merged = merge(aet, current, options);
        // Asked for in one turn, they share a commit.
        await Promise.all([
          index.aePut(merged),
          noteRegisterChange(index, config, aet, current === undefined ? 'registered' : 'changed'),
        ]);
        return { row: merged, known: current !== undefined };
      });
      out.record(row, fields(row));
      out.say(`${aet} is ${known ? 'changed' : 'registered'}`);
    });

  addCommand(ae, {
    usage: 'remove <aet>',
    summary: 'forget an AE; open associations go on',
    examples: ['kuva ae remove CT1'],
  }).action(async (aet: string, _options: unknown, command: Command) => {
    const { out, config } = contextOf(environment, command);
    await withIndex(config, async (index) => {
      if ((await index.aeByTitle(aet)) === undefined) throw unknownAe(aet);
      await Promise.all([index.aeRemove(aet), noteRegisterChange(index, config, aet, 'removed')]);
    });
    out.record({ removed: aet }, { removed: aet });
  });
}

const NEW_AE: Omit<AeRow, 'aet' | 'host'> = {
  port: 104,
  tls: false,
  organisation: null,
  addresses: [],
  calledAETs: [],
  services: AE_SERVICES,
  maxSubAssociations: 1,
  qualityControl: false,
  description: '',
  certificates: [],
};

function merge(aet: string, current: AeRow | undefined, options: AddOptions): AeRow {
  const host = options.host ?? current?.host;
  if (host === undefined) {
    throw new UsageError(`AE ${aet} is new: say where it is with --host ADDRESS`);
  }
  checkOptions(host, options);
  const before = { ...NEW_AE, ...current };
  return {
    aet,
    host,
    port: number('--port', options.port, 0, 65_535) ?? before.port,
    tls: options.tls ?? before.tls,
    organisation: options.organisation ?? before.organisation,
    addresses: changed(aet, 'address', before.addresses, options.address, options.removeAddress),
    calledAETs: changed(aet, 'called AE title', before.calledAETs, options.called, options.removeCalled),
    services: options.service?.flatMap(services) ?? before.services,
    maxSubAssociations:
      number('--max-sub-associations', options.maxSubAssociations, 1, 32) ?? before.maxSubAssociations,
    qualityControl: options.qualityControl ?? before.qualityControl,
    description: options.description ?? before.description,
    certificates: changed(
      aet,
      'certificate',
      before.certificates,
      options.certificate?.map((text) => identity('--certificate', text)),
      options.removeCertificate?.map((text) => identity('--remove-certificate', text)),
    ),
  };
}

function changed(
  aet: string,
  what: string,
  before: readonly string[],
  added: readonly string[] = [],
  removed: readonly string[] = [],
): string[] {
  const unknown = removed.find((item) => !before.includes(item));
  if (unknown !== undefined)
    throw new CommandFailedError(`AE ${aet} has no ${what} ${unknown}; kuva ae show ${aet} tells what it has`);
  return [...new Set([...before.filter((item) => !removed.includes(item)), ...added])];
}

function identity(option: string, text: string): string {
  const known = certificateIdentity(text);
  if (known === undefined)
    throw new UsageError(
      `${option} ${text}: write the subject, such as "O=Example, CN=CT1", or the SHA-256 fingerprint in hex; openssl x509 -noout -subject -fingerprint -sha256 -in CERT.pem shows both`,
    );
  return known;
}

function checkOptions(host: string, options: AddOptions): void {
  if (!/^[A-Za-z0-9:._%-]+$/.test(host)) {
    throw new UsageError(`--host ${host}: write an address or a host name`);
  }
  for (const address of options.address ?? []) {
    if (!isAddressBlock(address))
      throw new UsageError(`--address ${address}: write an address or a block, such as 10.0.4.0/24`);
  }
  options.called?.forEach(checkTitle);
}

function services(names: string): AeService[] {
  return names.split(',').map((name) => {
    const service = AE_SERVICES.find((known) => known === name.trim());
    if (service === undefined) throw new UsageError(`--service ${name}: write some of ${AE_SERVICES.join(',')}`);
    return service;
  });
}

function number(option: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) < min || Number(text) > max) {
    throw new UsageError(`${option} ${text}: write a whole number from ${min} to ${max}`);
  }
  return Number(text);
}

// PS3.5 6.2, VR AE.
function checkTitle(aet: string): void {
  if (!/^[\x21-\x5b\x5d-\x7e]([\x20-\x5b\x5d-\x7e]{0,14}[\x21-\x5b\x5d-\x7e])?$/.test(aet)) {
    throw new UsageError(
      `AE title ${aet}: write 1 to 16 printable ASCII characters without backslash, not beginning or ending with a space`,
    );
  }
}

function fields(row: AeRow): Record<string, string | number | null> {
  return {
    AE: row.aet,
    host: `${row.host}:${row.port}${row.tls ? ' with TLS' : ''}`,
    'may call from': [row.host, ...row.addresses].join(', '),
    'called AE titles': row.calledAETs.length === 0 ? 'all of this node' : row.calledAETs.join(', '),
    certificate: row.certificates.length === 0 ? 'none asked for' : row.certificates.join(' or '),
    services: row.services.join(', '),
    organisation: row.organisation,
    'sub-associations': row.maxSubAssociations,
    'quality control': row.qualityControl ? 'yes: sees rejected objects' : 'no',
    description: row.description,
  };
}

/** Who may call, and for what, has been changed by somebody at this machine (PS3.15 A.5.3.11). */
async function noteRegisterChange(
  index: Pick<IndexService, 'write'>,
  config: Config,
  aet: string,
  what: string,
): Promise<void> {
  const uri = `kuva:${config.node.aeTitle}/ae/${encodeURIComponent(aet)}`;
  const text = `AE ${aet} was ${what} in the AE register`;
  await noteAudit(index, config, securityConfiguration(Date.now(), localUser(), uri, text));
}

function unknownAe(aet: string): CommandFailedError {
  return new CommandFailedError(`AE ${aet} is not in the register; kuva ae list shows it`);
}
