import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from './cli.ts';
import { errorCode } from './core/errors.ts';

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
    setExitCode: (code) => {
      process.exitCode = code;
    },
  },
  version,
);
