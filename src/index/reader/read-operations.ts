import * as reconcile from '../documents/reconcile-reads.ts';
import * as search from '../search/search-reads.ts';
import * as priors from '../priors/prior-reads.ts';
import * as documents from '../documents/document-reads.ts';
import * as disclosure from '../disclosure/disclosure-reads.ts';
import * as custody from '../egress/custody-reads.ts';
import * as forecast from '../egress/forecast-reads.ts';
import * as held from '../egress/held-reads.ts';
import * as queueListing from '../egress/queue-listing-reads.ts';
import * as queueNotes from '../egress/note-reads.ts';
import * as queue from '../egress/queue-reads.ts';
import * as dose from '../dose/dose-reads.ts';
import * as identities from '../identity/identity-reads.ts';
import * as guests from '../guests/guest-reads.ts';
import * as eviction from '../eviction/eviction-reads.ts';
import * as nomenclature from '../nomenclature/nomenclature-reads.ts';
import * as readinessState from '../readiness/readiness-state-reads.ts';
import * as readiness from '../readiness/study-facts-reads.ts';
import * as archiveAsked from '../reconcile/reconcile-reads.ts';
import * as nationalRegisters from '../registers/register-reads.ts';
import * as accessLog from '../access-log/access-log-reads.ts';
import * as citizen from '../citizen/citizen-reads.ts';
import * as audit from '../audit/audit-reads.ts';
import * as logCheck from '../access-log/log-check-reads.ts';
import * as listings from './listings.ts';
import * as rejections from '../rejections/rejection-reads.ts';
import * as rebuild from '../rebuild/rebuild-reads.ts';
import * as registers from './register-reads.ts';
import * as selectedStudies from './selected-studies.ts';
import type { StatementCache } from './statement-cache.ts';

/** Questions that one answer settles. */
export const READ_OPERATIONS = {
  ...listings,
  ...registers,
  ...rejections,
  ...queue,
  ...queueNotes,
  ...queueListing,
  ...held,
  ...forecast,
  ...custody,
  ...dose,
  ...guests,
  ...identities,
  ...eviction,
  ...archiveAsked,
  ...nationalRegisters,
  ...nomenclature,
  ...readiness,
  ...readinessState,
  ...documents,
  ...priors,
  ...search,
  ...reconcile,
  ...accessLog,
  ...logCheck,
  ...disclosure,
  ...audit,
  ...citizen,
  ...rebuild,
  ...selectedStudies,
} as const;

type Operations = typeof READ_OPERATIONS;
export type ReadOperation = keyof Operations;
export type ReadArguments<Name extends ReadOperation> = Operations[Name] extends (
  statements: StatementCache,
  ...args: infer Args
) => unknown
  ? Args
  : never;
export type ReadResult<Name extends ReadOperation> = ReturnType<Operations[Name]>;
