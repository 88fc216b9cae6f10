import { TAG } from '../../dicom/tags.ts';
import { findQuery } from '../../index/matching/find-query.ts';
import type { FindQuery, FindRow } from '../../index/matching/find-query.ts';
import type { RequestGate } from '../../retrieve/disclosure-gate.ts';
import type { FindIndex } from './find-index.ts';

/** The query with what the gate has to be asked about among its return keys. */
export function disclosableQuery(query: FindQuery, gate: RequestGate): FindQuery {
  if (gate.isOpen) return query;
  const asked = query.level === 'PATIENT' ? [TAG.PatientID, TAG.IssuerOfPatientID] : [TAG.StudyInstanceUID];
  return { ...query, returnKeys: [...new Set([...query.returnKeys, ...asked])] };
}

/** The row as its requester may see it, undefined when its study, or every study of its patient, is withheld. */
export async function discloseRow(
  row: FindRow,
  query: FindQuery,
  gate: RequestGate,
  index: FindIndex,
  signal: AbortSignal,
): Promise<FindRow | undefined> {
  if (gate.isOpen) return row;
  const permitted =
    query.level === 'PATIENT'
      ? await anyStudyPermitted(row, query, gate, index, signal)
      : await gate.permits(textOf(row, TAG.StudyInstanceUID));
  if (!permitted) return undefined;
  const asked = new Set(query.returnKeys.map(String));
  return Object.fromEntries(
    Object.entries(row).filter(([tag]) => asked.has(tag) || Number(tag) === TAG.SpecificCharacterSet),
  );
}

async function anyStudyPermitted(
  row: FindRow,
  { rejectedToo }: FindQuery,
  gate: RequestGate,
  index: FindIndex,
  signal: AbortSignal,
): Promise<boolean> {
  const patientId = textOf(row, TAG.PatientID);
  // Nobody can tell whose studies a row without an id would reveal.
  if (patientId === '') return false;
  const issuer = textOf(row, TAG.IssuerOfPatientID);
  const studies = findQuery({
    root: 'PATIENT',
    level: 'STUDY',
    keys: [
      { tag: TAG.PatientID, kind: 'single', value: patientId },
      ...(issuer === '' ? [] : [{ tag: TAG.IssuerOfPatientID, kind: 'single', value: issuer } as const]),
    ],
    returnKeys: [TAG.StudyInstanceUID],
    rejectedToo,
  });
  for await (const batch of index.find(studies, signal)) {
    for (const study of batch) {
      if (await gate.permits(textOf(study, TAG.StudyInstanceUID))) return true;
    }
  }
  return false;
}

function textOf(row: FindRow, tag: number): string {
  const value = row[tag];
  return typeof value === 'string' ? value : '';
}
