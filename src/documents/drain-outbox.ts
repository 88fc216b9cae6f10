/** Port: the index. */
export interface OutboxIndex {
  read(operation: 'documentOutbox', limit: number): Promise<string[]>;
  write(operation: 'queueReevaluate', subjects: readonly string[], at: number, actor: string): Promise<number>;
  write(operation: 'documentOutboxDone', studies: readonly string[]): Promise<void>;
}

const PAGE = 500;

/** What a finding about the documents of a study names as its subject. */
function documentsSubject(studyInstanceUid: string): string {
  return `documents:${studyInstanceUid}`;
}

/**
 * Has studies looked at again whose documents have changed. The notices were written with the documents: a crash in between loses none.
 * @returns how many studies had notices
 */
export async function drainOutbox(index: OutboxIndex, at: number): Promise<number> {
  let told = 0;
  for (;;) {
    const studies = await index.read('documentOutbox', PAGE);
    if (studies.length === 0) return told;
    await index.write('queueReevaluate', studies.map(documentsSubject), at, 'documents');
    await index.write('documentOutboxDone', studies);
    told += studies.length;
  }
}
