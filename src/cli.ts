import { Command, CommanderError } from 'commander';
import { KuvaError, errorCode } from './core/errors.ts';
import { printable } from './core/text.ts';
import { addCommonOptions } from './commands/command-context.ts';
import type { CliEnvironment } from './commands/command-context.ts';
import { addAeCommands } from './commands/ae.ts';
import { addAuthorisationCommands } from './commands/authorisation.ts';
import { addConsentCommands } from './commands/consent.ts';
import { addConsentsCommands } from './commands/consents.ts';
import { addDemoCommand } from './commands/demo/demo.ts';
import { addDenialCommands } from './commands/denial.ts';
import { addInformingCommands } from './commands/informing.ts';
import { addRelationCommands } from './commands/relation.ts';
import { addCheckCommand } from './commands/check.ts';
import { addCitizenCommands } from './commands/citizen/citizen.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addConfigCommands } from './commands/config.ts';
import { addConflictsCommand } from './commands/conflicts.ts';
import { addConformanceCommand } from './commands/conformance.ts';
import { addDocumentsCommands } from './commands/documents/documents.ts';
import { addEgressCommand } from './commands/egress.ts';
import { addEcgCommands } from './commands/ecg/ecg.ts';
import { addEvictCommand } from './commands/evict.ts';
import { addExportCommand } from './commands/export.ts';
import { addImportCommand } from './commands/import.ts';
import { addLogCommands } from './commands/log.ts';
import { addPatientCommand } from './commands/patient.ts';
import { addPeerCommands } from './commands/peer.ts';
import { addQuarantineCommands } from './commands/quarantine.ts';
import { addQueueCommands } from './commands/queue.ts';
import { addHeldCommand } from './commands/queue/queue-shape.ts';
import { addCertCommands } from './commands/registers/cert.ts';
import { addCodesCommands } from './commands/registers/codes.ts';
import { addOrgCommands } from './commands/registers/org.ts';
import { addRecallCommand } from './commands/recall.ts';
import { addPriorsCommands } from './commands/priors/priors.ts';
import { addReconcileCommands } from './commands/documents/reconcile.ts';
import { addReindexCommand } from './commands/reindex.ts';
import { addRejectionsCommands } from './commands/rejections.ts';
import { addProofCommands } from './commands/proof.ts';
import { addSimCommands } from './commands/sim.ts';
import { addStatsCommand } from './commands/stats.ts';
import { addStatusCommand } from './commands/status.ts';
import { addStudiesCommands } from './commands/studies.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { EXIT, EXIT_CODES_HELP, exitCodeOf } from './commands/exit-codes.ts';
import { addStartCommand } from './commands/start.ts';

const HELP = `
${EXIT_CODES_HELP}

Configuration: flag over environment (KUVA_DICOM__PORT=104 is dicom.port) over config/kuva.yaml over default.
Data goes to standard output, talk to standard error. --json gives one JSON object a line.

Example:
  kuva start
  kuva ae add CT1 --host 10.0.0.7 --port 104
  kuva studies list --json`;

// In the order of the help.
const COMMANDS: readonly ((program: Command, environment: CliEnvironment) => void)[] = [
  addStartCommand,
  addDemoCommand,
  addEgressCommand,
  addQueueCommands,
  addHeldCommand,
  addStatusCommand,
  addConfigCommands,
  addAeCommands,
  addOrgCommands,
  addCertCommands,
  addCodesCommands,
  addConsentCommands,
  addDenialCommands,
  addInformingCommands,
  addAuthorisationCommands,
  addRelationCommands,
  addConsentsCommands,
  addStudiesCommands,
  addPatientCommand,
  addDocumentsCommands,
  addReconcileCommands,
  addPriorsCommands,
  addEcgCommands,
  addCheckCommand,
  addConflictsCommand,
  addQuarantineCommands,
  addRejectionsCommands,
  addImportCommand,
  addExportCommand,
  addVerifyCommand,
  addEvictCommand,
  addRecallCommand,
  addReindexCommand,
  addPeerCommands,
  addProofCommands,
  addSimCommands,
  addCitizenCommands,
  addLogCommands,
  addStatsCommand,
  addConformanceCommand,
  addCompletionCommand,
];

/** The whole command line. */
function createProgram(environment: CliEnvironment, version: string): Command {
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
  for (const add of COMMANDS) add(program, environment);
  overrideExits(program);
  return program;
}

/** Runs one command line and sets the exit code; nothing here ends the process by itself. */
export async function runCli(args: readonly string[], environment: CliEnvironment, version: string): Promise<void> {
  try {
    await createProgram(environment, version).parseAsync([...args], { from: 'user' });
  } catch (error) {
    environment.setExitCode(report(error, environment));
  }
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
