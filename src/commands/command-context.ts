import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { settingFromFlag } from '../config/sources.ts';
import type { Setting } from '../config/sources.ts';
import { Output } from './output.ts';
import type { OutputStreams } from './output.ts';

/** A running node, as far as `kuva start` needs it. */
export interface RunnableNode {
  readonly dicomPort: number;
  /** Null when monitoring over HTTP is off. */
  readonly httpPort: number | null;
  listen(): Promise<void>;
  /** Orderly: releases or aborts associations within the grace time, then closes index and store. */
  close(): Promise<void>;
  /** Settles with the cause when the node can no longer keep its promise and must end. */
  readonly failed: Promise<Error>;
  log(message: string): void;
}

/** The queue at work, as far as `kuva egress` needs it. */
export interface RunnableEgress extends AsyncDisposable {
  readonly destinations: readonly string[];
  wake(): void;
  /** Settles with the cause when the queue can no longer be trusted. */
  readonly failed: Promise<Error>;
}

/** The node that started this process. */
export interface ParentNode {
  /** Its configuration, which it sends first. */
  config(): Promise<Config>;
  onWake(handler: () => void): void;
  /** Settles when the node is gone, however that came. */
  readonly gone: Promise<'gone'>;
}

/** What the command line gets from the process; a parameter, so that nothing below reads globals. */
export interface CliEnvironment extends OutputStreams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Folder of the installation, with `config/` and `storage/`. */
  readonly home: string;
  /** Loads the node only when it is started, so that other commands stay quick. */
  readonly loadNode: () => Promise<{ createNode: (config: Config) => Promise<RunnableNode> }>;
  readonly loadEgress: () => Promise<{ createEgress: (config: Config) => Promise<RunnableEgress> }>;
  /** Undefined when this process was started by somebody else. */
  readonly parent: ParentNode | undefined;
  readonly setExitCode: (code: number) => void;
}

interface CommonOptions {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly storage?: string;
  readonly json?: boolean;
}

/** What every command gets beside its own arguments. */
export class CommandContext {
  readonly environment: CliEnvironment;
  readonly out: Output;
  readonly #options: CommonOptions;
  #loaded: LoadedConfig | undefined;

  constructor(environment: CliEnvironment, options: CommonOptions) {
    this.environment = environment;
    this.#options = options;
    this.out = new Output(options.json === true, environment);
  }

  /** The configuration, read once. @throws ConfigError */
  get config(): Config {
    return this.load([]).config;
  }

  /** As `config`, with the settings of a command's own flags over everything. @throws ConfigError */
  load(flags: readonly Setting[]): LoadedConfig {
    this.#loaded ??= loadConfig({
      home: this.environment.home,
      cwd: this.environment.cwd,
      file: this.#options.config,
      env: this.environment.env,
      flags: [...(this.#options.set ?? []).map(settingFromFlag), ...storageSetting(this.#options), ...flags],
    });
    return this.#loaded;
  }
}

function storageSetting({ storage }: CommonOptions): Setting[] {
  return storage === undefined ? [] : [{ path: ['storage', 'root'], value: storage, origin: '--storage' }];
}

export interface CommandSpec {
  /** Name with its arguments, such as `show <aet>`. */
  readonly usage: string;
  readonly summary: string;
  /** Lines shown under "Example:" in the help; each command has at least one. */
  readonly examples: readonly string[];
  /** Of its group: what is meant when no command is named. */
  readonly isDefault?: true;
}

/** Adds a command with the options that every command has. */
export function addCommand(parent: Command, spec: CommandSpec): Command {
  const command = parent.command(spec.usage, { isDefault: spec.isDefault ?? false }).description(spec.summary);
  addCommonOptions(command);
  return addExamples(command, spec.examples);
}

/** Adds a command that has only commands below it. */
export function addGroup(program: Command, name: string, summary: string, examples: readonly string[]): Command {
  return addExamples(program.command(name).description(summary), examples);
}

function addExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExample:\n${examples.map((line) => `  ${line}`).join('\n')}`);
}

export function addCommonOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (default: config/kuva.yaml when it exists)')
    .option('--set <key=value>', 'one setting over file and environment; may be repeated', collect, undefined)
    .option('--storage <folder>', 'storage folder (storage.root)')
    .option('--json', 'JSON lines on standard output');
}

/** For options that may be repeated. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** The context of a command that is running. */
export function contextOf(environment: CliEnvironment, command: Command): CommandContext {
  return new CommandContext(environment, command.optsWithGlobals());
}
