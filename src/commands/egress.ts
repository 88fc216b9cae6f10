import { Option } from 'commander';
import type { Command } from 'commander';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { existingStorage } from './open-index.ts';
import { stopSignal } from './stop-signal.ts';

export function addEgressCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'egress',
    summary: 'forward studies to the archive until SIGTERM or SIGINT; kuva start does it by itself (egress.supervise)',
    examples: [
      'kuva egress        # as a service of its own, beside kuva start --set egress.supervise=false',
      'kuva egress --set egress.destination.aeTitle=ARCHIVE --set egress.destination.host=archive.example.org',
      'storescp --aetitle ARCHIVE 11113        # an archive to try it with that commits nothing',
    ],
  })
    // Started by a node, which sends its configuration.
    .addOption(new Option('--supervised').hideHelp())
    .action(async (options: { supervised?: boolean }, command: Command) => {
      const context = contextOf(environment, command);
      using stop = stopSignal((line) => context.out.say(line));
      const { parent } = environment;
      if (options.supervised === true && parent === undefined)
        throw new UsageError('--supervised is for kuva start: leave it out');
      const config = options.supervised === true && parent !== undefined ? await parent.config() : context.config;
      existingStorage(config);
      const { createEgress } = await environment.loadEgress();
      await using egress = await createEgress(config);
      parent?.onWake(() => egress.wake());
      if (options.supervised !== true) context.out.say(`forwarding to ${egress.destinations.join(', ')}`);
      const end = await Promise.race([stop.asked, egress.failed, ...(parent === undefined ? [] : [parent.gone])]);
      if (end instanceof Error) throw new CommandFailedError(`forwarding ended: ${end.message}`);
    });
}
