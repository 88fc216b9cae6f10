import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestCertificates } from '../dimse/certificates.ts';
import type { Rsyslog } from '../support/rsyslog.ts';
import { readRecord } from './syslog-frames.ts';
import type { SyslogRecord } from './syslog-frames.ts';

/** Writes the certificates where a node finds them; the `audit` section of a configuration that sends to this repository. */
export function auditSection(folder: string, certificates: TestCertificates, port: number): Record<string, unknown> {
  mkdirSync(folder, { recursive: true });
  const file = (name: string, content: Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const tls = {
    ca: file('ca.pem', certificates.ca),
    cert: file('cert.pem', certificates.client.cert),
    key: file('key.pem', certificates.client.key),
  };
  return { repository: { host: '127.0.0.1', port, tls }, retryFirst: '100ms', retryMax: '1s' };
}

/** What has arrived at a repository, as it came. */
export function arrived(repository: Rsyslog): SyslogRecord[] {
  return repository.messages().map((line) => readRecord(line, Buffer.byteLength(line)));
}

/** What has arrived without what came a second time, by sequenceId; what is wrong with the order or with a repetition. */
export function distinct(records: readonly SyslogRecord[]): { messages: SyslogRecord[]; faults: string[] } {
  const first = new Map<number, SyslogRecord>();
  const faults: string[] = [];
  let last = 0;
  for (const record of records) {
    const before = first.get(record.sequenceId);
    if (before === undefined) {
      if (record.sequenceId !== last + 1) faults.push(`${record.sequenceId} came after ${last}`);
      last = record.sequenceId;
      first.set(record.sequenceId, record);
    } else if (before.message !== record.message) faults.push(`${record.sequenceId} came twice and differs`);
  }
  return { messages: [...first.values()], faults };
}
