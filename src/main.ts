import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from './cli.ts';
import type { Config } from './config/schema.ts';
import { errorCode } from './core/errors.ts';
import type { SupervisorMessage } from './node/egress-supervisor.ts';

// Everything below storage.root is patient data or tells about it, and SQLite, journals and locks are made with the modes that the process
// allows: nothing for others, before anything is made. A stricter umask of the administrator stays.
process.umask(process.umask(0o027) | 0o027);

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };

// `kuva studies list | head` closes our standard output: an end, not an error.
process.stdout.on('error', (error) => {
  if (errorCode(error) !== 'EPIPE') throw error;
  process.exitCode = 0;
});

await runCli(
  process.argv.slice(2),
  {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    home: process.env['KUVA_HOME'] ?? home,
    loadNode: () => import('./node.ts'),
    loadEgress: () => import('./node/create-egress.ts'),
    parent: process.send === undefined ? undefined : parentNode(),
    setExitCode: (code) => {
      process.exitCode = code;
    },
  },
  version,
);

/** The node at the other end of the channel that this process was started with. */
function parentNode() {
  const config = Promise.withResolvers<Config>();
  const gone = Promise.withResolvers<'gone'>();
  let wake = (): void => {};
  process.on('message', (message: SupervisorMessage) => {
    if (message.kind === 'start') config.resolve(message.config);
    else wake();
  });
  process.once('disconnect', () => gone.resolve('gone'));
  return {
    config: () => config.promise,
    onWake: (handler: () => void) => void (wake = handler),
    gone: gone.promise,
  };
}
