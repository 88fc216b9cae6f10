import type { Command } from 'commander';
import { tagText } from '../dicom/dictionary.ts';
import { Quarantine } from '../store/quarantine.ts';
import type { QuarantineEntry } from '../store/quarantine.ts';
import { nodeStoreFs } from '../store/store-fs.ts';
import { addCommand, addGroup, contextOf } from './command-context.ts';
import type { CliEnvironment, CommandContext } from './command-context.ts';
import { CommandFailedError, UsageError } from './exit-codes.ts';
import { existingStorage } from './open-index.ts';
import { humanBytes } from './output.ts';

export function addQuarantineCommands(program: Command, environment: CliEnvironment): void {
  const quarantine = addGroup(
    program,
    'quarantine',
    'objects that could not be indexed and were refused; their bytes are kept for you',
    ['kuva quarantine list', 'kuva quarantine show 9f86d081'],
  );

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
    summary: 'one object, and the path of its file; the first 8 digits or more are enough',
    examples: [
      'kuva quarantine show 9f86d081',
      'dcmdump +P PatientID "$(kuva quarantine show SHA256 --json | jq -r .path)"',
    ],
  }).action(async (sha256: string, _options: unknown, command: Command) => {
    const context = contextOf(environment, command);
    const entry = await entryOf(open(context), sha256.toLowerCase());
    const facts = Object.entries(entry.facts).filter(([, value]) => value !== undefined && value !== null);
    context.out.record(entry, {
      file: entry.path,
      size: humanBytes(entry.size),
      reason: `${entry.text} (${entry.code})`,
      received: `${entry.times} times, ${entry.firstReceivedAt} to ${entry.lastReceivedAt}`,
      ...Object.fromEntries(facts.map(([name, value]) => [name, factText(name, value)])),
    });
  });
}

/** The one entry whose SHA-256 begins so. */
async function entryOf(quarantine: Quarantine, prefix: string): Promise<QuarantineEntry> {
  if (!/^[0-9a-f]{8,64}$/.test(prefix))
    throw new UsageError(`${prefix} is no SHA-256: write at least its first 8 hexadecimal digits`);
  const found: QuarantineEntry[] = [];
  for await (const entry of quarantine.list()) {
    if (entry.sha256.startsWith(prefix)) found.push(entry);
  }
  const [first] = found;
  if (first === undefined)
    throw new CommandFailedError(`there is no ${prefix} in quarantine; kuva quarantine list shows what there is`);
  // The same object may lie there for more than one year.
  if (found.some((entry) => entry.sha256 !== first.sha256))
    throw new CommandFailedError(
      `${found.length} objects in quarantine begin with ${prefix}: write more of ${found.map(({ sha256 }) => sha256).join(', ')}`,
    );
  return first;
}

// A tag is a number in the facts; people know it as (gggg,eeee).
function factText(name: string, value: QuarantineEntry['facts'][string]): string {
  return name === 'tag' && typeof value === 'number' && value !== 0 ? tagText(value) : String(value);
}

function open(context: CommandContext): Quarantine {
  const { quarantine, spool } = existingStorage(context.config);
  return new Quarantine({ fs: nodeStoreFs, root: quarantine, spool, clock: Date.now });
}
