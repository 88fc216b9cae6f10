import type { AeRow, AeService, CommitmentTask } from '../index-types.ts';
import type { Cell, StatementCache } from './statement-cache.ts';

const AE = `SELECT aet, host, port, tls, organisation, addresses, called_aets, services, max_sub_associations, description, certificates,
   quality_control FROM ae`;
const COMMITMENT = `SELECT id, transaction_uid, calling_aet, called_aet, references_json, requested_at, attempts, next_attempt_at, last_error
  FROM commitment`;

export function aeList(statements: StatementCache): AeRow[] {
  return statements.get(`${AE} ORDER BY aet`).all().map(aeRow);
}

export function aeByTitle(statements: StatementCache, aet: string): AeRow | undefined {
  const row = statements.get(`${AE} WHERE aet = ?`).get(aet);
  return row === undefined ? undefined : aeRow(row);
}

/** Tasks whose report has not been delivered, those due first. */
export function pendingCommitments(statements: StatementCache): CommitmentTask[] {
  return statements
    .get(`${COMMITMENT} WHERE state = 'PENDING' ORDER BY next_attempt_at, id`)
    .all()
    .map((row) => ({
      id: Number(row[0]),
      transactionUid: String(row[1]),
      callingAET: String(row[2]),
      calledAET: String(row[3]),
      references: JSON.parse(String(row[4])) as CommitmentTask['references'],
      requestedAt: Number(row[5]),
      attempts: Number(row[6]),
      nextAttemptAt: Number(row[7]),
      lastError: String(row[8]),
    }));
}

function aeRow(row: readonly Cell[]): AeRow {
  const list = (at: number): string[] => JSON.parse(String(row[at])) as string[];
  return {
    aet: String(row[0]),
    host: String(row[1]),
    port: Number(row[2]),
    tls: row[3] === 1,
    organisation: row[4] === null ? null : String(row[4]),
    addresses: list(5),
    calledAETs: list(6),
    services: list(7) as AeService[],
    maxSubAssociations: Number(row[8]),
    description: String(row[9]),
    certificates: list(10),
    qualityControl: row[11] === 1,
  };
}
