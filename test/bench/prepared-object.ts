import { buildDataSet, identityOf, SHAPES } from './objects.ts';
import type { ObjectIdentity, ObjectKind } from './objects.ts';
import { dataPdus, storeRequest } from './pdus.ts';

/**
 * One C-STORE as the bytes that go on the wire, made before the clock starts. `become` turns it into another object by
 * overwriting its identifiers in place, so that sending costs no encoding; at most one may be under way per buffer.
 */
export class PreparedObject {
  readonly wire: Buffer;
  readonly #places: readonly { readonly key: keyof ObjectIdentity; readonly at: number }[];

  constructor(kind: ObjectKind, run: number, maxPdu: number) {
    const id = identityOf(kind, run, 0);
    const command = dataPdus('command', storeRequest(SHAPES[kind].sopClassUid, id.sopUid), maxPdu);
    this.wire = Buffer.concat([command, dataPdus('data', buildDataSet(kind, id), maxPdu)]);
    this.#places = (['patientId', 'studyUid', 'seriesUid', 'sopUid'] as const).flatMap((key) =>
      findAll(this.wire.subarray(0, 4096), id[key]).map((at) => ({ key, at })),
    );
    const sopUids = this.#places.filter(({ key }) => key === 'sopUid').length;
    if (sopUids !== 2) throw new Error(`SOP Instance UID found ${sopUids} times: a PDU this small cannot be patched`);
  }

  become(id: ObjectIdentity): void {
    for (const { key, at } of this.#places) this.wire.write(id[key], at, 'latin1');
  }
}

function findAll(bytes: Buffer, text: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(text, 0, 'latin1'); at >= 0; at = bytes.indexOf(text, at + 1, 'latin1')) found.push(at);
  return found;
}
