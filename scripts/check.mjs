// The one driver behind `npm test`: static checks, then every test suite, then one line of real counts.
//   npm test                    everything
//   npm test -- lint unit       only these parts
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const STATIC = [
  { name: 'format', command: ['oxfmt', '--check'], remedy: 'npm run format' },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'] },
  { name: 'schema', command: ['node', 'scripts/dump-schema.mjs', '--check'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'dead-code', command: ['knip', '--no-progress', '--treat-config-hints-as-errors'] },
];

// Suites that start servers, fill disks or count kills measure nothing when they share two cores with another suite's files.
const ONE_AT_A_TIME = new Set(['crash', 'faults']);
const NOT_SUITES = new Set(['support', 'bench', 'soak']);
const FIRST = ['unit', 'gates'];
const REASON_LINES = 12;

const suites = findSuites();
const known = [...STATIC.map((check) => check.name), ...suites.map((suite) => suite.name)];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`unknown part ${unknown.join(', ')}; the parts are: ${known.join(' ')}`);
  process.exit(2);
}

const results = [];
const scratch = mkdtempSync(join(tmpdir(), 'kuva-check-'));
try {
  for (const check of STATIC) if (isAsked(check.name)) results.push(runStatic(check));
  for (const suite of suites) if (isAsked(suite.name)) results.push(runSuite(suite));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = summarise(results);

function isAsked(name) {
  return asked.length === 0 || asked.includes(name);
}

// `unit` is the tests beside the source; every folder of test/ that holds tests is a suite of its name.
function findSuites() {
  const folders = readdirSync(join(root, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_SUITES.has(entry.name))
    .map((entry) => ({ name: entry.name, path: `test/${entry.name}/` }))
    .sort((a, b) => a.name.localeCompare(b.name));
  const all = [
    { name: 'unit', path: 'src/' },
    ...folders,
    { name: 'support', path: 'test/support/' },
    { name: 'bench', path: 'test/bench/' },
  ];
  return all.filter((suite) => hasTests(join(root, suite.path))).sort((a, b) => rank(a.name) - rank(b.name));
}

function rank(name) {
  const first = FIRST.indexOf(name);
  if (first >= 0) return first;
  return ONE_AT_A_TIME.has(name) ? FIRST.length + 1 : FIRST.length;
}

function hasTests(folder) {
  return existsSync(folder) && readdirSync(folder, { recursive: true }).some((path) => path.endsWith('.test.ts'));
}

function runStatic({ name, command: [tool, ...args], remedy }) {
  heading(name);
  const started = performance.now();
  const { status } = run(tool, args);
  if (status !== 0 && remedy !== undefined) console.log(`${name}: ${remedy}`);
  return {
    name,
    passed: status === 0 ? 1 : 0,
    failed: status === 0 ? 0 : 1,
    skipped: 0,
    ms: performance.now() - started,
  };
}

function runSuite({ name, path }) {
  heading(name);
  const started = performance.now();
  const report = join(scratch, `${name}.json`);
  const args = ['run', path, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  if (ONE_AT_A_TIME.has(name)) args.push('--no-file-parallelism');
  const { status } = run('vitest', args);
  const counts = readReport(report);
  // A file that fails to load, an unhandled rejection or a leak has no failed test of its own; it must not look like success.
  const failed = status !== 0 && counts.failed === 0 ? 1 : counts.failed;
  return { name, ...counts, failed, ms: performance.now() - started };
}

function readReport(report) {
  if (!existsSync(report)) return { passed: 0, failed: 0, skipped: 0, failures: [] };
  const json = JSON.parse(readFileSync(report, 'utf8'));
  return {
    passed: json.numPassedTests,
    failed: json.numFailedTests,
    skipped: json.numPendingTests + json.numTodoTests,
    failures: json.testResults.flatMap((file) => readFailures(file)),
  };
}

// The file's own message is what kept it from loading.
function readFailures({ name, message, assertionResults }) {
  const file = relative(root, name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0 && message) return [{ title: file, reason: message }];
  return failed.map((test) => ({ title: `${file}: ${test.fullName}`, reason: test.failureMessages.join('\n') }));
}

function run(tool, args) {
  const bin = join(root, 'node_modules', '.bin');
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const program = tool === 'node' ? process.execPath : join(bin, tool);
  const result = spawnSync(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.error !== undefined) console.error(`${tool}: ${result.error.message}`);
  return result;
}

function heading(name) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}`);
}

function summarise(all) {
  heading('summary');
  for (const { name, passed, failed, skipped, ms } of all) {
    const note = skipped > 0 ? `, ${skipped} skipped` : '';
    console.log(
      `${failed > 0 ? 'FAIL' : ' ok '} ${name.padEnd(14)} ${passed} passed, ${failed} failed${note} (${(ms / 1000).toFixed(1)} s)`,
    );
  }
  // Said once more at the end, where the reader of a long log looks first.
  for (const { title, reason } of all.flatMap((result) => result.failures ?? []))
    console.log(`\n× ${title}\n${reason.split('\n').slice(0, REASON_LINES).join('\n')}`);
  const sum = (key) => all.reduce((total, result) => total + result[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  return sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
}
