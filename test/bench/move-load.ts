import { commandSet, explicitElement } from './elements.ts';
import { identityOf } from './objects.ts';
import type { ObjectKind } from './objects.ts';
import { dataPdus } from './pdus.ts';
import { RawAssociation } from './raw-association.ts';
import type { Target } from './raw-association.ts';

const STUDY_ROOT_MOVE = '1.2.840.10008.5.1.4.1.2.2.2';

export interface MoveLoad {
  readonly target: Target;
  readonly destination: string;
  readonly kind: ObjectKind;
  readonly run: number;
  /** the studies that hold the objects 0 … objects-1 of the run are moved one after another */
  readonly objects: number;
}

export interface MoveResult {
  readonly seconds: number;
  readonly completed: number;
  readonly failed: number;
}

export async function runMoveLoad(load: MoveLoad): Promise<MoveResult> {
  const studies = [
    ...new Set(Array.from({ length: load.objects }, (_, n) => identityOf(load.kind, load.run, n).studyUid)),
  ];
  const assoc = await RawAssociation.open(load.target, STUDY_ROOT_MOVE);
  const command = dataPdus('command', moveRequest(load.destination), assoc.maxPdu);
  let [completed, failed] = [0, 0];
  const started = performance.now();
  for (const study of studies) {
    const identifier = [explicitElement(0x00080052, 'CS', 'STUDY'), explicitElement(0x0020000d, 'UI', study)];
    assoc.write(Buffer.concat([command, dataPdus('data', Buffer.concat(identifier), assoc.maxPdu)]));
    const last = await finalResponse(assoc);
    completed += last.get(0x1021)?.readUInt16LE(0) ?? 0;
    failed += last.get(0x1022)?.readUInt16LE(0) ?? 0;
  }
  const seconds = (performance.now() - started) / 1000;
  await assoc.release();
  return { seconds, completed, failed };
}

async function finalResponse(assoc: RawAssociation): Promise<Map<number, Buffer>> {
  for (;;) {
    const command = await assoc.nextCommand();
    if (command.get(0x0900)?.readUInt16LE(0) !== 0xff00) return command;
  }
}

function moveRequest(destination: string): Buffer {
  return commandSet([
    [0x0002, STUDY_ROOT_MOVE],
    [0x0100, 0x0021],
    [0x0110, 1],
    [0x0600, destination],
    [0x0700, 0],
    [0x0800, 1],
  ]);
}
