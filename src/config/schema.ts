import { z } from 'zod';
import { egressFields } from './egress-fields.ts';
import { auditFields } from './audit-fields.ts';
import { isLoopback } from './loopback.ts';
import { aeTitle, count, duration, flag, host, line, list, oneOf, path, port, size, uid } from './fields.ts';
import { DEFAULT_PROFILE, shippedFile } from './shipped-files.ts';

// A configuration is read once a process: compiling a checker for it takes longer than checking.
z.config({ jitless: true });

/** A section in which every key has a default, so that it may be left out as a whole. */
function section<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape).prefault({} as never);
}

const tls = z.strictObject({
  cert: path(),
  key: path(),
  // Certificate authorities that client certificates must chain to.
  ca: path().nullable().default(null),
  requireClientCertificate: flag().default(true),
});

const user = z.strictObject({
  name: line(64),
  /** `scrypt:<salt hex>:<hash hex>`; never the passcode itself. */
  passcodeHash: z
    .string()
    .regex(/^scrypt:[0-9a-f]{16,}:[0-9a-f]{32,}$/, { error: 'write a hash made with: kuva config hash-passcode' })
    .nullable()
    .default(null),
});

/**
 * Everything that can be configured, with its default. Durations are milliseconds and sizes bytes once parsed; paths are
 * absolute once loaded. An environment variable names a key in capitals, levels joined by two underscores:
 * `dicom.maxPduLength` is `KUVA_DICOM__MAX_PDU_LENGTH`.
 */
