import { STATUS } from '../dimse/status-table.ts';
import type { RequestGate } from './disclosure-gate.ts';
import { RetrieveRefusedError } from './retrieve-errors.ts';
import type { InstanceRef, InstanceSelection } from '../index/index-types.ts';
import type { RetrieveSource } from './instance-source.ts';

/** The counters of sub-operations are US (PS3.7 9.1.4.1): more cannot be reported truly, so it is refused. */
const MAX_SUB_OPERATIONS = 0xffff;

/** UIDs asked of the index at a time. */
const UIDS_A_QUERY = 500;

/**
 * Everything that the selection names and the gate permits, each instance once. All of it is needed before the first
 * sub-operation: the presentation contexts to propose and the number remaining depend on it.
 */
export async function collectInstances(
  source: RetrieveSource,
  gate: RequestGate,
  selection: InstanceSelection,
  signal: AbortSignal,
): Promise<InstanceRef[]> {
  const instances: InstanceRef[] = [];
  for await (const permitted of permittedInstances(source, gate, selection, signal)) {
    instances.push(...permitted);
    if (instances.length > MAX_SUB_OPERATIONS) throw tooMany();
  }
  if (gate.guests === undefined) return instances;
  // Its own under the SOP Instance UID of one that it may see as well is not sent twice.
  const collected = new Set(instances.map(({ sopInstanceUid }) => sopInstanceUid));
  for await (const own of permittedInstances(gate.guests.index, gate.guests.gate, selection, signal)) {
    instances.push(...own.filter(({ sopInstanceUid }) => !collected.has(sopInstanceUid)));
    if (instances.length > MAX_SUB_OPERATIONS) throw tooMany();
  }
  return instances;
}

async function* permittedInstances(
  source: RetrieveSource,
  gate: RequestGate,
  selection: InstanceSelection,
  signal: AbortSignal,
): AsyncGenerator<InstanceRef[], void> {
  for (const asked of split(selection)) {
    const part = await withoutWithheld(asked, source, gate);
    if (part === undefined) continue;
    for await (const batch of source.selectInstances(part, signal)) {
      const permitted = await gate.permitted(batch.map(({ studyInstanceUid }) => studyInstanceUid));
      yield batch.filter(({ studyInstanceUid }) => permitted.has(studyInstanceUid));
    }
  }
}

/** Of the studies that it reaches into those that may be shown, so that what the others hold costs no time; undefined when there is none. */
async function withoutWithheld(
  asked: InstanceSelection,
  source: RetrieveSource,
  gate: RequestGate,
): Promise<InstanceSelection | undefined> {
  if (gate.isOpen) return asked;
  const studyUids = [...(await gate.permitted(asked.studyUids ?? (await source.selectedStudies(asked))))];
  return studyUids.length === 0 ? undefined : { ...asked, studyUids };
}

/** Cuts the UID list of the selection's own level into pieces that one query can take. */
function* split(selection: InstanceSelection): Generator<InstanceSelection> {
  const key = ({ PATIENT: undefined, STUDY: 'studyUids', SERIES: 'seriesUids', IMAGE: 'sopUids' } as const)[
    selection.level
  ];
  const uids = key === undefined ? undefined : selection[key];
  if (key === undefined || uids === undefined || uids.length <= UIDS_A_QUERY) {
    yield selection;
    return;
  }
  for (let start = 0; start < uids.length; start += UIDS_A_QUERY) {
    yield { ...selection, [key]: uids.slice(start, start + UIDS_A_QUERY) };
  }
}

function tooMany(): RetrieveRefusedError {
  const errorComment = `more than ${MAX_SUB_OPERATIONS} instances match: ask for fewer at a time`;
  return new RetrieveRefusedError('TOO_MANY_MATCHES', errorComment, {
    code: STATUS.UnableToCalculateMatches,
    errorComment,
  });
}
