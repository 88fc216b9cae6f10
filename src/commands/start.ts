import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import { storagePaths } from '../config/storage-paths.ts';
import { errorCode } from '../core/errors.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment, RunnableNode } from './command-context.ts';
import { CommandFailedError } from './exit-codes.ts';
import type { Output } from './output.ts';
import { stopSignal } from './stop-signal.ts';

/** So long a node that has failed may take to end. */
const FAILED_END_MS = 10_000;

interface StartOptions {
  readonly host?: string;
  readonly port?: string;
  readonly httpPort?: string;
  readonly aet?: string;
  readonly readyFile?: string;
}

const FLAGS: readonly (readonly [option: keyof StartOptions, flag: string, path: readonly string[]])[] = [
  ['host', '--host', ['dicom', 'host']],
  ['port', '--port', ['dicom', 'port']],
  ['httpPort', '--http-port', ['http', 'port']],
  ['aet', '--aet', ['node', 'aeTitle']],
];

export function addStartCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'start',
    summary: 'run the node until SIGTERM or SIGINT; a second signal ends it at once',
    examples: [
      'kuva start',
      'kuva start --port 104 --aet ARCHIVE --storage /var/lib/kuva',
      'storescu -aec KUVA 127.0.0.1 11112 image.dcm        # then, from a modality',
    ],
  })
    .option('--host <address>', 'listen on this address (dicom.host)')
    .option('--port <number>', 'listen on this port, 0 chooses a free one (dicom.port)')
    .option('--http-port <number>', 'port of /healthz and /metrics (http.port)')
    .option('--aet <title>', 'AE title (node.aeTitle)')
    .option('--ready-file <path>', 'write {"ready":true,"dicomPort":…,"httpPort":…,"pid":…} here once the node listens')
    .action(async (options: StartOptions, command: Command) => {
      const context = contextOf(environment, command);
      const flags = FLAGS.flatMap(([option, flag, path]) =>
        options[option] === undefined ? [] : [{ path, value: options[option], origin: flag }],
      );
      const { config, file } = context.load(flags);
      const readyFiles = [
        storagePaths(config).ready,
        ...(options.readyFile === undefined ? [] : [resolve(environment.cwd, options.readyFile)]),
      ];

      let say = (line: string): void => context.out.say(line);
      using stop = stopSignal((line) => say(line));
      const { createNode } = await environment.loadNode();
      const node = await createNode(config);
      // Beside a log whose lines are JSON, text would be what its collector cannot read.
      say = (line) => node.log(line);
      let listening = false;
      try {
        await node.listen().catch((error: unknown) => {
          throw listenFailure(error);
        });
        listening = true;
        announce(context.out, node, config, file);
        for (const path of readyFiles) writeReadyFile(path, node);
        const end = await Promise.race([stop.asked, node.failed]);
        if (end instanceof Error) {
          // Nothing that hangs on a failed disk may keep a node that is of no use, and whoever would restart it, waiting.
          setTimeout(() => process.kill(process.pid, 'SIGKILL'), FAILED_END_MS).unref();
          throw new CommandFailedError(`the node ended: ${end.message}`);
        }
        say(`stopping on ${end}: open associations have ${config.node.shutdownGrace / 1000} s to end`);
      } finally {
        if (listening) for (const path of readyFiles) rmSync(path, { force: true });
        await node.close();
      }
    });
}

/** On standard output: standard error has the log, whose lines may be JSON that a collector reads. */
function announce(out: Output, node: RunnableNode, config: Config, file: string | null): void {
  const host = ['0.0.0.0', '::'].includes(config.dicom.host) ? '127.0.0.1' : config.dicom.host;
  const { aeTitle } = config.node;
  if (out.json) {
    out.record(readiness(node), {});
    return;
  }
  out.raw(
    `kuva ${aeTitle} listens on ${config.dicom.host}:${node.dicomPort}${config.dicom.tls === null ? '' : ' (TLS)'}, stores in ${config.storage.root}`,
  );
  out.raw(`  configuration  ${file ?? 'embedded defaults; config/production.example.yaml shows what can be set'}`);
  if (node.httpPort !== null) {
    out.raw(`  monitoring     http://${config.http.host}:${node.httpPort}/healthz and /metrics`);
  }
  if (config.node.role === 'national') {
    out.raw(
      '  role           national archive: every AE that stores needs an organisation (kuva ae add AET --organisation KEY)',
    );
  }
  if (config.access.anyCallingAet) {
    out.raw('  access         development default: any calling AE on this machine may store and query');
  }
  if (config.dicom.tls === null) {
    out.raw('Try:');
    out.raw(`  echoscu -aec ${aeTitle} ${host} ${node.dicomPort}`);
    out.raw(`  storescu -aec ${aeTitle} ${host} ${node.dicomPort} +sd +r FOLDER`);
    out.raw(
      `  findscu -S -aec ${aeTitle} ${host} ${node.dicomPort} -k QueryRetrieveLevel=STUDY -k PatientName -k StudyDate -k StudyInstanceUID`,
    );
  }
}

function listenFailure(error: unknown): unknown {
  const { port, address } = { port: 0, address: '', ...(error as { port?: number; address?: string }) };
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new CommandFailedError(
        `port ${port} of ${address} is taken by another program: give another one with --port or --http-port, or find it with ss -ltnp`,
      );
    case 'EACCES':
      return new CommandFailedError(
        `port ${port} needs a privilege: give one above 1023 with --port, or the capability CAP_NET_BIND_SERVICE to the service`,
      );
    case 'EADDRNOTAVAIL':
      return new CommandFailedError(`${address} is no address of this machine: correct dicom.host or http.host`);
    default:
      return error;
  }
}

/** Written aside and renamed, so that whoever waits for the file never reads half of it. */
function writeReadyFile(path: string, node: RunnableNode): void {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(readiness(node))}\n`);
  renameSync(aside, path);
}

function readiness(node: RunnableNode): object {
  return { ready: true, dicomPort: node.dicomPort, httpPort: node.httpPort, pid: process.pid };
}