export const configSchema = z
  .strictObject({
    node: section({
      aeTitle: aeTitle().default('KUVA'),
      // Further called AE titles that this node answers to.
      aliases: list(aeTitle()).default([]),
      organisation: line(128).nullable().default(null),
      role: oneOf(['organisation', 'national']).default('organisation'),
      // How long an orderly stop waits for open associations.
      shutdownGrace: duration(0, 600_000).default(10_000),
    }),
    dicom: section({
      host: host().default('127.0.0.1'),
      port: port().default(11_112),
      tls: tls.nullable().default(null),
      // Maximum length of a P-DATA-TF PDU that we receive (PS3.8 D.1).
      maxPduLength: size(4096, 16 * 1024 ** 2).default(128 * 1024),
      // So many times longer may a PDU be, for devices that do not keep to what was agreed; 1 is what the standard says.
      pduTolerance: count(1, 256).default(1),
      acceptUnknownSopClasses: flag().default(false),
      extraSopClasses: list(uid()).default([]),
      limits: section({
        associations: count(1, 10_000).default(256),
        perPeer: count(1, 10_000).default(128),
        commandBytes: size(1024, 1024 ** 2).default(64 * 1024),
        identifierBytes: size(1024, 256 * 1024 ** 2).default(16 * 1024 ** 2),
      }),
      timeouts: section({
        // ARTIM (PS3.8 9.1.5): from accepting the connection, TLS handshake included, to the A-ASSOCIATE-RQ.
        artim: duration(100, 600_000).default(30_000),
        idle: duration(100, 86_400_000).default(300_000),
        // A peer that owes us a DIMSE response.
        response: duration(100, 86_400_000).default(300_000),
        connect: duration(100, 600_000).default(10_000),
        associate: duration(100, 600_000).default(30_000),
        release: duration(100, 600_000).default(10_000),
        // A peer that does not read what we send.
        writeStall: duration(100, 86_400_000).default(60_000),
        // A disk that does not take what was received.
        sink: duration(100, 86_400_000).default(300_000),
      }),
    }),
    storage: section({
      root: path().default('storage'),
      // C-STORE is answered A700 before the disk has less than this left.
      reserveBytes: size(0, 1024 ** 5).default(512 * 1024 ** 2),
      // Makes all 65 536 folders of the tree after the start, about 260 MB on ext4: small objects are then stored up to 2.5 times faster.
      prepareDirectories: flag().default(false),
    }),
    index: section({
      readers: count(1, 16).default(2),
      // A C-FIND with more matches than this is refused with their count; 0 means no limit.
      findLimit: count(0, 1_000_000_000).default(10_000),
    }),
    access: section({
      // Left out: true on loopback only, a development default.
      anyCallingAet: flag().nullable().default(null),
      checkCalledAet: flag().default(true),
      userIdentity: section({
        policy: oneOf(['ignore', 'verify', 'require']).default('ignore'),
        // A passcode (type 2) over a connection without TLS can be read by anyone on the way.
        allowPasscodeWithoutTls: flag().default(false),
        users: z.array(user, { error: 'write a list of {name, passcodeHash}' }).default([]),
      }),
    }),
    retrieve: section({
      pendingInterval: duration(100, 600_000).default(2_000),
      maxSubAssociations: count(1, 32).default(4),
      recode: flag().default(true),
      // Every object is hashed on its way out: a damaged one is never sent as whole.
      checkDigest: flag().default(true),
    }),
    commitment: section({
      checkDigest: flag().default(true),
      retryFirst: duration(1000, 86_400_000).default(30_000),
      retryMax: duration(1000, 604_800_000).default(3_600_000),
      giveUpAfter: duration(60_000, 7_776_000_000).default(7 * 86_400_000),
    }),
    egress: section(egressFields),
    audit: section(auditFields),
    documents: section({
      // Care documents (CDA) put here are registered and moved to done/, or to rejected/ with the reason beside them.
      dropFolder: path().nullable().default(null),
      pollInterval: duration(100, 3_600_000).default(2_000),
      // A file is taken when it has not changed for this long.
      settle: duration(0, 3_600_000).default(2_000),
    }),
    disclosure: section({
      // Left out: true in the national role.
      enabled: flag().nullable().default(null),
      // Left out: KANTA in the national role, DIRECT from one organisation to another.
      channel: oneOf(['KANTA', 'DIRECT']).nullable().default(null),
      // Whether persons and purposes count that a peer names without TLS from another machine.
      trustPersonWithoutTls: flag().default(false),
    }),
    priors: section({
      // Name of the egress destination that earlier studies are fetched from for comparison; null: none are.
      archive: line(64).nullable().default(null),
      // Fetches when a request comes; otherwise kuva priors prefetch does.
      onRequest: flag().default(false),
      // How long a fetched study is kept; it is the archive's, and never forwarded.
      keepCopies: duration(60_000, 3650 * 86_400_000).default(30 * 86_400_000),
      // At most so many for one request, the newest first.
      maxStudies: count(1, 1000).default(5),
      // Whether the archive is told who asks and why, in the profile's disclosure.asker.queryAttribute.
      tellAsker: flag().default(true),
    }),
    accessLog: section({
      // Ed25519 in PEM; made in the storage when left out.
      signingKey: path().nullable().default(null),
      // Without disclosure control: whether the studies that C-FIND, C-MOVE and C-GET show are in the log. With it they always are.
      withoutControl: flag().default(true),
      // Without disclosure control: whether nothing is shown while the log cannot be written. Else the node's own log says who has seen what.
      mandatory: flag().default(false),
      // How often the logs' heads are signed and leave the machine when they have grown.
      headInterval: duration(1000, 86_400_000).default(600_000),
    }),
    http: section({
      enabled: flag().default(true),
      host: host().default('127.0.0.1'),
      port: port().default(11_180),
    }),
    // The rules of the national archive as data; left out, the one that comes with the program.
    profile: path().nullable().default(null),
    logging: section({
      level: oneOf(['error', 'warn', 'info', 'debug']).default('info'),
      format: oneOf(['auto', 'text', 'json']).default('auto'),
      patientData: flag().default(false),
      file: path().nullable().default(null),
    }),
  })
  .superRefine(({ egress, priors }, context) => {
    const names = allDestinations(egress).map(({ name }) => name);
    names.forEach((name, at) => {
      if (names.indexOf(name) === at) return;
      const path = ['egress', 'destinations', at - (egress.destination === null ? 0 : 1), 'name'];
      context.addIssue({ code: 'custom', path, message: 'give every destination a name of its own' });
    });
    if (priors.archive !== null && !names.includes(priors.archive)) {
      const message = 'write the name of an egress destination';
      context.addIssue({ code: 'custom', path: ['priors', 'archive'], message });
    }
  })
  .transform((config) => ({
    ...config,
    // From here on one list has them all.
    egress: { ...config.egress, destinations: allDestinations(config.egress) },
    access: { ...config.access, anyCallingAet: config.access.anyCallingAet ?? isLoopback(config.dicom.host) },
    disclosure: {
      ...config.disclosure,
      enabled: config.disclosure.enabled ?? config.node.role === 'national',
      channel:
        config.disclosure.channel ?? (config.node.role === 'national' ? ('KANTA' as const) : ('DIRECT' as const)),
    },
    profile: config.profile ?? shippedFile(DEFAULT_PROFILE),
  }));

function allDestinations<T>({ destination, destinations }: { destination: T | null; destinations: readonly T[] }): T[] {
  return [...(destination === null ? [] : [destination]), ...destinations];
}

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** The whole configuration, checked, complete and deeply frozen. */
export type Config = DeepReadonly<z.output<typeof configSchema>>;
