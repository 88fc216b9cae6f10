import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { encodeFileMeta } from '../../src/dicom/file-meta.ts';
import { UID } from '../../src/dicom/uids.ts';
import { buildDataSet, identityOf, SHAPES } from '../bench/objects.ts';
import { NodeProcess } from '../support/node-process.ts';
import { associate } from '../support/own-sender.ts';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 20);
const OBJECTS = 2000;
const ASSOCIATIONS = 4;

interface Sent {
  readonly sha256: string;
  readonly sopInstanceUid: string;
}

/** Stores objects over several associations at once until the node is gone; gives those that were answered 0000. */
async function load(node: NodeProcess, round: number, onAck: (count: number) => void): Promise<Sent[]> {
  const acknowledged: Sent[] = [];
  const { sopClassUid } = SHAPES.tiny;
  let next = 0;
  const sender = async (name: string): Promise<void> => {
    const contexts = [{ abstractSyntax: sopClassUid, transferSyntaxes: [UID.ExplicitVRLittleEndian] }];
    const assoc = await associate(node.peer(name), contexts);
    const pc = assoc.contextFor(sopClassUid, UID.ExplicitVRLittleEndian);
    if (pc === undefined) throw new Error('context refused');
    while (next < OBJECTS) {
      const identity = identityOf('tiny', round, next++);
      const dataSet = buildDataSet('tiny', identity);
      const meta = encodeFileMeta({
        sopClassUid,
        sopInstanceUid: identity.sopUid,
        transferSyntaxUid: UID.ExplicitVRLittleEndian,
      });
      const sha256 = createHash('sha256').update(meta).update(dataSet).digest('hex');
      const status = await assoc.store({
        pc,
        affectedSOPClassUID: sopClassUid,
        affectedSOPInstanceUID: identity.sopUid,
        priority: 0,
        dataSet,
      });
      if (status.code !== 0) throw new Error(`answered ${status.code}: ${status.errorComment ?? ''}`);
      acknowledged.push({ sha256, sopInstanceUid: identity.sopUid });
      onAck(acknowledged.length);
    }
    await assoc.release();
  };
  await Promise.allSettled(Array.from({ length: ASSOCIATIONS }, (_, n) => sender(`LOAD${n}`)));
  return acknowledged;
}

/** SHA-256 of every object that the index names. */
function indexedObjects(storageRoot: string): Set<string> {
  using db = disposable(new Database(join(storageRoot, 'kuva.sqlite'), { readonly: true }));
  const rows = db.value.prepare('SELECT lower(hex(sha256)) AS sha256 FROM instance').all() as { sha256: string }[];
  return new Set(rows.map((row) => row.sha256));
}

function disposable(value: Database.Database): { value: Database.Database } & Disposable {
  return { value, [Symbol.dispose]: () => value.close() };
}

/** SHA-256 by name of every file in the tree; whatever else lies there is given by its path. */
function filesInTree(storageRoot: string): Set<string> {
  const files = readdirSync(join(storageRoot, 'objects'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Set(files.map((file) => /^([0-9a-f]{64})\.dcm$/.exec(file.name)?.[1] ?? join(file.parentPath, file.name)));
}

function objectPath(storageRoot: string, sha256: string): string {
  return join(storageRoot, 'objects', sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.dcm`);
}

test(
  `${ROUNDS} times kill -9 under load: what was acknowledged is there, and nothing else`,
  { timeout: 30_000 + ROUNDS * 30_000 },
  async () => {
    await using node = await NodeProcess.start({ sections: { logging: { level: 'warn' } } });
    const { storageRoot } = node;
    let acknowledgedInAll = 0;
    let roundsCutShort = 0;

    for (let round = 1; round <= ROUNDS; round++) {
      // A spread of moments over the whole load, the same in every run.
      const killAfter = 1 + ((round * 787) % (OBJECTS - 100));
      let killed: Promise<void> | undefined;
      const acknowledged = await load(node, round, (count) => {
        if (count >= killAfter) killed ??= node.kill();
      });
      await (killed ?? node.kill());
      if (acknowledged.length < OBJECTS) roundsCutShort += 1;
      acknowledgedInAll += acknowledged.length;

      await node.start();
      const indexed = indexedObjects(storageRoot);
      const missing = acknowledged.filter(
        ({ sha256 }) => !indexed.has(sha256) || !existsSync(objectPath(storageRoot, sha256)),
      );
      expect(missing, `round ${round}: acknowledged but not kept`).toEqual([]);
      const damaged = [...indexed].filter(
        (sha256) =>
          createHash('sha256')
            .update(readFileSync(objectPath(storageRoot, sha256)))
            .digest('hex') !== sha256,
      );
      expect(damaged, `round ${round}: files that are not what their name says`).toEqual([]);
      expect(filesInTree(storageRoot), `round ${round}: rows without file or files without row`).toEqual(indexed);
      expect(readdirSync(join(storageRoot, 'spool')), `round ${round}: spool`).toEqual([]);
      // At most one object an association was under way, so at most so many are kept without their sender knowing.
      expect(indexed.size - acknowledgedInAll).toBeLessThanOrEqual(ASSOCIATIONS * round);
      expect(indexed.size).toBeGreaterThanOrEqual(acknowledgedInAll);
    }

    expect(roundsCutShort, 'rounds in which the kill fell into the load').toBe(ROUNDS);
    const verified = await node.kuva('verify');
    expect(verified.code, verified.output).toBe(0);
  },
);
