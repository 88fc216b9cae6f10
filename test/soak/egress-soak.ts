import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SimObjects } from '../../src/sim/sim-objects.ts';
import { tempDir } from '../support/temp-dir.ts';
import { sendObjects } from '../support/test-objects.ts';
import { waitFor } from '../support/wait-for.ts';
import { makeTrouble } from './chaos.ts';
import type { ChaosCounts } from './chaos.ts';
import { EgressWorld, modality } from './egress-world.ts';
import { Random } from './random.ts';
import { soakStudies } from './soak-studies.ts';
import type { SoakStudy } from './soak-studies.ts';

export interface SoakOptions {
  readonly studies: number;
  readonly rounds: number;
  readonly seed: number;
  /** ms for everything to settle after the trouble */
  readonly settle: number;
  readonly say: (line: string) => void;
}

export interface SoakSummary extends ChaosCounts {
  readonly studies: number;
  readonly archived: number;
  readonly held: number;
  readonly objects: number;
  readonly manifests: number;
  /** C-STOREs that the archive took, and those of them that brought what it had already. */
  readonly stores: number;
  readonly again: number;
  readonly seconds: number;
  /** What went wrong; empty when all is as it must be. */
  readonly faults: readonly string[];
}

export interface JobRow {
  readonly study: string;
  readonly state: string;
  readonly code: string;
  readonly findings: string;
  readonly manifest: string | null;
}

/**
 * Sends studies while node, forwarding process and archive are killed and the archive misbehaves, waits until the queue has settled and compares:
 * each eligible study archived with proof, each other one held for its reason, nothing lost, nothing twice in effect.
 */
export async function egressSoak({ studies: count, rounds, seed, settle, say }: SoakOptions): Promise<SoakSummary> {
  const started = performance.now();
  await using dir = await tempDir('kuva-soak-');
  const studies = soakStudies(count);
  const refused = studies.filter(({ heldBy }) => heldBy === 'ARCHIVE_A777');
  const steady = refused.map((study) => ({ on: 'store', study: study.studyInstanceUid, status: 'A777' }));
  await using world = await EgressWorld.start(dir, steady);
  say(`${count} studies, seed ${seed}`);

  const random = new Random(seed);
  const [trouble] = await Promise.all([makeTrouble(world, random, rounds), sendAll(world, studies, 'objects')]);
  say(`all sent; trouble made: ${JSON.stringify(trouble)}`);
  await settled(world, count, settle).catch((error: unknown) => say(String(error)));
  const versions = studies.filter(({ late }) => late.length > 0).length;
  const [again] = await Promise.all([
    makeTrouble(world, random, Math.ceil(rounds / 4)),
    sendAll(world, studies, 'late'),
  ]);
  for (const kind of Object.keys(again) as (keyof ChaosCounts)[]) trouble[kind] += again[kind];
  say(`${versions} studies have got a late object or a rejection note`);
  await settled(world, count + versions, settle).catch((error: unknown) => say(String(error)));

  const proofs = await proveSome(world, studies);
  const events = world.archive.events();
  const rows = jobs(world);
  const sent = sentDigests(world);
  await world.node.stop();
  const verified = await world.node.kuva('verify');
  await world.archive.stop();
  const kept = new SimObjects({ folder: dir.file('archive') });
  const stores = events.filter(({ event, status }) => event === 'store' && (status === '0000' || status === 'B000'));
  const faults = [
    ...studies.flatMap((study) => faultsOf(study, rows, kept, sent)),
    ...strays(studies, rows, kept),
    ...proofs,
    ...(verified.code === 0 ? [] : [`kuva verify: exit ${verified.code}`]),
    ...stores.filter(({ kept: how }) => how === 'replaced').map((event) => `replaced: ${String(event['sopInstance'])}`),
  ];
  return {
    ...trouble,
    studies: count,
    archived: new Set(rows.filter(({ state }) => state === 'ARCHIVED').map(({ study }) => study)).size,
    held: rows.filter(({ state }) => state === 'HELD').length,
    objects: studies.reduce((sum, { objects, late }) => sum + objects.length + late.length, 0),
    manifests: new Set(rows.flatMap(({ manifest }) => manifest ?? [])).size,
    stores: stores.length,
    again: stores.filter(({ kept: how }) => how === 'same').length,
    seconds: Math.round((performance.now() - started) / 1000),
    faults,
  };
}

/** So many jobs are there, and nothing is on its way any more. */
function settled(world: EgressWorld, least: number, settle: number): Promise<true> {
  return waitFor(
    'the queue to settle',
    () => {
      const all = jobs(world);
      const open = all.filter(({ state }) => !['ARCHIVED', 'HELD', 'WITHDRAWN'].includes(state));
      return all.length >= least && open.length === 0 ? true : undefined;
    },
    settle,
  );
}

