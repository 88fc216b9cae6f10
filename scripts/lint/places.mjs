// Where each part of the source stands: a file may import from its own place and from lower ranks, nothing else.
import { dirname, join, relative, sep } from 'node:path';

// Places of one rank are siblings and do not import each other.
const RANKS = [
  ['core'],
  ['config', 'observability', 'identity'],
  ['dicom', 'profile'],
  ['dimse'],
  ['store', 'index'],
  ['registers', 'nomenclature', 'documents', 'access-log', 'audit', 'dose'],
  ['policy', 'disclosure'],
  ['ingest', 'retrieve', 'recovery', 'readiness'],
  ['services'],
  ['egress', 'priors', 'search', 'citizen', 'sim', 'support'],
  ['transfer'],
  ['commands'],
  ['node'],
  ['cli'],
  ['main'],
];

// A package whose types and habits must not spread beyond the part that adapts it.
const ADAPTERS = new Map([
  ['better-sqlite3', ['src/index/', 'test/', 'scripts/']],
  ['dcmjs-dimse', ['src/commands/', 'test/', 'scripts/']],
]);

// What a place must have no way to, though it lies lower.
const CLOSED = new Map([
  // The citizen reads documents and never gets images (Mina Kanta).
  ['citizen', ['dicom', 'dimse', 'store', 'ingest', 'retrieve', 'recovery', 'services']],
]);

// These measure one part from inside and say so.
const INSIDE_BENCHES = new Set([
  'test/bench/disclosure-scale.ts',
  'test/bench/fill-log.ts',
  'test/bench/index-scale.ts',
  'test/bench/scale-index.ts',
  'test/bench/multiply-index.ts',
  'test/bench/synthetic-studies.ts',
]);

/**
 * @param {string} root absolute path of the project
 * @param {string} file absolute path of the importing file
 * @param {string} specifier as written
 * @returns {string | undefined} why this import is not allowed
 */
export function refuseImport(root, file, specifier) {
  const from = toProjectPath(root, file);
  if (!specifier.startsWith('.')) return refusePackage(from, specifier);

  const to = toProjectPath(root, join(dirname(file), specifier));
  const isTest = from.startsWith('test/') || from.endsWith('.test.ts');
  if (from.startsWith('test/bench/') && to.startsWith('src/') && !INSIDE_BENCHES.has(from)) {
    return 'the benchmark measures from outside: it shares no code with what it measures';
  }
  if (!from.startsWith('src/')) return undefined;
  if (!to.startsWith('src/')) return isTest || to === 'package.json' ? undefined : `source does not import ${to}`;
  return refuseOrder(from, to);
}

function refuseOrder(from, to) {
  const [fromPlace, toPlace] = [placeOf(from), placeOf(to)];
  if (fromPlace === toPlace) return undefined;
  const [fromRank, toRank] = [rankOf(fromPlace), rankOf(toPlace)];
  if (fromRank < 0) return `${from} has no place in the import order`;
  if (toRank < 0) return `${to} has no place in the import order`;
  if (CLOSED.get(fromPlace)?.includes(toPlace)) return `${fromPlace} must have no way to ${toPlace}`;
  if (toRank < fromRank) return undefined;
  return `${fromPlace} must not import ${toPlace}: ${toRank === fromRank ? 'they are siblings' : 'it is higher'}`;
}

function refusePackage(from, specifier) {
  for (const [name, allowed] of ADAPTERS) {
    const isIt = specifier === name || specifier.startsWith(`${name}/`);
    if (isIt && !allowed.some((folder) => from.startsWith(folder)))
      return `only ${allowed.join(', ')} may import ${name}`;
  }
  return undefined;
}

// `src/dicom/uids.ts` stands in `dicom`, `src/ingest.ts` and `src/ingest/sink.ts` both in `ingest`.
function placeOf(path) {
  const [, first = ''] = path.split('/');
  return first.replace(/(\.test)?\.ts$/, '');
}

function rankOf(place) {
  return RANKS.findIndex((rank) => rank.includes(place));
}

function toProjectPath(root, path) {
  return relative(root, path).split(sep).join('/');
}
