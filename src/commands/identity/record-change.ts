import { localUser } from '../../audit/audit-actors.ts';
import { identityCorrected } from '../../audit/events/identity-event.ts';
import type { Config } from '../../config/schema.ts';
import { errorCode } from '../../core/errors.ts';
import type { IdentifiedStudy, IdentityOutcome } from '../../index/identity/identity-types.ts';
import type { IndexService } from '../../index/index-service.ts';
import { CommandFailedError } from '../exit-codes.ts';
import { noteAudit } from '../note-audit.ts';
import type { Column, Output } from '../output.ts';

/** A change that the index refuses is the fault of what was asked. */
export function refused(error: unknown): never {
  if (error instanceof Error && errorCode(error).startsWith('IDENTITY_')) throw new CommandFailedError(error.message);
  throw error;
}

/** What the change, or its undoing, did is in the audit trail when this resolves: of each study both patients. */
export async function auditIdentity(
  index: Pick<IndexService, 'write'>,
  config: Config,
  { changeId, studies }: IdentityOutcome,
  what: string,
): Promise<void> {
  const facts = { at: Date.now(), by: localUser(), why: `${what} (change ${changeId})` };
  const messages = studies.map(({ studyInstanceUid, before, after }) =>
    identityCorrected({ ...facts, studyInstanceUid, before: before.patientId, after: after.patientId }),
  );
  await noteAudit(index, config, ...messages);
}

const COLUMNS: readonly Column<IdentifiedStudy & { readonly change: number }>[] = [
  { title: 'change', value: ({ change }) => change },
  { title: 'study', value: (study) => study.studyInstanceUid },
  { title: 'was', value: (study) => idText(study.before) },
  { title: 'is', value: (study) => idText(study.after) },
];

/** What has become of the studies, and what is left to do at an archive. */
export function tellOutcome(out: Output, outcome: IdentityOutcome): void {
  const { changeId, isRepeat, studies } = outcome;
  if (out.json) return out.record({ change: changeId, isRepeat, studies }, {});
  if (isRepeat) out.say(`this was said before, as change ${changeId}`);
  out.list(
    studies.map((study) => ({ change: changeId, ...study })),
    COLUMNS,
    `change ${changeId}: no study was changed by it`,
  );
  tellArchived(out, studies);
}

export function tellArchived(out: Output, studies: readonly IdentifiedStudy[]): void {
  for (const { studyInstanceUid, isSentAsOther } of studies) {
    if (isSentAsOther)
      out.say(
        `an archive was sent ${studyInstanceUid} under another patient: have it corrected or withdrawn there, then: kuva queue confirm ${studyInstanceUid}`,
      );
  }
}

function idText({ patientId, issuer }: IdentifiedStudy['before']): string {
  const id = patientId === '' ? '(none)' : patientId;
  return issuer === '' ? id : `${id} (${issuer})`;
}
