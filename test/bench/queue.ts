import { join } from 'node:path';
import Database from 'better-sqlite3';
import { NodeProcess } from '../support/node-process.ts';
import { measureRound, toFigures } from './measure.ts';
import type { Figures, Round } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { printTable } from './report.ts';
import { generateStore } from './run-generator.ts';
import type { Server } from './servers.ts';
import { median } from './statistics.ts';

const OBJECTS = 600;
const SOURCES = 8;
const COMMANDS = ['ae list', 'queue list', 'queue shape', 'held', 'queue forecast'];
// Nobody listens there: the queue stays as it is.
const DESTINATION = { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: 9, tls: false };

export interface QueueFigures {
  readonly queued: number;
  /** ms of a whole command, the start of its process included, by its name */
  readonly commands: Readonly<Record<string, readonly number[]>>;
  readonly reception: readonly Figures[];
}

/** A long queue in front of an archive that is down: how long its commands take, and whether reception feels it. */
export async function benchQueue(_folder: string, options: BenchOptions): Promise<QueueFigures> {
  await using off = await NodeProcess.start();
  await using on = await NodeProcess.start({ sections: { egress: { destination: DESTINATION } } });
  await on.stop();
  fill(on.storageRoot, options.studies);
  await on.start();

  const commands: Record<string, number[]> = {};
  for (let round = 0; round < options.rounds; round++) {
    for (const command of COMMANDS) {
      const started = performance.now();
      const { code, output } = await on.kuva(...command.split(' '));
      if (code !== 0) throw new Error(`kuva ${command}: exit ${code}\n${output}`);
      (commands[command] ??= []).push(performance.now() - started);
    }
  }

  const servers = { 'nothing forwarded': asServer(off), [`${options.studies} queued`]: asServer(on) };
  const rounds = new Map<string, Round[]>(Object.keys(servers).map((name) => [name, []]));
  let run = 300_000_000;
  for (let round = -1; round < options.rounds; round++) {
    for (const [name, server] of Object.entries(servers)) {
      const job = { kind: 'ct8k', associations: 4, objects: options.objects || OBJECTS, run: run++ } as const;
      const measured = await measureRound(server, () => generateStore({ target: server.target, ...job }));
      // The first round warms up.
      if (round >= 0) rounds.get(name)?.push(measured);
    }
  }
  const reception = [...rounds].map(([name, measured]) => toFigures(name, measured));
  print({ queued: options.studies, commands, reception });
  return { queued: options.studies, commands, reception };
}

function asServer(node: NodeProcess): Server {
  return {
    name: 'kuva',
    target: { port: node.dicomPort, calledAET: node.aet, callingAET: 'BENCH' },
    pid: node.pid,
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

/** Jobs as the queue would have made them, most of them QUEUED, of several organisations. */
function fill(storageRoot: string, jobs: number): void {
  const db = new Database(join(storageRoot, 'kuva.sqlite'));
  const states = `CASE i % 20 WHEN 0 THEN 'HELD' WHEN 1 THEN 'RETRY_WAIT' ELSE 'QUEUED' END`;
  const now = Date.now();
  db.exec(`BEGIN;
    INSERT INTO egress_job (study_instance_uid, version, destination, state, resume_state, priority, source, controller, content_type, calling_aet,
      instances, bytes, next_attempt_at, deadline_at, last_code, last_reason, created_at, updated_at)
    SELECT unhex('2B25B8' || printf('%012d', i)), 1, 'national', ${states}, iif(i % 20 = 1, 'QUEUED', NULL), 1 + (i % 3 = 0), 'organisation ' || (i % ${SOURCES}),
      '1.2.246.10.1', 'radiology', 'KUVA', 200, 100000000, iif(i % 20 = 1, ${now + 3_600_000}, ${now}), ${now} + 1000 * i, 'READY', '200 instances', ${now} - 5000 * i, ${now}
    FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${jobs}) SELECT i FROM n);
    INSERT INTO egress_instance (job_id, sop_instance_uid, series_instance_uid, sop_class_uid, transfer_syntax_uid, sha256, size, received_at, received_from, state)
    SELECT id, study_instance_uid, study_instance_uid, '1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.1.2.1', randomblob(32), 1, 0, 'CT1', 'PENDING' FROM egress_job;
    INSERT INTO egress_finding (job_id, ordinal, code, severity, cause, remedy, subject)
    SELECT id, 0, 'CODE_UNKNOWN', 'error', 'the code is not in the list', 'kuva codes import', 'code:' || (id % 50) FROM egress_job WHERE state = 'HELD';
    COMMIT`);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

function print({ queued, commands, reception }: QueueFigures): void {
  printTable(
    `${queued} studies queued: commands, ms with the start of their process; ae list asks nothing of the queue`,
    ['command', 'median', 'rounds'],
    Object.entries(commands).map(([name, times]) => [
      name,
      median(times),
      times.map((one) => one.toFixed(0)).join(' '),
    ]),
  );
  printTable(
    'reception beside it: ct8k, 4 associations',
    ['node', 'objects/s', 'p50 ms', 'p99 ms', 'rounds'],
    reception.map((each) => [
      each.name,
      median(each.rates),
      each.p50,
      each.p99,
      each.rates.map((one) => one.toFixed(0)).join(' '),
    ]),
  );
}
