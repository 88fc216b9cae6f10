import type { Command } from 'commander';

export interface AskerOptions {
  readonly asker: string;
}

/** Who asks and why, where disclosure control is to decide on it. */
export function askerOption(command: Command): Command {
  return command.option(
    '--asker <text>',
    "who asks and why, as peers say it: 'user=…;role=…;purpose=CARE|EMERGENCY|…;reason=…' (profile: disclosure.asker)",
    '',
  );
}
