import { participantOf } from '../audit-actors.ts';
import type { AuditPerson } from '../audit-actors.ts';
import { EVENT, ID_TYPE, MEDIA_TYPE, ROLE } from '../audit-codes-table.ts';
import type { AuditMessage, AuditObject, CodedValue } from '../audit-message.ts';
import { patientObject, studyObjects } from './study-objects.ts';
import type { AuditedStudy } from './study-objects.ts';

/** What crossed the border of the archive by other ways than an association, and through whose hands. */
export interface MediaFacts {
  readonly at: number;
  readonly by: AuditPerson;
  /** The folder or file, as a URI. */
  readonly media: string;
  readonly objects: readonly AuditObject[];
  readonly outcome: AuditMessage['outcome'];
  readonly outcomeText?: string;
}

/** PS3.15 A.5.3.4: data were written to a medium that the archive does not rule. */
export function dataExport(facts: MediaFacts): AuditMessage {
  return { ...mediaMessage(facts, ROLE.source, ROLE.destinationMedia), event: EVENT.dataExport, action: 'R' };
}

/** PS3.15 A.5.3.5: data came from a medium that the archive does not rule. */
export function dataImport(facts: MediaFacts): AuditMessage {
  return { ...mediaMessage(facts, ROLE.destination, ROLE.sourceMedia), event: EVENT.dataImport, action: 'C' };
}

/** So many files were not taken: of whom they are is not known of what could not be read. */
export function refusedImport(at: number, by: AuditPerson, media: string, files: number): AuditMessage {
  return dataImport({
    at,
    by,
    media,
    objects: [patientObject('')],
    outcome: 8,
    outcomeText: `${files} files were refused`,
  });
}

// A message stays below what every repository takes (PS3.15 A.6).
const STUDIES_A_MESSAGE = 12;
const SOP_CLASSES_A_MESSAGE = 40;
const DOCUMENTS_A_MESSAGE = 20;

/** Studies in groups that fit into one message each; a study with very many SOP classes stands alone. */
export function studyGroups(studies: readonly AuditedStudy[]): AuditObject[][] {
  const groups: AuditedStudy[][] = [];
  let classes = 0;
  for (const study of studies) {
    const last = groups.at(-1);
    classes += study.sopClasses.length;
    if (last !== undefined && last.length < STUDIES_A_MESSAGE && classes <= SOP_CLASSES_A_MESSAGE) last.push(study);
    else {
      groups.push([study]);
      classes = study.sopClasses.length;
    }
  }
  return groups.map((group) => studyObjects(...group));
}

/** Care documents of one patient, each by its OID as a report has its number (PS3.15 A.5.1.2.4), in groups that fit into one message each. */
export function documentGroups(patientId: string, oids: readonly string[]): AuditObject[][] {
  const groups: AuditObject[][] = [];
  for (let at = 0; at < oids.length; at += DOCUMENTS_A_MESSAGE) {
    const documents = oids
      .slice(at, at + DOCUMENTS_A_MESSAGE)
      .map((id): AuditObject => ({ id, idType: ID_TYPE.reportNumber, type: '2', role: '3', name: '' }));
    groups.push([...documents, patientObject(patientId)]);
  }
  return groups;
}

function mediaMessage(
  { at, by, media, objects, outcome, outcomeText }: MediaFacts,
  role: CodedValue,
  mediaRole: CodedValue,
) {
  return {
    outcome,
    ...(outcomeText === undefined ? {} : { outcomeText }),
    at,
    participants: [
      { ...participantOf(by, true), role },
      { id: media, isRequestor: false, role: mediaRole, mediaType: MEDIA_TYPE.uri },
    ],
    objects,
  } as const;
}
