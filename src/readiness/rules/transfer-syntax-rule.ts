import { sopClassName } from '../../dicom/sop-class-table.ts';
import { transferSyntax } from '../../dicom/transfer-syntaxes.ts';
import { SUBJECT } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** The archive takes each object in the transfer syntax in which it is stored; SOP classes that it does not take are for another rule. */
export const transferSyntaxRule: Rule = (facts, { profile }) => {
  const counts = new Map<string, { sopClassUid: string; transferSyntaxUid: string; instances: number }>();
  for (const format of facts.series.flatMap((series) => series.formats)) {
    const groups = profile.transfer.groups.filter((group) => group.sopClasses.includes(format.sopClassUid));
    if (groups.length === 0 || groups.some((group) => group.transferSyntaxes.includes(format.transferSyntaxUid)))
      continue;
    const key = `${format.sopClassUid} ${format.transferSyntaxUid}`;
    const instances = (counts.get(key)?.instances ?? 0) + format.instances;
    counts.set(key, { ...format, instances });
  }
  return [...counts.values()].map(({ sopClassUid, transferSyntaxUid, instances }) => ({
    code: 'TRANSFER_SYNTAX_UNSUPPORTED',
    cause: `the archive does not take ${sopClassName(sopClassUid)} in ${transferSyntax(transferSyntaxUid)?.name ?? transferSyntaxUid}: ${instances} instances`,
    remedy: `have the sending system send another transfer syntax, or add ${transferSyntaxUid} to transfer.groups of the profile when the archive takes it`,
    subject: SUBJECT.profile,
  }));
};