/** As a modality does: what was not acknowledged is sent again until it is. */
async function sendAll(world: EgressWorld, studies: readonly SoakStudy[], which: 'objects' | 'late'): Promise<void> {
  for (const { organisation, [which]: objects } of studies.filter((study) => study[which].length > 0)) {
    await waitFor(
      'a study to be taken',
      async () => {
        const statuses = await sendObjects(world.node.peer(modality(organisation)), objects);
        return statuses.every((status) => status === 0);
      },
      120_000,
    );
  }
}

function faultsOf(
  { studyInstanceUid, objects, late, heldBy }: SoakStudy,
  rows: readonly JobRow[],
  kept: SimObjects,
  sent: ReadonlyMap<string, string>,
): string[] {
  const own = rows.filter(({ study }) => study === studyInstanceUid);
  const state = own.map((row) => row.state).join('+');
  if (heldBy !== null) {
    const right =
      own.length > 0 && own.every((row) => row.state === 'HELD' && `${row.code} ${row.findings}`.includes(heldBy));
    const there = objects.filter(({ sopInstanceUid }) => kept.get(sopInstanceUid) !== undefined);
    return [
      ...(right
        ? []
        : [`${studyInstanceUid}: ${state} ${own.map(({ code }) => code).join()} and not HELD by ${heldBy}`]),
      ...there.map(({ sopInstanceUid }) => `${sopInstanceUid}: in the archive, though its study is held`),
    ];
  }
  const archived =
    own.some((row) => row.state === 'ARCHIVED') && own.every((row) => ['ARCHIVED', 'WITHDRAWN'].includes(row.state));
  if (!archived) return [`${studyInstanceUid}: ${state} ${own.map(({ code }) => code).join()} and not ARCHIVED`];
  return [...objects, ...late].flatMap(({ sopInstanceUid }) => {
    const there = kept.get(sopInstanceUid);
    if (there === undefined) return [`${sopInstanceUid}: lost`];
    return there.sha256 === sent.get(sopInstanceUid) ? [] : [`${sopInstanceUid}: other bytes in the archive`];
  });
}

/** What is in the archive and was neither sent to it nor made for it. */
function strays(studies: readonly SoakStudy[], rows: readonly JobRow[], kept: SimObjects): string[] {
  const known = new Set([
    ...studies.flatMap(({ objects, late }) => [...objects, ...late].map(({ sopInstanceUid }) => sopInstanceUid)),
    ...rows.flatMap(({ manifest }) => manifest ?? []),
  ]);
  const found = [...kept.visible()].filter(({ sopInstanceUid }) => !known.has(sopInstanceUid));
  const lacking = rows.filter(
    ({ state, manifest }) => state === 'ARCHIVED' && (manifest === null || kept.get(manifest) === undefined),
  );
  return [
    ...found.map(({ sopInstanceUid }) => `${sopInstanceUid}: in the archive, and nobody sent it`),
    ...lacking.map(({ study }) => `${study}: archived without its manifest`),
  ];
}

async function proveSome(world: EgressWorld, studies: readonly SoakStudy[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { studyInstanceUid } of studies.filter(({ heldBy }) => heldBy === null).slice(0, 3)) {
    const proof = await world.node.kuva('proof', studyInstanceUid);
    if (proof.code !== 0) faults.push(`kuva proof ${studyInstanceUid}: exit ${proof.code}`);
  }
  return faults;
}

function withDatabase<T>(world: EgressWorld, read: (db: Database.Database) => T): T {
  const db = new Database(join(world.node.storageRoot, 'kuva.sqlite'), { readonly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

const UID_TEXT = (column: string): string => `replace(rtrim(hex(${column}), 'F'), 'B', '.')`;

/** The queue as it is, one row a job. */
export function jobs(world: EgressWorld): JobRow[] {
  return withDatabase(world, (db) =>
    db
      .prepare<[], JobRow>(
        `SELECT ${UID_TEXT('j.study_instance_uid')} AS study, j.state, j.last_code AS code, m.sop_instance_uid AS manifest,
         COALESCE((SELECT group_concat(f.code, ' ') FROM egress_finding f WHERE f.job_id = j.id), '') AS findings
         FROM egress_job j LEFT JOIN egress_manifest m ON m.job_id = j.id ORDER BY j.id`,
      )
      .all(),
  );
}

/** SHA-256 of each instance as the node keeps it. */
function sentDigests(world: EgressWorld): Map<string, string> {
  return withDatabase(world, (db) => {
    const rows = db
      .prepare<[], { uid: string; sha256: string }>(
        `SELECT ${UID_TEXT('sop_instance_uid')} AS uid, lower(hex(sha256)) AS sha256 FROM instance`,
      )
      .all();
    return new Map(rows.map(({ uid, sha256 }) => [uid, sha256]));
  });
}
