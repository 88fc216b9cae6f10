import type { FindRow } from '../matching/find-query.ts';
import { requiredTag } from '../matching/key-table.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import { disclosedStudies, willRows } from './disclosure-reads.ts';
import { encodeFacts } from './facts-codec.ts';
import type { EncodedFacts } from './facts-codec.ts';
import { registeredId } from './registered-id.ts';

const STUDY_INSTANCE_UID = requiredTag('StudyInstanceUID');

/** Looks up, beside the rows of one query, what deciding about them needs: each study and each patient once. */
export class FactsReader {
  readonly #statements: StatementCache;
  readonly #studies = new Set<string>();
  readonly #patients = new Set<string>();

  readonly #wills: boolean;

  constructor(statements: StatementCache, wills: boolean) {
    this.#statements = statements;
    this.#wills = wills;
  }

  of(rows: readonly FindRow[]): EncodedFacts {
    const uids = rows.map((row) => row[STUDY_INSTANCE_UID]).filter((uid) => typeof uid === 'string');
    const fresh = [...new Set(uids)].filter((uid) => !this.#studies.has(uid));
    for (const uid of fresh) this.#studies.add(uid);
    const studies = disclosedStudies(this.#statements, fresh);
    if (!this.#wills) return encodeFacts(studies, []);
    const patients = [...new Set(studies.map(({ patientId }) => registeredId(patientId)))];
    const unknown = patients.filter((id) => !this.#patients.has(id));
    for (const id of unknown) this.#patients.add(id);
    return encodeFacts(
      studies,
      unknown.map((id) => [id, willRows(this.#statements, id)]),
    );
  }
}
