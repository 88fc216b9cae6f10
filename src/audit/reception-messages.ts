import type { AuditReception, ReceivedPart } from '../index/audit/audit-types.ts';
import type { AuditAe, AuditPerson } from './audit-actors.ts';
import type { AuditMessage } from './audit-message.ts';
import { dataImport, studyGroups } from './events/media-events.ts';
import type { AuditedStudy } from './events/study-objects.ts';
import { instancesTransferred } from './events/transfer-events.ts';
import { StudyTally } from './study-tally.ts';

/** Who brought what came, and how. Kept as JSON with what has been counted. */
export type ReceptionFacts =
  /** `destination`: we asked for it, on an association of our own. */
  | { readonly via: 'association'; readonly source: AuditAe; readonly requestor: 'source' | 'destination' }
  | { readonly via: 'media'; readonly by: AuditPerson; readonly media: string }
  /** A file that was there without a row; who had sent it was not told that it is kept. */
  | { readonly via: 'disk'; readonly source: AuditAe };

/** How a reception ended. */
export interface ReceptionEnd {
  readonly at: number;
  readonly self: AuditAe;
  /** The process ended before it did; `dropped` objects, of this or another reception, were not whole on the disk then. */
  readonly interrupted?: { readonly dropped: number };
}

/** What a reception becomes in the trail: PS3.15 A.5.3.7 and A.5.3.5. */
export function receptionMessages(
  { facts, parts }: AuditReception,
  { at, self, interrupted }: ReceptionEnd,
): AuditMessage[] {
  const from = JSON.parse(facts) as ReceptionFacts;
  if (from.via === 'media') {
    const text = interrupted === undefined ? {} : { outcomeText: 'the import was interrupted' };
    return studyGroups(studiesOf(parts)).map((objects) =>
      dataImport({ at, by: from.by, media: from.media, objects, outcome: 0, ...text }),
    );
  }
  const transfer = {
    at,
    source: from.source,
    destination: self,
    requestor: from.via === 'association' ? from.requestor : 'source',
    outcome: 0,
  } as const;
  return KINDS.flatMap(({ kind, note }) => {
    const notes = [
      note,
      interrupted === undefined ? '' : endText(interrupted),
      from.via === 'disk' ? 'taken into the index from the disk: their sender was not told that they are kept' : '',
    ].filter((each) => each !== '');
    const text = notes.length === 0 ? {} : { outcomeText: notes.join('; ') };
    // What we ask an archive for is what we have no file of.
    const had = kind === 'duplicate' && transfer.requestor === 'source';
    return studiesOf(parts.filter((part) => part.kind === kind)).map((study) =>
      instancesTransferred({ ...transfer, study, action: had ? 'R' : 'C', ...text }),
    );
  });
}

function endText({ dropped }: NonNullable<ReceptionEnd['interrupted']>): string {
  const ended = 'the node ended before the association did';
  return dropped === 0
    ? ended
    : `${ended}; ${dropped} objects that came last were not whole on the disk: they were not acknowledged and are dropped`;
}

const KINDS: readonly { readonly kind: ReceivedPart['kind']; readonly note: string }[] = [
  { kind: 'new', note: '' },
  { kind: 'duplicate', note: '' },
  { kind: 'conflict', note: 'other bytes are served under these SOP Instance UIDs, these are kept beside' },
];

function studiesOf(parts: readonly ReceivedPart[]): AuditedStudy[] {
  const tally = new StudyTally();
  for (const part of parts) tally.add(part, part.instances);
  return tally.studies();
}
