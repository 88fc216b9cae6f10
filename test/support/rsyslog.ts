import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { TestCertificates } from '../dimse/certificates.ts';
import { freePort, waitForPort } from './free-port.ts';
import { RunningProcess } from './run-process.ts';
import { tempDir } from './temp-dir.ts';
import type { TempDir } from './temp-dir.ts';

/**
 * A real rsyslog that takes syslog over TLS with client certificates, and writes each message on a line of a file: at once, not by way of a queue
 * in its memory, which a kill would take with it after the end of the connection has been answered.
 */
export class Rsyslog implements AsyncDisposable {
  readonly port: number;
  readonly #dir: TempDir;
  #process: RunningProcess | undefined;

  private constructor(dir: TempDir, port: number) {
    this.#dir = dir;
    this.port = port;
  }

  static async create(certificates: TestCertificates): Promise<Rsyslog> {
    const dir = await tempDir('kuva-rsyslog-');
    const server = new Rsyslog(dir, await freePort());
    writeFileSync(dir.file('ca.pem'), certificates.ca);
    writeFileSync(dir.file('cert.pem'), certificates.server.cert);
    writeFileSync(dir.file('key.pem'), certificates.server.key);
    writeFileSync(
      dir.file('rsyslog.conf'),
      `global(workDirectory="${dir.path}" maxMessageSize="64k"
  defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="${dir.file('ca.pem')}"
  defaultNetstreamDriverCertFile="${dir.file('cert.pem')}" defaultNetstreamDriverKeyFile="${dir.file('key.pem')}")
main_queue(queue.type="direct")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
template(name="plain" type="string" string="%rawmsg%\\n")
input(type="imtcp" address="127.0.0.1" port="${server.port}" ruleset="keep")
ruleset(name="keep") { action(type="omfile" file="${dir.file('audit.log')}" template="plain" asyncWriting="off") }
`,
    );
    return server;
  }

  async start(): Promise<void> {
    this.#process = new RunningProcess('/usr/sbin/rsyslogd', [
      '-n',
      '-f',
      this.#dir.file('rsyslog.conf'),
      '-i',
      this.#dir.file('pid'),
    ]);
    await waitForPort(this.port);
  }

  /** As a machine that fails. */
  async kill(): Promise<void> {
    await this.#process?.stop('SIGKILL');
    this.#process = undefined;
  }

  /** Every message received so far, as it came. */
  messages(): string[] {
    const file = this.#dir.file('audit.log');
    return existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.stop('SIGKILL');
    await this.#dir[Symbol.asyncDispose]();
  }
}
