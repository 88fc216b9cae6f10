import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { UID } from '../../src/dicom/uids.ts';
import { buildDataSet, identityOf, SHAPES } from '../bench/objects.ts';
import { NodeProcess } from '../support/node-process.ts';
import { associate } from '../support/own-sender.ts';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 5);
const OBJECTS = 400;
const EGRESS = {
  destination: { aeTitle: 'ARCHIVE', host: '127.0.0.1', port: 9, tls: false },
  // Nothing is judged while objects come in.
  quietTime: '1h',
};

/** Stores objects of many small studies until the node is gone; SOP Instance UIDs of those that were answered 0000. */
async function load(node: NodeProcess, round: number, onAck: (count: number) => void): Promise<string[]> {
  const acknowledged: string[] = [];
  const { sopClassUid } = SHAPES.tiny;
  const contexts = [{ abstractSyntax: sopClassUid, transferSyntaxes: [UID.ExplicitVRLittleEndian] }];
  let next = 0;
  const sender = async (name: string): Promise<void> => {
    const assoc = await associate(node.peer(name), contexts);
    const pc = assoc.contextFor(sopClassUid, UID.ExplicitVRLittleEndian);
    if (pc === undefined) throw new Error('context refused');
    while (next < OBJECTS) {
      const identity = identityOf('tiny', round, next++);
      const status = await assoc.store({
        pc,
        affectedSOPClassUID: sopClassUid,
        affectedSOPInstanceUID: identity.sopUid,
        priority: 0,
        dataSet: buildDataSet('tiny', identity),
      });
      if (status.code !== 0) throw new Error(`answered ${status.code}`);
      acknowledged.push(identity.sopUid);
      onAck(acknowledged.length);
    }
    await assoc.release();
  };
  await Promise.allSettled(['LOAD1', 'LOAD2', 'LOAD3'].map(sender));
  return acknowledged;
}

/** Instances of the index whose study has neither a mark nor a job. */
function withoutPlace(storageRoot: string): string[] {
  const db = new Database(join(storageRoot, 'kuva.sqlite'), { readonly: true });
  try {
    return db
      .prepare(
        `SELECT v.sop_instance_uid FROM instance_view v JOIN instance i ON i.id = v.id JOIN series s ON s.id = i.series_fk
         JOIN study t ON t.id = s.study_fk
         WHERE NOT EXISTS (SELECT 1 FROM egress_changed c WHERE c.study_instance_uid = t.study_instance_uid)
         AND NOT EXISTS (SELECT 1 FROM egress_job j WHERE j.study_instance_uid = t.study_instance_uid)`,
      )
      .pluck()
      .all()
      .map(String);
  } finally {
    db.close();
  }
}

function indexed(storageRoot: string): Set<string> {
  const db = new Database(join(storageRoot, 'kuva.sqlite'), { readonly: true });
  try {
    return new Set(db.prepare('SELECT sop_instance_uid FROM instance_view').pluck().all().map(String));
  } finally {
    db.close();
  }
}

test(
  `${ROUNDS} times kill -9 of node and queue under load: what was acknowledged has its place in the queue`,
  { timeout: 60_000 + ROUNDS * 60_000 },
  async () => {
    await using node = await NodeProcess.start({ sections: { logging: { level: 'warn' }, egress: EGRESS } });
    const acknowledged: string[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const killAfter = 1 + ((round * 787) % (OBJECTS - 50));
      let killed: Promise<void> | undefined;
      const acked = await load(node, round, (count) => {
        if (count >= killAfter) killed ??= node.kill();
      });
      await (killed ?? node.kill());
      expect(acked.length, `round ${round}: killed too late`).toBeLessThan(OBJECTS);
      acknowledged.push(...acked);
      // As the kill left it, before anything could mend it.
      expect(withoutPlace(node.storageRoot), `round ${round}: in the index, and not in the queue`).toEqual([]);
      const kept = indexed(node.storageRoot);
      expect(
        acknowledged.filter((uid) => !kept.has(uid)),
        `round ${round}: acknowledged, and not in the index`,
      ).toEqual([]);
      await node.start();
    }
    expect(withoutPlace(node.storageRoot)).toEqual([]);
  },
);
