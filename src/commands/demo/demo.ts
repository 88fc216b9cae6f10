import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadProfile } from '../../profile/load-profile.ts';
import { addCommand, contextOf } from '../command-context.ts';
import type { CliEnvironment } from '../command-context.ts';
import { CommandFailedError } from '../exit-codes.ts';
import { playDemo } from './demo-story.ts';
import { Narrator } from './narrator.ts';

export function addDemoCommand(program: Command, environment: CliEnvironment): void {
  addCommand(program, {
    usage: 'demo',
    summary:
      'two organisations and the national archive on this machine: forwarding, documents, consent and denial, the citizen, the log; takes a minute or two',
    examples: ['kuva demo', 'kuva demo --keep /tmp/kuva-demo        # then look at what each node holds'],
  })
    .option('--keep <folder>', 'play in this new folder and leave it (default: a temporary one, removed at the end)')
    .action(async (options: { keep?: string }, command: Command) => {
      const { out, config } = contextOf(environment, command);
      const kept = options.keep === undefined ? undefined : resolve(environment.cwd, options.keep);
      if (kept !== undefined) mkdirSync(kept);
      const folder = kept ?? mkdtempSync(join(tmpdir(), 'kuva-demo-'));
      const tell = new Narrator(out);
      try {
        const { home } = environment;
        await playDemo({ folder, home, profile: loadProfile(config.profile), now: Date.now(), tell });
      } finally {
        if (kept === undefined) rmSync(folder, { recursive: true, force: true });
        out.say('');
        out.list(
          tell.scenes,
          [
            { title: 'scene', value: (row) => row.scene },
            { title: 'expected', value: (row) => row.expected },
            { title: 'seen', value: (row) => row.seen },
            { title: '', value: (row) => (row.ok ? 'ok' : 'NOT') },
          ],
          'nothing was played',
        );
      }
      const wrong = tell.scenes.filter(({ ok }) => !ok);
      if (wrong.length > 0) throw new CommandFailedError(`${wrong.length} scenes did not go as they should`);
      if (kept !== undefined) out.say(`everything is in ${kept}`);
    });
}
