import { z } from 'zod';
import { count, duration, host, line, oneOf, path, port } from './fields.ts';

const repositoryTls = z.strictObject({
  ca: path().nullable().default(null),
  cert: path().nullable().default(null),
  key: path().nullable().default(null),
});

const repository = z.strictObject({
  host: host(),
  port: port().default(6514),
  /** Null: TCP in clear. */
  tls: repositoryTls.nullable().prefault({}),
});

/** DICOM audit messages (PS3.15 A.5). */
export const auditFields = {
  // The audit record repository (PS3.15 A.6); null: no audit messages.
  repository: repository.nullable().default(null),
  enterpriseSite: line(64).default(''),
  // MSGID of the messages: as DICOM or as IHE ITI-20 has it.
  messageId: oneOf(['DICOM+RFC3881', 'IHE+RFC-3881']).default('DICOM+RFC3881'),
  retryFirst: duration(100, 86_400_000).default(1000),
  retryMax: duration(1000, 86_400_000).default(60_000),
  // When so many messages wait, or one for so long, somebody should look.
  warnMessages: count(1, 1_000_000_000).default(100_000),
  warnAge: duration(1000, 365 * 86_400_000).default(3_600_000),
};

/** Keys below `audit.repository`, which has none unless it is configured. */
export const REPOSITORY_KEYS = [
  ...Object.keys(repository.shape),
  ...Object.keys(repositoryTls.shape).map((key) => `tls.${key}`),
];
