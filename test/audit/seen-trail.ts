import { makeCertificates } from '../dimse/certificates.ts';
import { Rsyslog } from '../support/rsyslog.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';
import { arrived, auditSection } from './audited.ts';

/** A repository that is up, and the audit trail as it is seen there. */
export class SeenTrail implements AsyncDisposable {
  readonly repository: Rsyslog;
  /** The `audit` section of a configuration that sends here. */
  readonly audit: Record<string, unknown>;
  readonly files: TempDir;

  private constructor(repository: Rsyslog, audit: Record<string, unknown>, files: TempDir) {
    this.repository = repository;
    this.audit = audit;
    this.files = files;
  }

  static async start(): Promise<SeenTrail> {
    const certificates = makeCertificates();
    const files = await tempDir();
    const repository = await Rsyslog.create(certificates);
    await repository.start();
    return new SeenTrail(repository, auditSection(files.file('tls'), certificates, repository.port), files);
  }

  /** Messages that contain all of this. */
  having(...parts: readonly string[]): string[] {
    return arrived(this.repository)
      .map(({ message }) => message)
      .filter((message) => parts.every((part) => message.includes(part)));
  }

  /** The same, when there are some. */
  told(...parts: readonly string[]): Promise<[string, ...string[]]> {
    return waitFor(
      `a message with ${parts.join(', ')}`,
      () => {
        const [first, ...others] = this.having(...parts);
        return first === undefined ? undefined : [first, ...others];
      },
      60_000,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.repository[Symbol.asyncDispose]();
    await this.files[Symbol.asyncDispose]();
  }
}

/** Instances that these messages tell of. */
export function counted(messages: readonly string[]): number {
  return messages
    .flatMap((message) => [...message.matchAll(/NumberOfInstances="(\d+)"/g)])
    .reduce((sum, [, instances]) => sum + Number(instances), 0);
}
