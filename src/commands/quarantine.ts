import type { Command } from 'commander';
import { Quarantine } from '../store/quarantine.ts';
import type { QuarantineEntry } from '../store/quarantine.ts';
import { nodeStoreFs } from '../store/store-fs.ts';
import { addCommand, contextOf } from './command-context.ts';
import type { CliEnvironment, CommandContext } from './command-context.ts';
import { CommandFailedError } from './exit-codes.ts';
import { existingStorage } from './open-index.ts';
import { humanBytes } from './output.ts';

export function addQuarantineCommands(program: Command, environment: CliEnvironment): void {
  const quarantine = program
    .command('quarantine')
    .description('objects that could not be indexed and were refused; their bytes are kept for you');

  addCommand(quarantine, {
    usage: 'list',
    summary: 'all objects in quarantine, with the reason',
    examples: ['kuva quarantine list', 'kuva quarantine list --json'],
  }).action(async (_options: unknown, command: Command) => {
    const context = contextOf(environment, command);
    const entries: QuarantineEntry[] = [];
    for await (const entry of open(context).list()) entries.push(entry);
    context.out.list(
      entries,
      [
        { title: 'last received', value: (entry) => entry.lastReceivedAt },
        { title: 'times', value: (entry) => entry.times, align: 'right' },
        { title: 'size', value: (entry) => humanBytes(entry.size), align: 'right' },
        { title: 'code', value: (entry) => entry.code },
        { title: 'reason', value: (entry) => entry.text },
        { title: 'sha256', value: (entry) => entry.sha256 },
      ],
      'the quarantine is empty',
    );
  });

  addCommand(quarantine, {
    usage: 'show <sha256>',
    summary: 'one object, and the path of its file',
    examples: [
      'kuva quarantine show 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      'dcmdump +P PatientID "$(kuva quarantine show SHA256 --json | jq -r .path)"',
    ],
  }).action(async (sha256: string, _options: unknown, command: Command) => {
    const context = contextOf(environment, command);
    const entry = await open(context).show(sha256.toLowerCase());
    if (entry === undefined)
      throw new CommandFailedError(`there is no ${sha256} in quarantine; kuva quarantine list shows what there is`);
    const facts = Object.entries(entry.facts).filter(([, value]) => value !== undefined && value !== null);
    context.out.record(entry, {
      file: entry.path,
      size: humanBytes(entry.size),
      reason: `${entry.text} (${entry.code})`,
      received: `${entry.times} times, ${entry.firstReceivedAt} to ${entry.lastReceivedAt}`,
      ...Object.fromEntries(facts.map(([name, value]) => [name, String(value)])),
    });
  });
}

function open(context: CommandContext): Quarantine {
  const { quarantine, spool } = existingStorage(context.config);
  return new Quarantine({ fs: nodeStoreFs, root: quarantine, spool, clock: Date.now });
}
