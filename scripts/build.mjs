// `npm run build`: plain tsc to dist/, beside it the files that the program reads at run time.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, process.argv[2] ?? 'dist');

rmSync(dist, { recursive: true, force: true });
const tsc = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json', '--outDir', dist], {
  cwd: root,
  stdio: 'inherit',
});
if (tsc.status !== 0) process.exit(1);

for (const path of readdirSync(join(root, 'src'), { recursive: true })) {
  if (path.endsWith('.sql')) cpSync(join(root, 'src', path), join(dist, path));
}
for (const folder of ['profiles', 'examples']) {
  cpSync(join(root, 'config', folder), join(dist, 'config', folder), { recursive: true });
}

// tsc rewrites the ending of imports only: a worker's URL left at `.ts` would be found missing at run time, not here.
const stale = readdirSync(dist, { recursive: true }).filter(
  (path) => path.endsWith('.js') && /new URL\(\s*['"][^'"]+\.ts['"]/.test(readFileSync(join(dist, path), 'utf8')),
);
if (stale.length > 0) {
  console.error(`build: these files still name a .ts file in a URL: ${stale.join(', ')}`);
  process.exit(1);
}
