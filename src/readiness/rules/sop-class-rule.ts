import { sopClassName } from '../../dicom/sop-class-table.ts';
import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** The archive takes every SOP class of the study. */
export const sopClassRule: Rule = (facts, { profile }) => {
  const taken = new Set(profile.transfer.groups.flatMap((group) => group.sopClasses));
  const counts = new Map<string, number>();
  for (const { sopClassUid, instances } of facts.series.flatMap((series) => series.formats)) {
    if (!taken.has(sopClassUid)) counts.set(sopClassUid, (counts.get(sopClassUid) ?? 0) + instances);
  }
  return [...counts].map(([uid, instances]) => ({
    code: 'SOP_CLASS_UNSUPPORTED',
    cause: `the archive does not take ${sopClassName(uid)}: ${instances} instances`,
    remedy: `reject those instances with a rejection note (IOCM), or add ${uid} to transfer.groups of the profile when the archive takes it`,
    subject: SUBJECT.profile,
  }));
};
