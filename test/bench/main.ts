// npm run bench -- ingest|find|move|large|queue|egress|log: this program beside its peers, on one machine, in one run.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { benchEgress } from './egress.ts';
import { benchFind } from './find.ts';
import { benchIngest } from './ingest.ts';
import { benchLarge } from './large.ts';
import { benchLog } from './log.ts';
import { benchMove } from './move.ts';
import { benchQueue } from './queue.ts';
import { descendants } from './process-usage.ts';
import { readOptions, usage } from './options.ts';
import { writeJson } from './report.ts';

const BENCHES = {
  ingest: { run: benchIngest, defaults: {} },
  find: { run: benchFind, defaults: { targets: 'kuva,orthanc,dcmqrscp', associations: '1' } },
  move: { run: benchMove, defaults: { targets: 'kuva,dcmqrscp' } },
  egress: { run: benchEgress, defaults: { kinds: 'ct8k,ct530k', targets: 'forgets,keeps,disk' } },
  large: { run: benchLarge, defaults: { targets: 'kuva,storescp' } },
  log: { run: benchLog, defaults: {} },
  queue: { run: benchQueue, defaults: { studies: '100000' } },
};

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name as keyof typeof BENCHES] : undefined;
if (bench === undefined) {
  console.error(usage());
  process.exit(2);
}

const busy = loadavg()[0] ?? 0;
if (busy > 1) console.log(`note: the machine is busy (load ${busy.toFixed(1)}); these figures will not compare`);

// The servers' stores lie where the repository lies: a temporary file system in memory would make every disk look alike.
const parent = join(import.meta.dirname, '../../.bench');
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, 'run-'));
process.env['TMPDIR'] = folder;
const cleanUp = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const pid of descendants(process.pid)) process.kill(pid, 'SIGKILL');
    cleanUp();
    process.exit(130);
  });
}
try {
  const options = readOptions(args, bench.defaults);
  writeJson(options.json, name, await bench.run(folder, options));
} finally {
  cleanUp();
}
