import { explicitElement } from './elements.ts';
import { identityOf } from './objects.ts';
import { scaleStudy } from './scale-study.ts';
import type { ScaleStudy } from './scale-study.ts';
import { dataPdus, findRequest } from './pdus.ts';
import { RawAssociation } from './raw-association.ts';
import type { Target } from './raw-association.ts';
import type { LoadResult } from './store-load.ts';

export const STUDY_ROOT_FIND = '1.2.840.10008.5.1.4.1.2.2.1';

export interface FindLoad {
  readonly target: Target;
  /** what each query gives; `name` is a prefix that many patients of the big index have */
  readonly by: 'patient' | 'accession' | 'study' | 'name';
  /** a study of the load with this run, or of the big index, of this many */
  readonly of: { readonly run: number } | 'scale';
  readonly studies: number;
  readonly queries: number;
  readonly associations: number;
}

export interface FindResult extends LoadResult {
  /** studies found by all queries */
  readonly matches: number;
}

/** Study level queries one after another on each association; an answer without the one study that was asked for is a failure. */
export async function runFindLoad(load: FindLoad): Promise<FindResult> {
  const lanes = await Promise.all(
    Array.from({ length: load.associations }, () => RawAssociation.open(load.target, STUDY_ROOT_FIND)),
  );
  const latencies: number[] = [];
  const errors: string[] = [];
  let matches = 0;
  const started = performance.now();
  await Promise.all(
    lanes.map(async (assoc, lane) => {
      const share = Math.ceil(load.queries / load.associations);
      for (let n = 0; n < share; n++) {
        // A stride that is prime to most counts visits the studies in no order.
        const study = ((lane * share + n) * 7919) % load.studies;
        matches += await query(assoc, load, study, latencies, errors);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(lanes.map((assoc) => assoc.release().catch(() => assoc.destroy())));
  return { seconds, latencies, failures: errors.length, firstFailure: errors[0], matches };
}

async function query(
  assoc: RawAssociation,
  load: FindLoad,
  study: number,
  latencies: number[],
  errors: string[],
): Promise<number> {
  const command = dataPdus('command', findRequest(STUDY_ROOT_FIND), assoc.maxPdu);
  const request = Buffer.concat([command, dataPdus('data', identifier(load, study), assoc.maxPdu)]);
  const sent = performance.now();
  assoc.write(request);
  let matches = 0;
  let status = await assoc.nextStatus();
  for (; status === 0xff00 || status === 0xff01; status = await assoc.nextStatus()) matches++;
  // A patient of the big index has some studies, one of the load a single one.
  const several = load.of === 'scale' && (load.by === 'patient' || load.by === 'name');
  if (status === 0 && (several ? matches > 0 : matches === 1)) latencies.push(performance.now() - sent);
  else errors.push(`status ${status.toString(16)}, ${matches} matches`);
  return matches;
}

function identityOfStudy({ of, studies }: FindLoad, study: number): ScaleStudy {
  if (of === 'scale') return scaleStudy(studies, study);
  // The `tiny` kind: 2 objects a series, 2 series a study.
  const { patientId, studyUid } = identityOf('tiny', of.run, study * 4);
  return { patientId, accession: patientId, studyUid };
}

function identifier(load: FindLoad, study: number): Buffer {
  const id = identityOfStudy(load, study);
  const key = (by: FindLoad['by'], value: string) => (load.by === by ? value : '');
  return Buffer.concat([
    explicitElement(0x00080020, 'DA', ''),
    explicitElement(0x00080050, 'SH', key('accession', id.accession)),
    explicitElement(0x00080052, 'CS', 'STUDY'),
    explicitElement(0x00080061, 'CS', ''),
    explicitElement(0x00081030, 'LO', ''),
    explicitElement(0x00100010, 'PN', key('name', 'virtanen^anna m*')),
    explicitElement(0x00100020, 'LO', key('patient', id.patientId)),
    explicitElement(0x0020000d, 'UI', key('study', id.studyUid)),
  ]);
}
