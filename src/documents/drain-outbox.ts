import type { ReconcileRules, StudyDocuments } from '../index/documents/document-types.ts';
import type { QueuedRecheck } from '../index/readiness/readiness-types.ts';

/** Port: the index. */
export interface OutboxIndex {
  read(operation: 'documentOutbox', limit: number): Promise<string[]>;
  read(operation: 'documentCounts', studyInstanceUid: string): Promise<StudyDocuments>;
  write(operation: 'documentReconcile', studies: readonly string[], rules: ReconcileRules, at: number): Promise<void>;
  write(operation: 'queueReevaluate', subjects: readonly string[], at: number, actor: string): Promise<number>;
  write(operation: 'readinessRecheckQueued', which: QueuedRecheck, at: number, actor: string): Promise<number>;
  write(
    operation: 'queueCompleteNow',
    studyInstanceUid: string,
    at: number,
    actor: string,
    reason: string,
  ): Promise<boolean>;
  write(operation: 'documentOutboxDone', studies: readonly string[]): Promise<void>;
}

const PAGE = 500;
const ACTOR = 'documents';

/** What a finding about the documents of a study names as its subject. */
export function documentsSubject(studyInstanceUid: string): string {
  return `documents:${studyInstanceUid}`;
}

/**
 * Has studies looked at again whose documents have changed; those that wait to be sent as well, since a document may have been taken back.
 * The examination entry is written when the examination is done, so that a study which has it need not be quiet for long. The notices
 * were written with the documents: a crash in between loses none.
 * @returns how many studies had notices
 */
export async function drainOutbox(index: OutboxIndex, rules: ReconcileRules, at: number): Promise<number> {
  let told = 0;
  for (;;) {
    const studies = await index.read('documentOutbox', PAGE);
    if (studies.length === 0) return told;
    await index.write('documentReconcile', studies, rules, at);
    for (const uid of studies) {
      const { entry } = await index.read('documentCounts', uid);
      if (entry > 0) await index.write('queueCompleteNow', uid, at, ACTOR, 'the examination entry has come');
    }
    await index.write('queueReevaluate', studies.map(documentsSubject), at, ACTOR);
    await index.write('readinessRecheckQueued', { kind: 'studies', studies }, at, ACTOR);
    await index.write('documentOutboxDone', studies);
    told += studies.length;
  }
}
