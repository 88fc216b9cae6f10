import type { FindRow } from '../matching/find-query.ts';
import { requiredTag } from '../matching/key-table.ts';
import type { StatementCache } from '../reader/statement-cache.ts';
import { disclosureOfStudies } from './disclosure-reads.ts';
import type { DisclosureFacts } from './disclosure-types.ts';

const STUDY_INSTANCE_UID = requiredTag('StudyInstanceUID');

/** Looks up, beside the rows of one query, what deciding about them needs: each study and each patient once. */
export class FactsReader {
  readonly #statements: StatementCache;
  readonly #studies = new Set<string>();
  readonly #patients = new Set<string>();

  constructor(statements: StatementCache) {
    this.#statements = statements;
  }

  of(rows: readonly FindRow[]): DisclosureFacts {
    const uids = rows.map((row) => row[STUDY_INSTANCE_UID]).filter((uid) => typeof uid === 'string');
    const fresh = [...new Set(uids)].filter((uid) => !this.#studies.has(uid));
    for (const uid of fresh) this.#studies.add(uid);
    const facts = disclosureOfStudies(this.#statements, fresh, [...this.#patients]);
    for (const [id] of facts.wills) this.#patients.add(id);
    return facts;
  }
}
