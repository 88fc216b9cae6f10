// Makes a fresh clone runnable: npm packages for `npm start`, Debian packages too for `npm test`.
// Plain JavaScript for Node 20, since it runs before the project's own Node 24 is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { missingDebianPackages, suitesWithout } from './debian-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stampPath = join(modules, '.kuva-setup');
const OLDEST_NODE = [22, 18];

const failure = installNodeModules() ?? (process.argv.includes('--test') ? installDebianPackages() : undefined);
if (failure !== undefined) {
  console.error(`setup: ${failure}`);
  process.exitCode = 1;
}

/** @returns {string | undefined} one line that says why it failed and what to do */
function installNodeModules() {
  const wanted = stamp();
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return undefined;

  console.log('setup: installing npm packages (once, and again when package-lock.json changes)');
  // `npm ci` refuses a lock that lacks optional binaries of platforms which the registry at hand does not carry; this takes
  // the lock's versions all the same and leaves the lock alone. No install script runs: better-sqlite3 carries its binaries.
  const npm = run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  if (npm.status !== 0)
    return `npm install failed (${reason(npm)}); check the network and the npm registry setting, then try again`;

  if (!existsSync(join(modules, '.bin', 'node')) && !isNewEnough(process.versions.node)) {
    return `no packaged Node 24 for ${process.platform}-${process.arch}; install Node >= ${OLDEST_NODE.join('.')} yourself`;
  }
  linkCommand();
  writeFileSync(stampPath, wanted);
  return undefined;
}

// A clone is not installed anywhere, so `npx kuva` finds its command only through this link.
function linkCommand() {
  const link = join(modules, '.bin', 'kuva');
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync('../../scripts/kuva', link);
}

function installDebianPackages() {
  const missing = missingDebianPackages();
  if (missing.length === 0) return undefined;

  const isRoot = process.getuid?.() === 0;
  if (isRoot && run('apt-get', ['--version']).status === 0) {
    const failed = aptInstall(missing);
    if (failed === undefined) return undefined;
    return absent(missing, failed);
  }
  return absent(missing, isRoot ? 'no apt-get here' : 'not root');
}

/** @param {string[]} packages */
function aptInstall(packages) {
  console.log(`setup: installing Debian packages ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-q', '--no-install-recommends', ...packages];
  let apt = run('apt-get', install, env);
  if (apt.status !== 0) {
    // The package lists may be absent or too old to find the files that they name.
    run('apt-get', ['update', '-q'], env);
    apt = run('apt-get', install, env);
  }
  if (apt.status !== 0) return `apt-get failed (${reason(apt)})`;
  stopServices(packages);
  return undefined;
}

// Debian starts a server as it installs it. Only one that this run has installed is stopped: it holds ports the tests do not want.
function stopServices(packages) {
  if (!packages.includes('orthanc')) return;
  if (existsSync('/run/systemd/system')) run('systemctl', ['disable', '--now', 'orthanc.service']);
  else if (existsSync('/etc/init.d/orthanc')) run('/etc/init.d/orthanc', ['stop']);
}

// Without the tools the rest is still worth running; in CI a suite that silently stays away would be a lie.
function absent(missing, why) {
  const line = `Debian packages missing (${why}): ${missing.join(' ')}; these suites will not run: ${suitesWithout(missing).join(', ')}`;
  if (process.env['CI']) return line;
  console.warn(`setup: ${line}`);
  return undefined;
}

function stamp() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

function run(command, args, env = process.env) {
  return spawnSync(command, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 64 << 20 });
}

function reason(result) {
  const lines = `${result.stderr ?? ''}`.split('\n').filter((line) => line.trim() !== '');
  return result.error?.message ?? lines.find((line) => /\b(E:|error)\b/i.test(line))?.trim() ?? `exit ${result.status}`;
}
