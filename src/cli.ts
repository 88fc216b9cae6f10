import { Command, CommanderError } from 'commander';
import { KuvaError, errorCode } from './core/errors.ts';
import { printable } from './core/text.ts';
import { addCommonOptions } from './commands/command-context.ts';
import type { CliEnvironment } from './commands/command-context.ts';
import { COMMANDS } from './cli/command-table.ts';
import { EXIT, EXIT_CODES_HELP, exitCodeOf } from './commands/exit-codes.ts';

const HELP = `
${EXIT_CODES_HELP}

Configuration: flag over environment (KUVA_DICOM__PORT=104 is dicom.port) over config/kuva.yaml over default.
Data goes to standard output, talk to standard error. --json gives one JSON object a line.

Example:
  kuva start
  kuva ae add CT1 --host 10.0.0.7 --port 104
  kuva studies list --json`;

/** The command line, with as many commands as these arguments want: one that is named first, or all of them. */
async function createProgram(args: readonly string[], environment: CliEnvironment, version: string): Promise<Command> {
  const program = new Command('kuva')
    .description('DICOM archive node: a positive answer means that the bytes and the index survive power loss')
    .version(version)
    .helpCommand(false)
    .showHelpAfterError('(kuva --help lists the commands)')
    .configureOutput({
      writeOut: (text) => environment.stdout.write(text),
      writeErr: (text) => environment.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'kuva: ')),
    })
    .addHelpText('after', HELP);
  addCommonOptions(program);
  for (const add of await Promise.all(wanted(args).map(({ load }) => load()))) add(program, environment);
  overrideExits(program);
  return program;
}

/** Runs one command line and sets the exit code; nothing here ends the process by itself. */
export async function runCli(args: readonly string[], environment: CliEnvironment, version: string): Promise<void> {
  try {
    const program = await createProgram(args, environment, version);
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    environment.setExitCode(report(error, environment));
  }
}

/** Help, completion and mistyped names need them all; the version needs none. */
function wanted([first]: readonly string[]): typeof COMMANDS {
  if (first === '--version' || first === '-V') return [];
  const named = COMMANDS.filter(({ name }) => name === first);
  return first === 'completion' || named.length === 0 ? COMMANDS : named;
}

function report(error: unknown, environment: CliEnvironment): number {
  if (error instanceof CommanderError) {
    // Help and version that were asked for are no mistakes.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (error instanceof KuvaError || errorCode(error) !== 'UNKNOWN') {
    for (const line of String(error instanceof Error ? error.message : error).split('\n')) {
      environment.stderr.write(`kuva: ${printable(line)}\n`);
    }
  } else {
    environment.stderr.write(
      `kuva: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  }
  return exitCodeOf(error);
}

// Commander's settings are not inherited by commands that were added before they were set.
function overrideExits(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    overrideExits(child);
  }
}
