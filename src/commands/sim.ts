import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { errorCode } from '../core/errors.ts';
import { isAeTitle } from '../dimse/ul/ae-title.ts';
import type { SimPeer, SimTls } from '../sim/sim-caller.ts';
import { eventLine } from '../sim/sim-events.ts';
import type { SimEvent } from '../sim/sim-events.ts';
import type { Keeping } from '../sim/sim-objects.ts';
import { SimScriptError, readRule, readScript } from '../sim/sim-script.ts';
import type { SimScript } from '../sim/sim-script.ts';
import { SimArchive } from '../sim/sim-archive.ts';
import { addCommand, addGroup, collect, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { stopSignal } from './stop-signal.ts';

interface SimOptions {
  readonly host: string;
  readonly port: string;
  readonly keep: string;
  readonly script?: string;
  readonly rule?: readonly string[];
  readonly ae?: readonly string[];
  readonly full?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
  readonly readyFile?: string;
}

export function addSimCommands(program: Command, environment: CliEnvironment): void {
  const sim = addGroup(program, 'sim', 'simulated counterparts, for tests and rehearsals', [
    'kuva sim archive --port 11190 --ae KUVA=127.0.0.1:11112',
  ]);

  addCommand(sim, {
    usage: 'archive',
    summary: 'an archive that misbehaves as a script says; prints what it receives, one event a line',
    examples: [
      'kuva sim archive --port 11190 --ae KUVA=127.0.0.1:11112',
      'kuva sim archive --rule "store nth=3 status=A700" --rule "commitment answer=never times=1" --json',
      'kuva sim archive --script rehearsal.yaml --keep /tmp/archive',
      '  rehearsal.yaml:  rules:',
      '                   - {on: store, sopClass: 1.2.840.10008.5.1.4.1.1.2, every: 10, abort: during}',
      '                   - {on: commitment, via: new, fail: 2, reason: 0112, reportAfter: 5s}',
      '                   - {on: associate, after: 60s, until: 90s, refuse: congestion}',
      'kill -USR1 PID        # full (A700) until the next one; kill -HUP PID reads the script again',
      'storescu -aec ARCHIVE 127.0.0.1 11190 image.dcm        # something to receive',
    ],
  })
    .option('--host <address>', 'listen on this address', '127.0.0.1')
    .option('--port <number>', 'listen on this port, 0 chooses a free one', '0')
    .option(
      '--keep <where>',
      'memory, nothing (sizes and SHA-256 only), or a folder that the next run takes up',
      'memory',
    )
    .option('--script <file>', 'what it does otherwise than an archive would, as YAML or JSON')
    .option('--rule <words>', 'one rule in place of a script, before its rules; may be repeated', collect, undefined)
    .option(
      '--ae <title=host:port>',
      'where an AE listens, for commitment reports on a new association and for C-MOVE; with TLS title=tls:host:port; may be repeated',
      collect,
      undefined,
    )
    .option('--full', 'begin as a full archive: A700 to every C-STORE')
    .option('--tls-cert <file>', 'certificate: TLS only, and callers must show one of an authority in --tls-ca')
    .option('--tls-key <file>', 'its key')
    .option('--tls-ca <file>', 'authorities of the callers')
    .option('--ready-file <path>', 'write {"ready":true,"dicomPort":…,"pid":…} here once it listens')
    .action(async (options: SimOptions, command: Command) => {
      const { out } = contextOf(environment, command);
      const script = (): SimScript => scriptOf(options, environment.cwd);
      const tell = (event: SimEvent): void => {
        if (out.json) out.record({ at: new Date().toISOString(), ...event }, {});
        else out.raw(eventLine(event));
      };
      using stop = stopSignal((line) => out.say(line));
      await using archive = new SimArchive({
        host: options.host,
        port: portOf(options.port),
        tls: tlsFiles(options, environment.cwd),
        keeping: keepingOf(options.keep, environment.cwd),
        script: script(),
        peers: new Map((options.ae ?? []).map(peerOf)),
        tell,
        now: () => performance.now(),
      });
      const dicomPort = await archive.listen().catch((error: unknown) => {
        throw new CommandFailedError(`${options.host}:${options.port} cannot be listened on (${errorCode(error)})`);
      });
      using _ = onSignals({
        SIGUSR1: () => archive.setFull(!archive.rules.full),
        SIGHUP: () => {
          try {
            archive.rules.replace(script());
            tell({ event: 'script', read: true });
          } catch (error) {
            tell({ event: 'script', read: false, reason: String(error instanceof Error ? error.message : error) });
          }
        },
      });
      const ready = { ready: true, dicomPort, pid: process.pid };
      if (out.json) out.record(ready, {});
      else out.raw(`simulated archive on ${options.host}:${dicomPort}, ${archive.objects.size} objects`);
      const readyFile = options.readyFile === undefined ? undefined : resolve(environment.cwd, options.readyFile);
      if (readyFile !== undefined) {
        writeFileSync(`${readyFile}.${process.pid}`, `${JSON.stringify(ready)}\n`);
        renameSync(`${readyFile}.${process.pid}`, readyFile);
      }
      await stop.asked;
      if (readyFile !== undefined) rmSync(readyFile, { force: true });
    });
}

function scriptOf({ script, rule, full }: SimOptions, cwd: string): SimScript {
  try {
    const read = script === undefined ? readScript('', '') : readScript(textOf(resolve(cwd, script)), script);
    return { full: full ?? read.full, rules: [...(rule ?? []).map(readRule), ...read.rules] };
  } catch (error) {
    throw error instanceof SimScriptError ? new UsageError(error.message) : error;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--script ${path}: cannot be read (${errorCode(error)})`);
  }
}

function keepingOf(where: string, cwd: string): Keeping {
  return where === 'memory' || where === 'nothing' ? where : { folder: resolve(cwd, where) };
}

function portOf(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 65_535) {
    throw new UsageError(`--port ${text}: write a whole number from 0 to 65535`);
  }
  return Number(text);
}

function peerOf(text: string): [string, SimPeer] {
  const [, title = '', tls, host = '', port = ''] = /^([^=]*)=(tls:)?(.+):(\d{1,5})$/.exec(text) ?? [];
  if (!isAeTitle(title) || Number(port) < 1 || Number(port) > 65_535) {
    throw new UsageError(`--ae ${text}: write TITLE=HOST:PORT, such as KUVA=127.0.0.1:11112`);
  }
  return [title, { host, port: Number(port), tls: tls !== undefined }];
}

function tlsFiles({ tlsCert, tlsKey, tlsCa }: SimOptions, cwd: string): SimTls | undefined {
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined || tlsCa === undefined) {
    throw new UsageError('TLS needs all of --tls-cert, --tls-key and --tls-ca');
  }
  const path = (option: string, file: string): string => {
    try {
      readFileSync(resolve(cwd, file));
      return resolve(cwd, file);
    } catch (error) {
      throw new UsageError(`${option} ${file}: cannot be read (${errorCode(error)})`);
    }
  };
  return { cert: path('--tls-cert', tlsCert), key: path('--tls-key', tlsKey), ca: path('--tls-ca', tlsCa) };
}

function onSignals(handlers: Partial<Record<NodeJS.Signals, () => void>>): Disposable {
  const entries = Object.entries(handlers);
  for (const [signal, handler] of entries) process.on(signal, handler);
  return {
    [Symbol.dispose]: () => {
      for (const [signal, handler] of entries) process.removeListener(signal, handler);
    },
  };
}
