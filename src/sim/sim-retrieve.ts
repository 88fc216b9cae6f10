import { toError } from '../core/errors.ts';
import { readFileMeta } from '../dicom/file-meta.ts';
import type { Association } from '../dimse/association.ts';
import type { RetrieveResponse } from '../dimse/command-types.ts';
import type { RequestedContext } from '../dimse/requestor.ts';
import { STATUS, statusCategory } from '../dimse/status-table.ts';
import { parseRetrieveIdentifier } from '../retrieve/retrieve-identifier.ts';
import type { SimObject, SimObjects } from './sim-objects.ts';
import type { SimRuleOf } from './sim-script.ts';

type Rule = SimRuleOf<'retrieve'> | undefined;

/** The instances that an identifier names (PS3.4 C.4.2.1.4). @throws RetrieveRefusedError */
export function selectObjects(objects: SimObjects, identifier: Buffer, transferSyntaxUid: string): SimObject[] {
  const { level, studyUids, seriesUids, sopUids } = parseRetrieveIdentifier(identifier, transferSyntaxUid, 'STUDY');
  return [...objects.visible()].filter(
    (object) =>
      (studyUids === undefined || studyUids.includes(object.studyInstanceUid)) &&
      (seriesUids === undefined || seriesUids.includes(object.seriesInstanceUid)) &&
      (level !== 'IMAGE' || sopUids === undefined || sopUids.includes(object.sopInstanceUid)),
  );
}

/** One context for each SOP class and transfer syntax among them. */
export function contextsFor(objects: readonly SimObject[]): RequestedContext[] {
  return [
    ...new Map(
      objects.map(({ sopClassUid, transferSyntaxUid }): [string, RequestedContext] => [
        `${sopClassUid} ${transferSyntaxUid}`,
        { abstractSyntax: sopClassUid, transferSyntaxes: [transferSyntaxUid] },
      ]),
    ).values(),
  ];
}

/** Sends them one after the other over `assoc`, with a pending response after each. */
export async function* sendObjects(
  assoc: Association,
  selected: readonly SimObject[],
  objects: SimObjects,
  rule: Rule,
  originator: { moveOriginatorAET: string; moveOriginatorMessageID: number } | undefined,
): AsyncGenerator<RetrieveResponse, RetrieveResponse> {
  let [completed, failed] = [0, 0];
  const problems: string[] = [];
  for (const [i, object] of selected.entries()) {
    const reason =
      i < (rule?.skip ?? 0)
        ? 'the script says so'
        : await send(assoc, object, objects, rule?.alter ?? false, originator);
    if (reason === undefined) completed += 1;
    else {
      failed += 1;
      problems.push(`${object.sopInstanceUid}: ${reason}`);
    }
    const remaining = selected.length - completed - failed;
    if (remaining > 0) yield { status: { code: STATUS.Pending }, remaining, completed, failed, warning: 0 };
  }
  const code =
    failed === 0 ? STATUS.Success : completed === 0 ? STATUS.UnableToPerformSubOperations : STATUS.WarningSubOperations;
  return { status: { code }, completed, failed, warning: 0, problems: problems.slice(0, 3) };
}

async function send(
  assoc: Association,
  object: SimObject,
  objects: SimObjects,
  alter: boolean,
  originator: { moveOriginatorAET: string; moveOriginatorMessageID: number } | undefined,
): Promise<string | undefined> {
  const pc = assoc.contextFor(object.sopClassUid, object.transferSyntaxUid);
  if (pc === undefined) return 'no context';
  try {
    const file = objects.file(object);
    const dataSet = Buffer.from(file.subarray(readFileMeta(file).dataSetOffset));
    if (alter) dataSet[dataSet.length - 1]! ^= 0xff;
    const { code } = await assoc.store({
      pc,
      affectedSOPClassUID: object.sopClassUid,
      affectedSOPInstanceUID: object.sopInstanceUid,
      priority: 0,
      ...originator,
      dataSet: dataSet.length % 2 === 0 ? dataSet : Buffer.concat([dataSet, Buffer.alloc(1)]),
    });
    return ['success', 'warning'].includes(statusCategory(code)) ? undefined : code.toString(16);
  } catch (error) {
    return toError(error).message;
  }
}
