import { explicitElement } from './elements.ts';
import { identityOf } from './objects.ts';
import { dataPdus, findRequest } from './pdus.ts';
import { RawAssociation } from './raw-association.ts';
import type { Target } from './raw-association.ts';
import type { LoadResult } from './store-load.ts';

export const STUDY_ROOT_FIND = '1.2.840.10008.5.1.4.1.2.2.1';

export interface FindLoad {
  readonly target: Target;
  /** what each query gives: a study of the load with this run, of this many */
  readonly by: 'patient' | 'accession' | 'study';
  readonly run: number;
  readonly studies: number;
  readonly queries: number;
  readonly associations: number;
}

/** Study level queries one after another on each association; an answer that is not exactly one study is a failure. */
export async function runFindLoad(load: FindLoad): Promise<LoadResult> {
  const lanes = await Promise.all(
    Array.from({ length: load.associations }, () => RawAssociation.open(load.target, STUDY_ROOT_FIND)),
  );
  const latencies: number[] = [];
  const errors: string[] = [];
  const started = performance.now();
  await Promise.all(
    lanes.map(async (assoc, lane) => {
      const share = Math.ceil(load.queries / load.associations);
      for (let n = 0; n < share; n++) {
        // A stride that is prime to most counts visits the studies in no order.
        const study = ((lane * share + n) * 7919) % load.studies;
        await query(assoc, load, study, latencies, errors);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(lanes.map((assoc) => assoc.release().catch(() => assoc.destroy())));
  return { seconds, latencies, failures: errors.length, firstFailure: errors[0] };
}

async function query(
  assoc: RawAssociation,
  load: FindLoad,
  study: number,
  latencies: number[],
  errors: string[],
): Promise<void> {
  const command = dataPdus('command', findRequest(STUDY_ROOT_FIND), assoc.maxPdu);
  const request = Buffer.concat([command, dataPdus('data', identifier(load, study), assoc.maxPdu)]);
  const sent = performance.now();
  assoc.write(request);
  let matches = 0;
  let status = await assoc.nextStatus();
  for (; status === 0xff00 || status === 0xff01; status = await assoc.nextStatus()) matches++;
  if (status === 0 && matches === 1) latencies.push(performance.now() - sent);
  else errors.push(`status ${status.toString(16)}, ${matches} matches`);
}

function identifier(load: FindLoad, study: number): Buffer {
  // The `tiny` kind: 2 objects a series, 2 series a study.
  const id = identityOf('tiny', load.run, study * 4);
  const key = (by: FindLoad['by'], value: string) => (load.by === by ? value : '');
  return Buffer.concat([
    explicitElement(0x00080020, 'DA', ''),
    explicitElement(0x00080050, 'SH', key('accession', id.patientId)),
    explicitElement(0x00080052, 'CS', 'STUDY'),
    explicitElement(0x00080061, 'CS', ''),
    explicitElement(0x00081030, 'LO', ''),
    explicitElement(0x00100010, 'PN', ''),
    explicitElement(0x00100020, 'LO', key('patient', id.patientId)),
    explicitElement(0x0020000d, 'UI', key('study', id.studyUid)),
  ]);
}
