import { ConfigError } from '../config/config-error.ts';
import { StorageInUseError } from '../config/storage-lock.ts';
import { KuvaError } from '../core/errors.ts';
import { AssociationError } from '../dimse/association-errors.ts';

/** What a command ends with; `kuva --help` lists them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  inUse: 5,
} as const;

export const EXIT_CODES_HELP = `Exit codes:
  0  done
  1  failed: something was damaged, refused, not found or interrupted; the message says what
  2  the command line or the configuration is wrong
  3  the peer or the node cannot be reached
  4  the peer rejected the association or answered with a failure
  5  the storage is in use by another process`;

/** The command line is wrong in a way that the option parser cannot see. */
export class UsageError extends KuvaError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super('USAGE', message);
  }
}

/** A command did its work and the answer is no; the message says what was found. */
export class CommandFailedError extends KuvaError {
  override readonly name = 'CommandFailedError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super('COMMAND_FAILED', message);
    this.exitCode = exitCode;
  }
}

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailedError) {
    return error.exitCode;
  }
  if (error instanceof ConfigError || error instanceof UsageError) {
    return EXIT.usage;
  }
  if (error instanceof StorageInUseError) {
    return EXIT.inUse;
  }
  if (error instanceof AssociationError) {
    return ['connect-failed', 'timed-out', 'closed'].includes(error.outcome) ? EXIT.unreachable : EXIT.refused;
  }
  return EXIT.failed;
}
