import { describe, expect, test } from 'vitest';
import { movescu, findscu, storescu, storescuCanPropose } from '../support/dcmtk.ts';
import { sendWithDcmjsDimse } from '../support/dcmjs-dimse-sender.ts';
import { getEverything } from '../support/retrieve-client.ts';
import { NodeProcess } from '../support/node-process.ts';
import { sendWithOwnRequestor } from '../support/own-sender.ts';
import { freePort } from '../support/free-port.ts';
import { rounds, samples } from '../support/samples.ts';
import type { Sample } from '../support/samples.ts';
import { StoreScp } from '../support/storescp.ts';
import { WireRelay } from '../support/wire-bytes.ts';
import type { WireStore } from '../support/wire-bytes.ts';
import type { Peer } from '../support/dcmtk.ts';

// Each sender stores every sample that it can; what it put on the wire must come back bit for bit by C-MOVE and C-GET.

type Send = (peer: Peer, files: readonly Sample[]) => Promise<void>;

const SENDERS: Record<string, { send: Send; atLeast: number }> = {
  storescu: {
    atLeast: 145,
    send: async (peer, files) => {
      for (const [transferSyntaxUid, group] of Map.groupBy(files, (file) => file.transferSyntaxUid)) {
        if (storescuCanPropose(transferSyntaxUid))
          await storescu(
            peer,
            group.map((file) => file.path),
            { transferSyntaxUid },
          );
      }
    },
  },
  'dcmjs-dimse': {
    atLeast: 130,
    send: async (peer, files) =>
      void (await sendWithDcmjsDimse(
        peer,
        files.map((file) => file.path),
      )),
  },
  'our own requestor': {
    atLeast: 140,
    send: async (peer, files) =>
      void (await sendWithOwnRequestor(
        peer,
        files.map((file) => file.path),
      )),
  },
};

const key = (store: { sopInstanceUid: string }) => store.sopInstanceUid;

/** What was put on the wire and acknowledged, by SOP Instance UID; of several under one UID the first, which is the one served. */
function acknowledged(relay: WireRelay): Map<string, WireStore> {
  return new Map(
    relay
      .storesFromClient()
      .filter((store) => store.status === 0)
      .toReversed()
      .map((store) => [key(store), store]),
  );
}

describe.each(Object.entries(SENDERS))('%s', (_name, { send, atLeast }) => {
  test('every sample comes back as it was sent', { timeout: 600_000 }, async () => {
    let returned = 0;
    for (const round of rounds(samples())) {
      const destinationPort = await freePort();
      await using node = await NodeProcess.start({
        aes: [
          { aet: 'DEST', port: destinationPort },
          { aet: 'SENDER', port: 104 },
        ],
      });
      await using relay = await WireRelay.start({ port: node.dicomPort });
      await send({ ...node.peer('SENDER'), port: relay.port }, round);
      const sent = acknowledged(relay);
      if (sent.size === 0) continue;

      const studies = await findscu(node.peer('SENDER'), 'study', ['QueryRetrieveLevel=STUDY', 'StudyInstanceUID']);
      const uids = studies.matches.map((match) => match.get('0020,000d')!);
      await using destination = await StoreScp.start(['+xa'], destinationPort);
      const move = await movescu(node.peer('SENDER'), 'study', 'DEST', [
        'QueryRetrieveLevel=STUDY',
        `StudyInstanceUID=${uids.join('\\')}`,
      ]);
      expect({ status: move.status, ...move.counters }).toEqual({
        status: 0,
        completed: sent.size,
        failed: 0,
        warning: 0,
      });
      const moved = new Map(destination.received().map((file) => [key(file), file]));
      const got = new Map(
        (await getEverything(node.peer('SENDER'), uids, [...sent.values()])).map((store) => [key(store), store]),
      );

      expect([...moved.keys()].toSorted()).toEqual([...sent.keys()].toSorted());
      expect([...got.keys()].toSorted()).toEqual([...sent.keys()].toSorted());
      for (const [uid, store] of sent) {
        for (const [way, back] of [
          ['C-MOVE', moved.get(uid)!],
          ['C-GET', got.get(uid)!],
        ] as const) {
          expect([way, uid, back.transferSyntaxUid, back.dataSet.equals(store.dataSet)]).toEqual([
            way,
            uid,
            store.transferSyntaxUid,
            true,
          ]);
        }
      }
      returned += sent.size;
    }
    expect(returned).toBeGreaterThanOrEqual(atLeast);
  });
});
